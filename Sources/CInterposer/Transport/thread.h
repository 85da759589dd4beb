// thread.h: the calling thread's state and its rings.
#ifndef FX_THREAD_H
#define FX_THREAD_H

#include "session.h"
#include "state.h"

/// This thread's state, made at its first call. NULL: no memory, or a signal came while it was
/// being made.
struct fx_thread *fx_thread_self(void);

/// Gives the thread a ring of `ring_device` in the session. 0, or −1 (see `message`).
int fx_thread_attach(struct fx_thread *self, struct fx_session *session);

/// From now on the thread writes to its ring of that device in that session, which is made at first
/// use. 0, or FX_ERROR_LOST or FX_ERROR_INTERNAL_ERROR with a message.
int32_t fx_thread_switch_ring(
    struct fx_thread *self, struct fx_session *session, int32_t device);

static inline int32_t fx_thread_use_device(struct fx_thread *self, int32_t device) {
    return self->ring_device == device ? 0 : fx_thread_switch_ring(self, self->session, device);
}

/// Lets the ring go and tells the daemon so. The next call gets a new one.
void fx_thread_detach(struct fx_thread *self);

/// At least `bytes` of scratch memory, or NULL. What it held is kept.
uint8_t *fx_thread_scratch(struct fx_thread *self, size_t bytes);

#endif
