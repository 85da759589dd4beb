// What the files of the fake daemon share.
#ifndef FAKE_DAEMON_H
#define FAKE_DAEMON_H

#include <stdint.h>
#include <stdio.h>

#include "flexnpu_functions.h"
#include "flexnpu_wire.h"

enum { session_limit = 64, ring_limit = 512, block_limit = 4096, device_count = 2 };
enum { handle_limit = 2048 };

/// What the daemon knows of a handle: which one has the index now, and its device.
struct object {
    uint64_t handle;
    int32_t device;
    uint64_t context;  // of a stream
    uint64_t records;  // of an event: the highest number
};
struct ring {
    struct fx_ring *head;
    uint64_t position;
    uint64_t known, limit;   // tails at the first and the second look of a pass
    uint32_t finished;
    unsigned untold;         // records whose space was not given back yet
    uint64_t waiting_until;  // a wait for a stream that never finishes: when it ends, in ms; 0: none
    uint32_t waiting_sequence;
};
struct block {
    uint8_t *memory;
    uint64_t bytes;
};
/// A plan: its function and the first extent of its first tensor.
struct plan {
    uint16_t function;
    int64_t rows;
    uint32_t bytes;
};
struct session {
    int socket, doorbell, mode;
    struct fx_session_page *page;
    uint8_t *staging;
    struct ring rings[ring_limit];
    unsigned ring_count;
    struct block device[block_limit], host[block_limit];
    uint64_t stuck[64];
    unsigned device_blocks, host_blocks, stuck_count, handled;
    struct object contexts[handle_limit], streams[handle_limit], events[handle_limit];
    struct plan plans[FX_PLAN_LIMIT];
    uint32_t plan_limit;
    uint64_t plan_asks, kernels, last_limits, last_number;
};

extern FILE *dump;
extern int wild;

int64_t now_ms(void);
void wake(uint32_t *word);
void answer(
    struct ring *ring, uint32_t sequence, int32_t status, uint64_t word0, uint64_t word1,
    const void *bytes, uint32_t count);
/// Takes what the rings hold, in the order in which the program made the calls. 1: there was something.
int take_records(struct session *session);
/// Does what a record asks for.
void handle(struct session *session, struct ring *ring, const struct fx_record *record);
/// Holds a record against the table of verbs, and its handles against what is alive: ends the daemon, with a
/// message, where one is wrong.
void check_record(struct session *session, const struct ring *ring, const struct fx_record *record);

#endif
