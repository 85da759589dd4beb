// ring.h: writing records into the thread's ring.
#ifndef FX_RING_H
#define FX_RING_H

#include "thread.h"

/// A record to be. Pointers are read while it is written and not kept.
struct fx_call {
    uint16_t function;
    uint8_t verb;
    uint8_t flags;
    int32_t result;
    uint64_t enter;
    uint64_t duration;
    uint64_t stream;
    const uint64_t *words;
    const uint64_t *operands;
    const void *bytes;
    uint32_t word_count;
    uint32_t operand_count;
    uint64_t byte_count;
};

/// A literal list of words or operands: `.words = FX_LIST(a, b)`, with the count beside it.
#define FX_LIST(...) ((const uint64_t[]){__VA_ARGS__})
#define FX_COUNT(...) ((uint32_t)(sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t)))
#define FX_WORDS(...) .words = FX_LIST(__VA_ARGS__), .word_count = FX_COUNT(__VA_ARGS__)
#define FX_OPERANDS(...) .operands = FX_LIST(__VA_ARGS__), .operand_count = FX_COUNT(__VA_ARGS__)

/// Room for a record of `size` bytes (a multiple of 8), or NULL where the ring is full. A padding
/// record fills the end of the ring where the record would wrap.
uint8_t *fx_ring_room(struct fx_thread *self, uint32_t size);

/// Hands the record over which was written into that room.
void fx_ring_publish(struct fx_thread *self, uint32_t size);

/// Counts a record that could not be written.
void fx_ring_drop(struct fx_thread *self);

/// Writes the record, waiting for space while the daemon lives. 0 or an error with its message. The
/// record's sequence is then `self->sequence`.
int32_t fx_send(struct fx_thread *self, const struct fx_call *call);

#endif
