// errors.h: the text behind aclGetRecentErrMsg. The codes are in codes.h.
#ifndef FX_ERRORS_H
#define FX_ERRORS_H

#include "../Generated/codes.h"
#include "state.h"

/// Leaves the text for aclGetRecentErrMsg.
void fx_message(struct fx_thread *self, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/// The same, and returns the code.
int32_t fx_fail(struct fx_thread *self, int32_t code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/// The text for a NULL or otherwise wrong argument.
int32_t fx_invalid(struct fx_thread *self, uint16_t function, const char *what);

/// The error of every call once the daemon is gone.
int32_t fx_daemon_lost(struct fx_thread *self);

#endif
