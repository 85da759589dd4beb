// linux_events.h: descriptors that become readable, and waiting for many of them.
#ifndef FX_LINUX_EVENTS_H
#define FX_LINUX_EVENTS_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static inline int fx_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

/// `operation` is 1 (add), 2 (delete) or 3 (modify), as EPOLL_CTL_*.
static inline int fx_epoll_control(int epoll, int operation, int fd, uint32_t events, uint64_t token) {
    struct epoll_event event = {.events = events, .data.u64 = token};
    return epoll_ctl(epoll, operation, fd, &event);
}

/// Waits at most `nanoseconds` (negative: without limit). Kernels before 5.11 wait in whole milliseconds.
static inline int fx_epoll_wait(
    int epoll, struct epoll_event *_Nonnull events, int capacity, int64_t nanoseconds) {
#ifdef SYS_epoll_pwait2
    struct timespec limit = {nanoseconds / 1000000000, nanoseconds % 1000000000};
    int count = (int)syscall(
        SYS_epoll_pwait2, epoll, events, capacity, nanoseconds < 0 ? NULL : &limit, NULL, 0);
    if (count >= 0 || errno != ENOSYS) return count;
#endif
    int64_t milliseconds = nanoseconds < 0 ? -1 : (nanoseconds + 999999) / 1000000;
    return epoll_wait(
        epoll, events, capacity, milliseconds > INT32_MAX ? INT32_MAX : (int)milliseconds);
}

/// The fields of a (packed) epoll_event.
static inline uint32_t fx_epoll_events(const struct epoll_event *_Nonnull event) {
    return event->events;
}
static inline uint64_t fx_epoll_token(const struct epoll_event *_Nonnull event) {
    return event->data.u64;
}

static inline int fx_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

/// Blocks the signals in this thread and in those it starts, and returns a descriptor that delivers them.
static inline int fx_signalfd(const int *_Nonnull signals, int count) {
    sigset_t set;
    sigemptyset(&set);
    for (int i = 0; i < count; i++) sigaddset(&set, signals[i]);
    int error = pthread_sigmask(SIG_BLOCK, &set, NULL);
    if (error != 0) {
        errno = error;
        return -1;
    }
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/// The next signal, or 0 where there is none now. `sender` is its process, 0 for the kernel (a terminal's keys).
static inline int fx_signalfd_read(int fd, int *_Nonnull sender) {
    struct signalfd_siginfo info;
    ssize_t size = read(fd, &info, sizeof(info));
    if (size != (ssize_t)sizeof(info)) return size < 0 && errno != EAGAIN ? -1 : 0;
    *sender = info.ssi_code == SI_KERNEL ? 0 : (int)info.ssi_pid;
    return (int)info.ssi_signo;
}

/// What poll says of one descriptor: its revents, 0 after the time limit, or -1.
static inline int fx_poll(int fd, int events, int milliseconds) {
    struct pollfd item = {.fd = fd, .events = (short)events};
    int count = poll(&item, 1, milliseconds);
    return count <= 0 ? count : item.revents;
}

static inline int fx_poll_hangup(void) { return POLLRDHUP | POLLHUP | POLLERR; }

#endif
