// phases.h: what generated entry points call in route mode, besides the functions of route.h.
#ifndef FX_PHASES_H
#define FX_PHASES_H

#include "../Objects/arguments.h"

/// Route mode does not carry the function: leaves the message for aclGetRecentErrMsg.
void fx_refuse(uint16_t function);

/// The two calls of an aclnn operation. Bit n of `travels`: argument n is among the values that go
/// with each launch.
int32_t fx_route_phase_one(
    uint16_t function, const char *classes, uint64_t travels, const union fx_argument *arguments,
    uint64_t *workspace, void **executor);
int32_t fx_route_phase_two(uint16_t function, void *executor, void *stream);

#endif
