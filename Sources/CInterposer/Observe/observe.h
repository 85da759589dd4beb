// observe.h: which calls are recorded, and the record of one.
#ifndef FX_OBSERVE_H
#define FX_OBSERVE_H

#include <stdint.h>

#include "../Transport/compiler.h"
#include "flexnpu_wire.h"

/// From now on the session's switches decide; or: there is no session.
void fx_recorded_follow(const uint8_t *bytes);
void fx_recorded_forget(void);

/// Bytes that a record carries beside its words: a string, an array, a structure. `word` is the
/// word that describes them; fx_leave replaces it by their place in the record.
struct fx_span {
    uint16_t word;
    const void *pointer;
    uint64_t bytes;
};

/// The session's switches; all FX_RECORDED_ASK while there is no session.
extern const uint8_t *fx_recorded_bytes;
int fx_recorded_ask(uint16_t function);

/// Whether a call of this function is recorded now.
static inline int fx_recorded(uint16_t function) {
    const uint8_t *bytes = __atomic_load_n(&fx_recorded_bytes, __ATOMIC_ACQUIRE);
    uint8_t byte = __atomic_load_n(&bytes[function], __ATOMIC_RELAXED);
    if (fx_likely(byte == 0)) return 0;
    return byte != FX_RECORDED_ASK || fx_recorded_ask(function);
}

/// Called before and after the vendor's function when the call is recorded.
uint64_t fx_enter(void);
void fx_leave(
    uint16_t function, uint64_t enter, int32_t result, uint64_t stream, const uint64_t *words,
    unsigned word_count, const struct fx_span *spans, unsigned span_count);

/// What an out-parameter of `bytes` (at most 8) points to; 0 where the call failed or it is NULL.
uint64_t fx_out(const void *pointer, unsigned bytes, int ok);

#endif
