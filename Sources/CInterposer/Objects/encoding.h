// encoding.h: the arguments of an aclnn operation as a plan, which stays the same from call to call,
// and values, which travel with each launch. flexnpu_wire.h has the layout of both.
#ifndef FX_ENCODING_H
#define FX_ENCODING_H

#include "../Transport/thread.h"
#include "arguments.h"

/// The encoded arguments, in the thread's scratch memory.
struct fx_encoding {
    uint16_t function;
    const uint8_t *plan;
    uint32_t plan_bytes;
    const uint64_t *values;
    uint32_t value_count;
    uint64_t hash;  // of the function and the plan
};

/// Encodes the arguments by their class letters; bit n of `travels` says that argument n is among
/// the values. 0, or FX_ERROR_INVALID_ARGUMENT with a message.
int32_t fx_encode(
    struct fx_thread *self, uint16_t function, const char *classes, uint64_t travels,
    const union fx_argument *arguments, struct fx_encoding *encoding);

#endif
