// Streams: making them, asking about them, waiting for them.
#include "context.h"
#include "guard.h"

/// Where the daemon states no limit.
enum { stream_limit = 65536 };

int32_t fx_stream_resolve(
    struct fx_thread *self, uint16_t function, const void *stream, uint64_t *handle) {
    struct fx_handle *context;
    *handle = (uint64_t)stream;
    if (stream == NULL) {
        int32_t status = fx_context_current(self, function, &context);
        if (status != 0) return status;
        *handle = context->context;
    }
    if (fx_likely(fx_handle_get(FX_KIND_STREAM, *handle) != NULL)) return 0;
    return fx_invalid(self, function, "this is no stream, or no longer one");
}

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
    struct fx_reply reply;
    struct fx_call call = {
        .function = function,
        .verb = FX_VERB_STREAM_CREATE,
        .enter = fx_ticks_ordered(),
        .stream = handle,
        FX_WORDS(handle, priority, flags),
        FX_OPERANDS(handle, self->context, priority, flags),
    };
    if (function == FX_FUNCTION_aclrtCreateStream) call.word_count = 1;
    status = fx_ask(self, &call, &reply);
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
    const struct fx_handle *object = fx_handle_get(FX_KIND_STREAM, handle);
    if (object == NULL || object->primary || !fx_handle_end(FX_KIND_STREAM, handle))
        return fx_end(
            self, fx_invalid(self, function, "this is no stream that the program created"));
    struct fx_reply reply;
    struct fx_call call = {
        .function = function,
        .verb = FX_VERB_STREAM_DESTROY,
        .enter = fx_ticks_ordered(),
        .stream = handle,
        FX_WORDS(handle),
        FX_OPERANDS(handle, force),
    };
    return fx_end(self, fx_ask(self, &call, &reply));
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
        struct fx_reply reply;
        struct fx_call call = {
            .function = function,
            .verb = FX_VERB_STREAM_ABORT,
            .enter = fx_ticks_ordered(),
            .stream = handle,
            FX_WORDS(handle),
        };
        status = fx_ask(self, &call, &reply);
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
        status = fx_stream_resolve(self, function, stream, &handle);
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
    if (status == NULL) return FX_ERROR_INVALID;
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
        struct fx_reply reply;
        struct fx_call call = {
            .function = function,
            .verb = FX_VERB_QUERY_STREAM,
            .enter = fx_ticks_ordered(),
            .stream = handle,
            FX_WORDS(handle, 0),
        };
        result = fx_ask(self, &call, &reply);
        if (result == 0) *(int32_t *)status = (int32_t)reply.words[0];
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
        struct fx_reply reply;
        struct fx_call call = {
            .function = function,
            .verb = FX_VERB_WAIT_STREAM,
            .enter = fx_ticks_ordered(),
            .stream = handle,
            FX_WORDS(handle, (uint64_t)(int64_t)timeout),
            FX_OPERANDS((uint64_t)(int64_t)timeout),
        };
        if (function == FX_FUNCTION_aclrtSynchronizeStream) call.word_count = 1;
        status = fx_ask_timeout(self, &call, &reply, timeout);
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
        struct fx_reply reply;
        struct fx_call call = {
            .function = function,
            .verb = FX_VERB_WAIT_DEVICE,
            .enter = fx_ticks_ordered(),
            FX_WORDS((uint64_t)(int64_t)timeout),
            FX_OPERANDS((uint64_t)(int64_t)context->device, (uint64_t)(int64_t)timeout),
        };
        if (function == FX_FUNCTION_aclrtSynchronizeDevice) call.word_count = 0;
        status = fx_ask_timeout(self, &call, &reply, timeout);
    }
    return fx_end(self, status);
}

int32_t fx_route_aclrtSynchronizeDevice(void) {
    return wait_device(FX_FUNCTION_aclrtSynchronizeDevice, -1);
}

int32_t fx_route_aclrtSynchronizeDeviceWithTimeout(int32_t timeout) {
    return wait_device(FX_FUNCTION_aclrtSynchronizeDeviceWithTimeout, timeout);
}
