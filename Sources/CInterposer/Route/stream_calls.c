// Streams: making them, asking about them, waiting for them.
#include "guard.h"

/// Where the daemon states no limit.
enum { stream_limit = 65536 };

// ---- Making and destroying ---------------------------------------------------------------------

static int32_t create(
    struct fx_thread *self, uint16_t function, void *stream, uint32_t priority, uint32_t flags) {
    if (stream == NULL) return fx_invalid(self, function, "stream is NULL");
    struct fx_handle *context;
    int32_t status = fx_context_current(self, function, &context);
    if (status != 0) return status;
    uint32_t limit = self->session->welcome.stream_limit;
    struct fx_handle object = {
        .device = context->device,
        .flags = flags,
        .priority = priority,
        .context = self->context,
    };
    uint64_t handle = fx_handle_new(FX_KIND_STREAM, limit ? limit : stream_limit, &object);
    if (handle == 0)
        return fx_fail(
            self, FX_ERROR_NO_STREAMS, "%s: this program has as many streams as it may have (%u)",
            fx_function_name(function), limit);
    struct fx_call call = {
        .function = function, .stream = handle, FX_WORDS(handle, priority, flags)};
    if (function == FX_FUNCTION_aclrtCreateStream) call.word_count = 1;
    status = fx_ask_stream_create(self, &call, handle, self->context, priority, flags);
    if (status == 0)
        *(uint64_t *)stream = handle;
    else
        fx_handle_end(FX_KIND_STREAM, handle);
    return status;
}

int32_t fx_route_aclrtCreateStream(void *stream) {
    struct fx_thread *self;
    int32_t status = fx_begin(&self, FX_FUNCTION_aclrtCreateStream);
    if (status != 0) return status;
    return fx_end(self, create(self, FX_FUNCTION_aclrtCreateStream, stream, 0, 0));
}

int32_t fx_route_aclrtCreateStreamWithConfig(void *stream, uint32_t priority, uint32_t flag) {
    struct fx_thread *self;
    const uint16_t function = FX_FUNCTION_aclrtCreateStreamWithConfig;
    int32_t status = fx_begin(&self, function);
    if (status != 0) return status;
    return fx_end(self, create(self, function, stream, priority, flag));
}

static int32_t destroy(uint16_t function, uint64_t handle, uint64_t force) {
    struct fx_thread *self;
    int32_t status = fx_begin(&self, function);
    if (status != 0) return status;
    uint32_t retired = 0;
    const struct fx_handle *object = fx_handle_get(FX_KIND_STREAM, handle);
    if (object == NULL || object->primary ||
        !fx_handle_retire(FX_KIND_STREAM, handle, &retired))
        return fx_end(
            self, fx_invalid(self, function, "this is no stream that the program created"));
    status = fx_thread_use_device(self, object->device);
    struct fx_call call = {.function = function, .stream = handle, FX_WORDS(handle)};
    if (status == 0) status = fx_ask_stream_destroy(self, &call, handle, force);
    fx_handles_recycle(FX_KIND_STREAM, retired);
    return fx_end(self, status);
}

int32_t fx_route_aclrtDestroyStream(void *stream) {
    return destroy(FX_FUNCTION_aclrtDestroyStream, (uint64_t)stream, 0);
}

int32_t fx_route_aclrtDestroyStreamForce(void *stream) {
    return destroy(FX_FUNCTION_aclrtDestroyStreamForce, (uint64_t)stream, 1);
}

int32_t fx_route_aclrtStreamAbort(void *stream) {
    struct fx_thread *self;
    const uint16_t function = FX_FUNCTION_aclrtStreamAbort;
    int32_t status = fx_begin(&self, function);
    if (status != 0) return status;
    uint64_t handle;
    status = fx_stream_resolve(self, function, stream, &handle);
    if (status == 0) {
        struct fx_call call = {.function = function, .stream = handle, FX_WORDS(handle)};
        status = fx_ask_stream_abort(self, &call);
    }
    return fx_end(self, status);
}

// ---- What is known here ------------------------------------------------------------------------

/// One number of a stream: which one is told by the function.
static int32_t get_number(uint16_t function, const void *stream, void *number) {
    struct fx_thread *self;
    int32_t status = fx_begin_local(&self, function);
    if (status != 0) return status;
    uint64_t handle;
    if (number == NULL)
        status = fx_invalid(self, function, "the result is NULL");
    else
        status = fx_stream_find(self, function, stream, &handle);
    const struct fx_handle *object = status == 0 ? fx_handle_get(FX_KIND_STREAM, handle) : NULL;
    if (object != NULL) {
        uint32_t value = function == FX_FUNCTION_aclrtStreamGetId         ? fx_handle_index(handle)
                         : function == FX_FUNCTION_aclrtStreamGetPriority ? object->priority
                                                                          : object->flags;
        *(uint32_t *)number = value;
    }
    return fx_end(self, status);
}

int32_t fx_route_aclrtStreamGetId(void *stream, void *streamId) {
    return get_number(FX_FUNCTION_aclrtStreamGetId, stream, streamId);
}

int32_t fx_route_aclrtStreamGetPriority(void *stream, void *priority) {
    return get_number(FX_FUNCTION_aclrtStreamGetPriority, stream, priority);
}

int32_t fx_route_aclrtStreamGetFlags(void *stream, void *flags) {
    return get_number(FX_FUNCTION_aclrtStreamGetFlags, stream, flags);
}

int32_t fx_route_aclmdlRICaptureGetInfo(void *stream, void *status, void *modelRI) {
    (void)stream;
    if (status == NULL) return FX_ERROR_INVALID_PARAMETER;
    *(int32_t *)status = 0;  // not capturing: route mode does not carry capture yet
    if (modelRI != NULL) *(void **)modelRI = NULL;
    return 0;
}

// ---- Waiting -----------------------------------------------------------------------------------

int32_t fx_route_aclrtStreamQuery(void *stream, void *status) {
    struct fx_thread *self;
    const uint16_t function = FX_FUNCTION_aclrtStreamQuery;
    int32_t result = fx_begin(&self, function);
    if (result != 0) return result;
    uint64_t handle;
    if (status == NULL)
        result = fx_invalid(self, function, "status is NULL");
    else
        result = fx_stream_resolve(self, function, stream, &handle);
    if (result == 0) {
        uint64_t incomplete;
        struct fx_call call = {.function = function, .stream = handle, FX_WORDS(handle, 0)};
        result = fx_ask_query_stream(self, &call, &incomplete);
        if (result == 0) *(int32_t *)status = (int32_t)incomplete;
    }
    return fx_end(self, result);
}

static int32_t wait_stream(uint16_t function, void *stream, int32_t timeout) {
    struct fx_thread *self;
    int32_t status = fx_begin(&self, function);
    if (status != 0) return status;
    if (timeout < -1) return fx_end(self, fx_invalid(self, function, "timeout is below -1"));
    uint64_t handle;
    status = fx_stream_resolve(self, function, stream, &handle);
    if (status == 0) {
        struct fx_call call = {
            .function = function,
            .stream = handle,
            FX_WORDS(handle, (uint64_t)(int64_t)timeout),
        };
        if (function == FX_FUNCTION_aclrtSynchronizeStream) call.word_count = 1;
        status = fx_ask_wait_stream(self, &call, timeout);
    }
    return fx_end(self, status);
}

int32_t fx_route_aclrtSynchronizeStream(void *stream) {
    return wait_stream(FX_FUNCTION_aclrtSynchronizeStream, stream, -1);
}

int32_t fx_route_aclrtSynchronizeStreamWithTimeout(void *stream, int32_t timeout) {
    return wait_stream(FX_FUNCTION_aclrtSynchronizeStreamWithTimeout, stream, timeout);
}

static int32_t wait_device(uint16_t function, int32_t timeout) {
    struct fx_thread *self;
    int32_t status = fx_begin(&self, function);
    if (status != 0) return status;
    if (timeout < -1) return fx_end(self, fx_invalid(self, function, "timeout is below -1"));
    struct fx_handle *context;
    status = fx_context_current(self, function, &context);
    if (status == 0) {
        struct fx_call call = {.function = function, FX_WORDS((uint64_t)(int64_t)timeout)};
        if (function == FX_FUNCTION_aclrtSynchronizeDevice) call.word_count = 0;
        status = fx_ask_wait_device(self, &call, context->device, timeout);
    }
    return fx_end(self, status);
}

int32_t fx_route_aclrtSynchronizeDevice(void) {
    return wait_device(FX_FUNCTION_aclrtSynchronizeDevice, -1);
}

int32_t fx_route_aclrtSynchronizeDeviceWithTimeout(int32_t timeout) {
    return wait_device(FX_FUNCTION_aclrtSynchronizeDeviceWithTimeout, timeout);
}
