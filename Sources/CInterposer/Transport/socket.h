// socket.h: bytes and descriptors over the Unix socket, each with a deadline (milliseconds of
// fx_milliseconds).
#ifndef FX_SOCKET_H
#define FX_SOCKET_H

#include <stddef.h>
#include <stdint.h>

/// A connected, non-blocking socket, or −1 with errno.
int fx_socket_connect(const char *path);
/// 0, or −1 with errno (ETIMEDOUT; ECONNRESET where the peer is gone).
int fx_socket_send(int socket, const void *bytes, size_t count, int64_t deadline);
/// Reads exactly `count` bytes; descriptors that come with them are stored, the rest of the array
/// is −1.
int fx_socket_receive(
    int socket, void *bytes, size_t count, int *descriptors, unsigned limit, int64_t deadline);
/// Whether the peer has hung up.
int fx_socket_hung_up(int socket);
void fx_descriptors_close(int *descriptors, unsigned count);

#endif
