// guard.h: how a routed call begins and ends.
#ifndef FX_GUARD_H
#define FX_GUARD_H

#include "../Generated/names.h"
#include "../Generated/route.h"
#include "../Generated/senders.h"
#include "../Objects/context.h"
#include "../Transport/errors.h"
#include "../Transport/thread.h"
#include "flexnpu_functions.h"

/// Begins a routed call that needs the daemon: the thread has a ring in a living session, and
/// signal handlers are kept out until fx_end. 0, or the error that the call returns.
int32_t fx_begin(struct fx_thread **self, uint16_t function);

/// Begins a routed call that needs the thread's state only.
int32_t fx_begin_local(struct fx_thread **self, uint16_t function);

static inline int32_t fx_end(struct fx_thread *self, int32_t status) {
    errno = self->saved_errno;
    if (fx_likely(status == 0)) self->outcome = 0;  // else fx_failed asks for it
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    __atomic_store_n(&self->busy, 0, __ATOMIC_RELAXED);
    return status;
}

#endif
