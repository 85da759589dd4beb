// context.h: the calling thread's place: its context, its device, the stream that NULL means.
#ifndef FX_CONTEXT_H
#define FX_CONTEXT_H

#include "../Transport/state.h"
#include "handles.h"

/// The thread's current context, or FX_ERROR_NO_CONTEXT with a message.
int32_t fx_context_current(struct fx_thread *self, uint16_t function, struct fx_handle **context);

/// The device of the current context, −1 where there is none.
int64_t fx_device_current(struct fx_thread *self);

/// The stream that the program means, for a call that sends nothing.
int32_t fx_stream_find(
    struct fx_thread *self, uint16_t function, const void *stream, uint64_t *handle);

/// The stream that the program means: NULL is the current context's default stream. What the call
/// sends goes to the ring of the stream's device.
int32_t fx_stream_resolve(
    struct fx_thread *self, uint16_t function, const void *stream, uint64_t *handle);

/// The event, or NULL with a message.
struct fx_handle *fx_event_resolve(struct fx_thread *self, uint16_t function, const void *event);

/// Whether there is such a device: 0, or FX_ERROR_INVALID_DEVICE with a message.
int32_t fx_device_check(struct fx_thread *self, uint16_t function, int64_t device);

#endif
