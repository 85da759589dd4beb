// linux_socket.h: Unix stream sockets: who is at the other end, and descriptors that travel.
#ifndef FX_LINUX_SOCKET_H
#define FX_LINUX_SOCKET_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { FX_DESCRIPTORS_LIMIT = 16 };

/// The longest path a Unix socket may have.
static inline int fx_unix_path_limit(void) {
    return (int)sizeof(((struct sockaddr_un *)0)->sun_path) - 1;
}

static inline int fx_unix_socket(int nonblocking) {
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | (nonblocking ? SOCK_NONBLOCK : 0), 0);
}

/// Binds (1) or connects (0) the socket to a path.
static inline int fx_unix_name(int fd, const char *_Nonnull path, int bind_it) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if (length >= sizeof(address.sun_path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(address.sun_path, path, length + 1);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + 1);
    return bind_it ? bind(fd, (struct sockaddr *)&address, size)
                   : connect(fd, (struct sockaddr *)&address, size);
}

static inline int fx_unix_accept(int fd) { return accept4(fd, NULL, NULL, SOCK_CLOEXEC); }

/// Who connected, or who listens, as the kernel knows it.
static inline int fx_peer(
    int fd, int32_t *_Nonnull pid, uint32_t *_Nonnull uid, uint32_t *_Nonnull gid) {
    struct ucred peer;
    socklen_t size = sizeof(peer);
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return -1;
    *pid = peer.pid;
    *uid = peer.uid;
    *gid = peer.gid;
    return 0;
}

/// Limits how long one send or receive may block; 0: no limit.
static inline int fx_socket_timeout(int fd, int64_t nanoseconds) {
    struct timeval limit = {nanoseconds / 1000000000, nanoseconds % 1000000000 / 1000};
    if (nanoseconds > 0 && limit.tv_sec == 0 && limit.tv_usec == 0) limit.tv_usec = 1;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) != 0) return -1;
    return setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
}

union fx_control {
    struct cmsghdr head;
    char bytes[CMSG_SPACE(FX_DESCRIPTORS_LIMIT * sizeof(int))];
};

/// Sends some of the bytes, with up to FX_DESCRIPTORS_LIMIT descriptors; the descriptors go with the first byte.
static inline ssize_t fx_send(
    int fd, const void *_Nonnull bytes, size_t size, const int *_Nullable descriptors, int count) {
    struct iovec part = {(void *)bytes, size};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    union fx_control control;
    if (count < 0 || count > FX_DESCRIPTORS_LIMIT) {
        errno = EINVAL;
        return -1;
    }
    if (count > 0) {
        size_t payload = (size_t)count * sizeof(int);
        memset(&control, 0, sizeof(control));
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(payload);
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(payload);
        memcpy(CMSG_DATA(head), descriptors, payload);
    }
    return sendmsg(fd, &message, MSG_NOSIGNAL);
}

/// Receives up to `size` bytes and the descriptors that came with them (at most `capacity`; others are closed).
static inline ssize_t fx_receive(
    int fd, void *_Nonnull bytes, size_t size, int *_Nonnull descriptors, int capacity,
    int *_Nonnull count, int dont_wait) {
    struct iovec part = {bytes, size};
    union fx_control control;
    struct msghdr message = {
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = sizeof(control.bytes),
    };
    *count = 0;
    ssize_t received = recvmsg(fd, &message, MSG_CMSG_CLOEXEC | (dont_wait ? MSG_DONTWAIT : 0));
    if (received < 0) return received;
    for (struct cmsghdr *head = CMSG_FIRSTHDR(&message); head != NULL;
         head = CMSG_NXTHDR(&message, head)) {
        if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS) continue;
        size_t arrived = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < arrived; i++) {
            int one;
            memcpy(&one, CMSG_DATA(head) + i * sizeof(int), sizeof(int));
            if (*count < capacity)
                descriptors[(*count)++] = one;
            else
                close(one);
        }
    }
    return received;
}

#endif
