// connect.h: the handshake.
#ifndef FX_CONNECT_H
#define FX_CONNECT_H

#include "flexnpu_wire.h"

/// What a handshake brings.
struct fx_connection {
    int socket;
    int doorbell;
    int page;     // descriptors of shared memory, not mapped yet
    int staging;
    struct fx_welcome welcome;
};

/// Connects to the daemon that FLEXNPU_SOCKET names and says hello. 0, or −1 and `why` says what is
/// wrong and what to do about it. errno is ENOENT or ECONNREFUSED where nobody listens.
int fx_connect(
    struct fx_connection *connection, uint32_t mode, int64_t deadline, char *why, size_t why_bytes);

#endif
