// phases.h: what generated entry points call in route mode, besides the functions of route.h.
#ifndef FX_PHASES_H
#define FX_PHASES_H

#include <stddef.h>

#include "../Objects/arguments.h"

/// Route mode does not carry the function: leaves the message for aclGetRecentErrMsg, the code for
/// aclrtGetLastError, and a record for who listens. Returns the code.
int32_t fx_refuse(uint16_t function, int32_t code);

/// A routed call returns with an error: it leaves a message, the code for aclrtGetLastError, and, where
/// the daemon has not heard of it, a record. Returns the status.
int32_t fx_failed(uint16_t function, int32_t status);

/// What a routed call returns: a status, or an object that it made.
static inline int32_t fx_outcome(uint16_t function, int32_t status) {
    return __builtin_expect(status != 0, 0) ? fx_failed(function, status) : 0;
}

static inline void *fx_outcome_object(uint16_t function, void *object, int32_t code) {
    if (__builtin_expect(object == NULL, 0)) fx_failed(function, code);
    return object;
}

/// Of the routed program; their entry points are written by hand.
const char *fx_route_aclGetRecentErrMsg(void);
int32_t fx_route_aclrtPeekAtLastError(int32_t level);
int32_t fx_route_aclrtGetLastError(int32_t level);

/// The two calls of an aclnn operation. Bit n of `travels`: argument n is among the values that go
/// with each launch.
int32_t fx_route_phase_one(
    uint16_t function, const char *classes, uint64_t travels, const union fx_argument *arguments,
    uint64_t *workspace, void **executor);
int32_t fx_route_phase_two(uint16_t function, void *executor, void *stream);

#endif
