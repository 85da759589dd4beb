// errors.h: AscendCL's codes that this library gives by itself, and the text behind
// aclGetRecentErrMsg.
#ifndef FX_ERRORS_H
#define FX_ERRORS_H

#include "thread.h"

enum {
    FX_ERROR_REPEAT_INITIALIZE = 100002,
    FX_ERROR_REPEAT_FINALIZE = 100037,
    FX_ERROR_INVALID = 107000,     // a parameter, a handle, an address
    FX_ERROR_DEVICE = 107001,      // no such device
    FX_ERROR_NO_CONTEXT = 107002,  // the thread has no current context
    FX_ERROR_NULL_ARGUMENT = 161001,
    FX_ERROR_ARGUMENT = 161002,
    FX_ERROR_BAD_ALLOC = 200000,
    FX_ERROR_UNSUPPORTED = 200006,
    FX_ERROR_RUNTIME_UNSUPPORTED = 207000,
    FX_ERROR_NO_EVENTS = 207007,
    FX_ERROR_NO_STREAMS = 207008,
    FX_ERROR_INTERNAL = 500000,
    FX_ERROR_TIMEOUT = 507046,
    FX_ERROR_LOST = 507899,  // the daemon is gone
    FX_ERROR_OPERATION = 561000,
};

/// Leaves the text for aclGetRecentErrMsg.
void fx_message(struct fx_thread *self, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/// The same, and returns the code.
int32_t fx_fail(struct fx_thread *self, int32_t code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
