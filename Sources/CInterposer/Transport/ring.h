// ring.h: writing records into the thread's ring.
#ifndef FX_RING_H
#define FX_RING_H

#include "thread.h"

/// A call to be told of. Pointers are read while its record is written and not kept.
struct fx_call {
    uint16_t function;
    uint8_t flags;
    int32_t result;  // of a call that was answered here
    uint64_t stream;
    const uint64_t *words;
    uint32_t word_count;
    const void *bytes;
    uint64_t byte_count;
};

/// What the daemon is to do about it, in two pieces. Filled in by Generated/senders.h alone.
struct fx_operands {
    uint8_t verb;
    uint32_t count, value_count;
    const uint64_t *words, *values;
};

/// A literal list of words, with its count: `FX_WORDS(a, b)` in a fx_call.
#define FX_LIST(...) ((const uint64_t[]){__VA_ARGS__})
#define FX_COUNT(...) ((uint32_t)(sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t)))
#define FX_WORDS(...) .words = FX_LIST(__VA_ARGS__), .word_count = FX_COUNT(__VA_ARGS__)

/// Room for a record of `size` bytes (a multiple of 8), or NULL where the ring is full. A padding
/// record fills the end of the ring where the record would wrap.
uint8_t *fx_ring_room(struct fx_thread *self, uint32_t size);

/// Hands the record over which was written into that room.
void fx_ring_publish(struct fx_thread *self, uint32_t size);

/// Counts a record that could not be written.
void fx_ring_drop(struct fx_thread *self);

/// Writes the record, waiting for space while the daemon lives. 0 or an error with its message. The
/// record's sequence is then `self->sequence`, its stamp the time of this call.
int32_t fx_send(
    struct fx_thread *self, const struct fx_call *call, const struct fx_operands *operands);

#endif
