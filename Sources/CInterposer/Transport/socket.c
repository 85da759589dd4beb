#include "socket.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "system.h"

int fx_socket_connect(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if (length >= sizeof(address.sun_path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(address.sun_path, path, length + 1);
    int socket_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (socket_fd < 0) return -1;
    // Non-blocking: a daemon whose queue is full answers EAGAIN here instead of holding the
    // program.
    if (connect(socket_fd, (struct sockaddr *)&address, sizeof(address)) == 0) return socket_fd;
    int error = errno;
    close(socket_fd);
    errno = error;
    return -1;
}

/// Waits until the socket is ready for `events` or the deadline has passed. Not a cancellation
/// point.
static int wait_ready(int socket_fd, short events, int64_t deadline) {
    for (;;) {
        int64_t left = deadline - fx_milliseconds();
        if (left <= 0) {
            errno = ETIMEDOUT;
            return -1;
        }
        struct pollfd one = {.fd = socket_fd, .events = events};
        struct timespec limit = {left / 1000, left % 1000 * 1000000};
        long ready = syscall(SYS_ppoll, &one, 1, &limit, NULL, 0);
        if (ready > 0) return 0;
        if (ready < 0 && errno != EINTR) return -1;
    }
}

int fx_socket_send(int socket_fd, const void *bytes, size_t count, int64_t deadline) {
    const char *next = bytes;
    while (count > 0) {
        ssize_t sent = send(socket_fd, next, count, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) {
            next += sent;
            count -= (size_t)sent;
        } else if (errno == EAGAIN) {
            if (wait_ready(socket_fd, POLLOUT, deadline) != 0) return -1;
        } else if (errno != EINTR) {
            return -1;
        }
    }
    return 0;
}

/// Stores the descriptors of a message and closes what is too many.
static void take_descriptors(struct msghdr *message, int *descriptors, unsigned limit) {
    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part; part = CMSG_NXTHDR(message, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
        unsigned count = (unsigned)((part->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        for (unsigned i = 0; i < count; i++) {
            int descriptor;
            memcpy(&descriptor, CMSG_DATA(part) + i * sizeof(int), sizeof(int));
            unsigned place = 0;
            while (place < limit && descriptors[place] >= 0) place++;
            if (place < limit)
                descriptors[place] = descriptor;
            else
                close(descriptor);
        }
    }
}

int fx_socket_receive(
    int socket_fd, void *bytes, size_t count, int *descriptors, unsigned limit, int64_t deadline) {
    char *next = bytes;
    for (unsigned i = 0; i < limit; i++) descriptors[i] = -1;
    while (count > 0) {
        union {
            struct cmsghdr align;
            char bytes[CMSG_SPACE(8 * sizeof(int))];
        } control;
        struct iovec part = {next, count};
        struct msghdr message = {
            .msg_iov = &part,
            .msg_iovlen = 1,
            .msg_control = control.bytes,
            .msg_controllen = sizeof(control.bytes),
        };
        ssize_t got = recvmsg(socket_fd, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
        if (got > 0) {
            take_descriptors(&message, descriptors, limit);
            next += got;
            count -= (size_t)got;
            continue;
        }
        if (got == 0) errno = ECONNRESET;
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && errno == EAGAIN && wait_ready(socket_fd, POLLIN, deadline) == 0) continue;
        int error = errno;
        fx_descriptors_close(descriptors, limit);
        errno = error;
        return -1;
    }
    return 0;
}

int fx_socket_hung_up(int socket_fd) {
    struct pollfd one = {.fd = socket_fd, .events = POLLRDHUP};
    struct timespec none = {0, 0};
    long ready = syscall(SYS_ppoll, &one, 1, &none, NULL, 0);
    return ready > 0 && (one.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) != 0;
}

void fx_descriptors_close(int *descriptors, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        if (descriptors[i] >= 0) close(descriptors[i]);
        descriptors[i] = -1;
    }
}
