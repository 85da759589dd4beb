// clinux.h: what Linux offers and `import Glibc` lacks, as the thinnest functions there can be. Each is its
// system call: results and errno are the kernel's.
#ifndef CLINUX_H
#define CLINUX_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// Descriptors that one message may carry.
#define CL_DESCRIPTORS_MAX 4

int cl_epoll_create(void);
int cl_epoll_add(int epoll, int fd, uint64_t token);
int cl_epoll_remove(int epoll, int fd);
/// Fills `tokens` with what is ready; `timeout_ns` < 0 waits for ever.
int cl_epoll_wait(int epoll, uint64_t *tokens, int capacity, int64_t timeout_ns);
int cl_eventfd(void);
int cl_memfd(const char *name);
/// Nobody can make the file smaller (which would kill its readers) or larger from here on.
int cl_seal_size(int fd);
int cl_accept(int socket);
/// The process and user at the other end of a connected Unix socket.
int cl_peer(int socket, int32_t *pid, uint32_t *user);
/// Whether the process at the other end has the group, as its own or beside it: 1 or 0.
int cl_peer_has_group(int socket, uint32_t group);
/// The number of the group of that name: 0, or −1 with errno; ENOENT where there is none.
int cl_group_id(const char *name, uint32_t *group);
/// Lets this process open as many descriptors as it may; returns how many that are.
long cl_raise_descriptor_limit(void);
/// One datagram to a Unix socket, whose name begins with @ where it is no file: 0, or −1 with errno.
int cl_send_datagram(const char *path, const void *bytes, size_t count);
/// Sends bytes with descriptors; returns what sendmsg does.
ssize_t cl_send( int socket, const void *bytes, size_t count, const int *descriptors, int descriptor_count);
long cl_futex_wake(uint32_t *word, int count);
long cl_futex_wait(uint32_t *word, uint32_t value, int64_t timeout_ns);
int cl_gettid(void);
int64_t cl_monotonic_ns(void);
/// Nanoseconds since 1970.
int64_t cl_wall_ns(void);
/// Lets some hundred nanoseconds pass without giving the processor up.
void cl_pause(void);
/// How late the calling thread's timers may be, in nanoseconds, from now on; returns how late they might before.
long cl_timer_slack(unsigned long nanoseconds);
void cl_name_thread(const char *name);
/// A descriptor that reads as the signals of `signals` (0-terminated), which are blocked for the calling thread
/// and those it makes.
int cl_signalfd(const int *signals);
/// The next signal of such a descriptor, or 0.
int cl_signal_read(int fd);
/// The same, and who sent it: 0 where the kernel did, as for a terminal's keys.
int cl_signal_read_from(int fd, int32_t *sender);
/// Puts a program in this process's place, with no signal ignored or blocked. A name without a slash
/// is looked up in this process's PATH. Returns only where it fails, with errno.
void cl_become(const char *program, char *const arguments[], char *const environment[]);
int cl_pidfd_open(int pid);
/// This process gets `signal` when the thread that started it ends.
int cl_parent_death_signal(int signal);
int cl_exited(int status);
int cl_exit_code(int status);
int cl_signalled(int status);
int cl_signal(int status);
int cl_lock(int fd);
int cl_exchange(const char *path, const char *other);
/// Reports when a file of the folder was written or renamed over.
int cl_watch_folder(const char *path);
int cl_unix_socket(void);
/// 0, or −1 with errno; ENAMETOOLONG for a path that does not fit.
int cl_unix_address(const char *path, int socket, int connecting);

/// The processor's time stamp counter, as the interposer reads it.
static inline uint64_t cl_ticks(void) {
#if defined(__x86_64__)
    return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
    uint64_t ticks;
    __asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(ticks));
    return ticks;
#endif
}

/// A pause in a spin loop.
static inline void cl_relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

#endif
