// Events: made and destroyed without waiting, recorded and waited for in a stream's order.
#include <string.h>

#include "guard.h"

/// Where the daemon states no limit.
enum { event_limit = 1 << 20 };
/// In a create record's flags: an event that was never recorded counts as complete.
static const uint64_t complete_at_first = 1ull << 32;

// ---- Making and destroying ---------------------------------------------------------------------

static int32_t create(uint16_t function, void *event, uint32_t flag, unsigned words) {
    struct fx_thread *self;
    int32_t status = fx_begin(&self, function);
    if (status != 0) return status;
    if (event == NULL) return fx_end(self, fx_invalid(self, function, "event is NULL"));
    struct fx_handle *context;
    status = fx_context_current(self, function, &context);
    if (status != 0) return fx_end(self, status);
    uint32_t limit = self->session->welcome.event_limit;
    struct fx_handle object = {.device = context->device, .flags = flag};
    uint64_t handle = fx_handle_new(FX_KIND_EVENT, limit ? limit : event_limit, &object);
    if (handle == 0)
        return fx_end(
            self, fx_fail(
                      self, FX_ERROR_NO_EVENTS,
                      "%s: this program has as many events as it may have (%u)",
                      fx_function_name(function), limit));
    uint64_t extended =
        function == FX_FUNCTION_aclrtCreateEventExWithFlag ? complete_at_first : 0;
    struct fx_call call = {.function = function, FX_WORDS(handle, flag)};
    call.word_count = words;
    status = fx_send_event_create(self, &call, handle, context->device, flag | extended);
    if (status == 0)
        *(uint64_t *)event = handle;
    else
        fx_handle_end(FX_KIND_EVENT, handle);
    return fx_end(self, status);
}

int32_t fx_route_aclrtCreateEvent(void *event) {
    return create(FX_FUNCTION_aclrtCreateEvent, event, 0, 1);
}

int32_t fx_route_aclrtCreateEventWithFlag(void *event, uint32_t flag) {
    return create(FX_FUNCTION_aclrtCreateEventWithFlag, event, flag, 2);
}

int32_t fx_route_aclrtCreateEventExWithFlag(void *event, uint32_t flag) {
    return create(FX_FUNCTION_aclrtCreateEventExWithFlag, event, flag, 2);
}

int32_t fx_route_aclrtDestroyEvent(void *event) {
    struct fx_thread *self;
    const uint16_t function = FX_FUNCTION_aclrtDestroyEvent;
    int32_t status = fx_begin(&self, function);
    if (status != 0) return status;
    uint64_t handle = (uint64_t)event;
    if (fx_event_resolve(self, function, event) == NULL) return fx_end(self, FX_ERROR_INVALID_PARAMETER);
    // The daemon hears of it before the index can be given out again.
    struct fx_call call = {.function = function, FX_WORDS(handle)};
    status = fx_send_event_destroy(self, &call, handle);
    fx_ticks_pass();
    if (!fx_handle_end(FX_KIND_EVENT, handle) && status == 0)
        status = fx_invalid(self, function, "another thread destroyed the event");
    return fx_end(self, status);
}

// ---- On streams --------------------------------------------------------------------------------
// An event's records are numbered here, and a wait carries the number that it is bound to: which
// record it means is decided by the order of the program's calls, whatever the daemon has seen.

static uint64_t last_record(const struct fx_handle *event) {
    return __atomic_load_n(&event->records, __ATOMIC_ACQUIRE);
}

/// What a call about an event and a stream begins with: both looked up.
static int32_t begin_on_stream(
    struct fx_thread **self, struct fx_call *call, const void *event, const void *stream,
    struct fx_handle **object) {
    int32_t status = fx_begin(self, call->function);
    if (status != 0) return status;
    *object = fx_event_resolve(*self, call->function, event);
    status = *object == NULL ? FX_ERROR_INVALID_PARAMETER : 0;
    if (status == 0) status = fx_stream_resolve(*self, call->function, stream, &call->stream);
    return status == 0 ? 0 : fx_end(*self, status);
}

int32_t fx_route_aclrtRecordEvent(void *event, void *stream) {
    struct fx_thread *self;
    struct fx_handle *object;
    struct fx_call call = {
        .function = FX_FUNCTION_aclrtRecordEvent, FX_WORDS((uint64_t)event, (uint64_t)stream)};
    int32_t status = begin_on_stream(&self, &call, event, stream, &object);
    if (status != 0) return status;
    uint64_t number = __atomic_add_fetch(&object->records, 1, __ATOMIC_ACQ_REL);
    return fx_end(self, fx_send_event_record(self, &call, (uint64_t)event, number));
}

int32_t fx_route_aclrtResetEvent(void *event, void *stream) {
    struct fx_thread *self;
    struct fx_handle *object;
    struct fx_call call = {
        .function = FX_FUNCTION_aclrtResetEvent, FX_WORDS((uint64_t)event, (uint64_t)stream)};
    int32_t status = begin_on_stream(&self, &call, event, stream, &object);
    if (status != 0) return status;
    return fx_end(self, fx_send_event_reset(self, &call, (uint64_t)event));
}

static int32_t stream_wait(struct fx_call *call, const void *event, const void *stream) {
    struct fx_thread *self;
    struct fx_handle *object;
    int32_t status = begin_on_stream(&self, call, event, stream, &object);
    if (status != 0) return status;
    return fx_end(
        self, fx_send_event_wait(self, call, (uint64_t)event, last_record(object)));
}

int32_t fx_route_aclrtStreamWaitEvent(void *stream, void *event) {
    struct fx_call call = {
        .function = FX_FUNCTION_aclrtStreamWaitEvent,
        FX_WORDS((uint64_t)stream, (uint64_t)event),
    };
    return stream_wait(&call, event, stream);
}

/// The time limit is the stream's, while it waits; the daemon's scheduler holds no stream back for
/// ever.
int32_t fx_route_aclrtStreamWaitEventWithTimeout(void *stream, void *event, int32_t timeout) {
    struct fx_call call = {
        .function = FX_FUNCTION_aclrtStreamWaitEventWithTimeout,
        FX_WORDS((uint64_t)stream, (uint64_t)event, (uint64_t)(int64_t)timeout),
    };
    return stream_wait(&call, event, stream);
}

// ---- Asking and waiting ------------------------------------------------------------------------

/// The daemon says 0 complete, 1 not ready; the three functions spell that differently.
static int32_t query(uint16_t function, const void *event, void *status, int complete) {
    struct fx_thread *self;
    int32_t result = fx_begin(&self, function);
    if (result != 0) return result;
    if (status == NULL) return fx_end(self, fx_invalid(self, function, "status is NULL"));
    const struct fx_handle *object = fx_event_resolve(self, function, event);
    if (object == NULL) return fx_end(self, FX_ERROR_INVALID_PARAMETER);
    result = fx_thread_use_device(self, object->device);
    if (result != 0) return fx_end(self, result);
    uint64_t incomplete;
    struct fx_call call = {.function = function, FX_WORDS((uint64_t)event, 0)};
    result = fx_ask_query_event(self, &call, (uint64_t)event, last_record(object), &incomplete);
    if (result == 0) *(int32_t *)status = incomplete == 0 ? complete : 1 - complete;
    return fx_end(self, result);
}

int32_t fx_route_aclrtQueryEvent(void *event, void *status) {
    return query(FX_FUNCTION_aclrtQueryEvent, event, status, 0);
}

int32_t fx_route_aclrtQueryEventStatus(void *event, void *status) {
    return query(FX_FUNCTION_aclrtQueryEventStatus, event, status, 1);
}

int32_t fx_route_aclrtQueryEventWaitStatus(void *event, void *status) {
    return query(FX_FUNCTION_aclrtQueryEventWaitStatus, event, status, 0);
}

static int32_t wait_event(uint16_t function, const void *event, int32_t timeout) {
    struct fx_thread *self;
    int32_t status = fx_begin(&self, function);
    if (status != 0) return status;
    if (timeout < -1) return fx_end(self, fx_invalid(self, function, "timeout is below -1"));
    const struct fx_handle *object = fx_event_resolve(self, function, event);
    if (object == NULL) return fx_end(self, FX_ERROR_INVALID_PARAMETER);
    status = fx_thread_use_device(self, object->device);
    if (status != 0) return fx_end(self, status);
    struct fx_call call = {
        .function = function, FX_WORDS((uint64_t)event, (uint64_t)(int64_t)timeout)};
    if (function == FX_FUNCTION_aclrtSynchronizeEvent) call.word_count = 1;
    status = fx_ask_wait_event(self, &call, (uint64_t)event, last_record(object), timeout);
    return fx_end(self, status);
}

int32_t fx_route_aclrtSynchronizeEvent(void *event) {
    return wait_event(FX_FUNCTION_aclrtSynchronizeEvent, event, -1);
}

int32_t fx_route_aclrtSynchronizeEventWithTimeout(void *event, int32_t timeout) {
    return wait_event(FX_FUNCTION_aclrtSynchronizeEventWithTimeout, event, timeout);
}

int32_t fx_route_aclrtEventElapsedTime(void *ms, void *startEvent, void *endEvent) {
    struct fx_thread *self;
    const uint16_t function = FX_FUNCTION_aclrtEventElapsedTime;
    int32_t status = fx_begin(&self, function);
    if (status != 0) return status;
    if (ms == NULL)
        status = fx_invalid(self, function, "ms is NULL");
    else if (
        fx_event_resolve(self, function, startEvent) == NULL ||
        fx_event_resolve(self, function, endEvent) == NULL)
        status = FX_ERROR_INVALID_PARAMETER;
    if (status == 0) {
        uint64_t milliseconds;
        struct fx_call call = {
            .function = function,
            FX_WORDS(0, (uint64_t)startEvent, (uint64_t)endEvent),
        };
        status = fx_ask_event_elapsed(
            self, &call, (uint64_t)startEvent, (uint64_t)endEvent, &milliseconds);
        if (status == 0) memcpy(ms, &milliseconds, sizeof(float));
    }
    return fx_end(self, status);
}
