// clinux.c: see the header. Compiled with _GNU_SOURCE, which the header must not need: Swift reads
// it beside glibc's own module, and the two must agree on every structure.
#include "clinux.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int cl_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

int cl_epoll_add(int epoll, int fd, uint64_t token) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP, .data = {.u64 = token}};
    return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

int cl_epoll_remove(int epoll, int fd) {
    return epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL);
}

/// Fills `tokens` with what is ready; `timeout_ns` < 0 waits for ever.
int cl_epoll_wait(int epoll, uint64_t *tokens, int capacity, int64_t timeout_ns) {
    struct epoll_event events[64];
    if (capacity > 64) capacity = 64;
    struct timespec timeout = {timeout_ns / 1000000000, timeout_ns % 1000000000};
#ifdef SYS_epoll_pwait2
    int count = (int)syscall(
        SYS_epoll_pwait2, epoll, events, capacity, timeout_ns < 0 ? NULL : &timeout, NULL, 0);
    if (count < 0 && errno == ENOSYS)
#else
    int count;
#endif
        count = epoll_wait(
            epoll, events, capacity, timeout_ns < 0 ? -1 : (int)((timeout_ns + 999999) / 1000000));
    for (int i = 0; i < count; i++) tokens[i] = events[i].data.u64;
    return count;
}

int cl_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

int cl_memfd(const char *name) {
    return memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
}

/// Nobody can make the file smaller (which would kill its readers) or larger from here on.
int cl_seal_size(int fd) {
    return fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
}

int cl_accept(int socket) { return accept4(socket, NULL, NULL, SOCK_CLOEXEC); }

/// The process and user at the other end of a connected Unix socket.
int cl_peer(int socket, int32_t *pid, uint32_t *user) {
    struct ucred peer;
    socklen_t length = sizeof peer;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return -1;
    *pid = peer.pid;
    *user = peer.uid;
    return 0;
}

int cl_peer_has_group(int socket, uint32_t group) {
    struct ucred peer;
    socklen_t length = sizeof peer;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return 0;
    if (peer.gid == group) return 1;
    length = 0;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, NULL, &length) == 0 || errno != ERANGE)
        return 0;
    gid_t *groups = malloc(length);
    int found = 0;
    if (groups != NULL && getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups, &length) == 0)
        for (size_t i = 0; i < length / sizeof *groups; i++) found |= groups[i] == group;
    free(groups);
    return found;
}

int cl_group_id(const char *name, uint32_t *group) {
    char space[16384];
    struct group entry, *found = NULL;
    errno = getgrnam_r(name, &entry, space, sizeof space, &found);
    if (found == NULL) {
        if (errno == 0) errno = ENOENT;
        return -1;
    }
    *group = entry.gr_gid;
    return 0;
}

long cl_raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return -1;
    rlim_t before = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max;
    return (long)(setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : before);
}

int cl_send_datagram(const char *path, const void *bytes, size_t count) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(address.sun_path, path, length);
    if (path[0] == '@') address.sun_path[0] = 0;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    ssize_t sent = sendto(
        fd, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT, (const struct sockaddr *)&address, size);
    int error = errno;
    close(fd);
    errno = error;
    return sent == (ssize_t)count ? 0 : -1;
}

/// Sends bytes with descriptors; returns what sendmsg does.
ssize_t cl_send(
    int socket, const void *bytes, size_t count, const int *descriptors, int descriptor_count) {
    struct iovec part = {(void *)bytes, count};
    union {
        struct cmsghdr align;
        char space[CMSG_SPACE(sizeof(int) * CL_DESCRIPTORS_MAX)];
    } control;
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (descriptor_count > 0) {
        size_t size = sizeof(int) * (size_t)descriptor_count;
        message.msg_control = control.space;
        message.msg_controllen = CMSG_SPACE(size);
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(size);
        memcpy(CMSG_DATA(head), descriptors, size);
    }
    return sendmsg(socket, &message, MSG_NOSIGNAL);
}

long cl_futex_wake(uint32_t *word, int count) {
    return syscall(SYS_futex, word, FUTEX_WAKE, count, NULL, NULL, 0);
}

long cl_futex_wait(uint32_t *word, uint32_t value, int64_t timeout_ns) {
    struct timespec timeout = {timeout_ns / 1000000000, timeout_ns % 1000000000};
    return syscall(SYS_futex, word, FUTEX_WAIT, value, timeout_ns < 0 ? NULL : &timeout, NULL, 0);
}

int cl_gettid(void) { return (int)syscall(SYS_gettid); }

int64_t cl_monotonic_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

int64_t cl_wall_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

void cl_pause(void) {
    for (int i = 0; i < 16; i++) {
#if defined(__x86_64__)
        __builtin_ia32_pause();
#else
        __asm__ volatile("yield");
#endif
    }
}

void cl_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

/// A descriptor that reads as the signals of `signals` (0-terminated), which are blocked for the calling thread
/// and those it makes.
int cl_signalfd(const int *signals) {
    sigset_t set;
    sigemptyset(&set);
    for (; *signals; signals++) sigaddset(&set, *signals);
    if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0) return -1;
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/// The next signal of such a descriptor, or 0.
int cl_signal_read(int fd) {
    struct signalfd_siginfo info;
    return read(fd, &info, sizeof info) == (ssize_t)sizeof info ? (int)info.ssi_signo : 0;
}

int cl_signal_read_from(int fd, int32_t *sender) {
    struct signalfd_siginfo info;
    if (read(fd, &info, sizeof info) != (ssize_t)sizeof info) return 0;
    *sender = info.ssi_code == SI_KERNEL ? 0 : (int32_t)info.ssi_pid;
    return (int)info.ssi_signo;
}

void cl_become(const char *program, char *const arguments[], char *const environment[]) {
    for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, NULL);
    execvpe(program, arguments, environment);
}

int cl_pidfd_open(int pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int cl_parent_death_signal(int signal) { return prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0); }

int cl_exited(int status) { return WIFEXITED(status); }
int cl_exit_code(int status) { return WEXITSTATUS(status); }
int cl_signalled(int status) { return WIFSIGNALED(status); }
int cl_signal(int status) { return WTERMSIG(status); }

/// Two names change places, as one step.
int cl_exchange(const char *path, const char *other) {
    return renameat2(AT_FDCWD, path, AT_FDCWD, other, RENAME_EXCHANGE);
}

int cl_lock(int fd) { return flock(fd, LOCK_EX | LOCK_NB); }

/// Reports when a file of the folder was written or renamed over.
int cl_watch_folder(const char *path) {
    int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (fd < 0) return -1;
    if (inotify_add_watch(fd, path, IN_CLOSE_WRITE | IN_MOVED_TO) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

int cl_unix_socket(void) { return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0); }

/// 0, or −1 with errno; ENAMETOOLONG for a path that does not fit.
int cl_unix_address(const char *path, int socket, int connecting) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(address.sun_path, path);
    struct sockaddr *general = (struct sockaddr *)&address;
    return connecting ? connect(socket, general, sizeof address)
                      : bind(socket, general, sizeof address);
}

long cl_timer_slack(unsigned long nanoseconds) {
    long before = prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0);
    prctl(PR_SET_TIMERSLACK, nanoseconds, 0, 0, 0);
    return before;
}
