#include "context.h"

#include "../Generated/names.h"
#include "../Transport/compiler.h"
#include "../Transport/errors.h"
#include "../Transport/thread.h"

int32_t fx_context_current(
    struct fx_thread *self, uint16_t function, struct fx_handle **context) {
    *context = fx_handle_get(FX_KIND_CONTEXT, self->context);
    if (fx_likely(*context != NULL)) return 0;
    return fx_fail(
        self, FX_ERROR_NO_CONTEXT, "%s: this thread has no current context; call aclrtSetDevice",
        fx_function_name(function));
}

int64_t fx_device_current(struct fx_thread *self) {
    const struct fx_handle *context = fx_handle_get(FX_KIND_CONTEXT, self->context);
    return context != NULL ? context->device : -1;
}

int32_t fx_device_check(struct fx_thread *self, uint16_t function, int64_t device) {
    uint32_t count = self->session->welcome.device_count;
    if (device >= 0 && device < count && device < FX_DEVICE_LIMIT) return 0;
    return fx_fail(
        self, FX_ERROR_INVALID_DEVICE, "%s: there is no device %lld; there are %u",
        fx_function_name(function), (long long)device, count);
}

/// The stream behind what the program says, and its handle; NULL with an error in `status`.
static struct fx_handle *look_up(
    struct fx_thread *self, uint16_t function, const void *stream, uint64_t *handle,
    int32_t *status) {
    struct fx_handle *context;
    *handle = (uint64_t)stream;
    if (stream == NULL) {
        *status = fx_context_current(self, function, &context);
        if (*status != 0) return NULL;
        *handle = context->context;
    }
    struct fx_handle *object = fx_handle_get(FX_KIND_STREAM, *handle);
    *status = fx_likely(object != NULL)
                  ? 0
                  : fx_invalid(self, function, "this is no stream, or no longer one");
    return object;
}

int32_t fx_stream_find(
    struct fx_thread *self, uint16_t function, const void *stream, uint64_t *handle) {
    int32_t status;
    look_up(self, function, stream, handle, &status);
    return status;
}

int32_t fx_stream_resolve(
    struct fx_thread *self, uint16_t function, const void *stream, uint64_t *handle) {
    int32_t status;
    const struct fx_handle *object = look_up(self, function, stream, handle, &status);
    return fx_likely(object != NULL) ? fx_thread_use_device(self, object->device) : status;
}

struct fx_handle *fx_event_resolve(struct fx_thread *self, uint16_t function, const void *event) {
    struct fx_handle *object = fx_handle_get(FX_KIND_EVENT, (uint64_t)event);
    if (fx_unlikely(object == NULL))
        fx_invalid(self, function, "this is no event, or no longer one");
    return object;
}
