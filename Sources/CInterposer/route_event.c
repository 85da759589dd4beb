// Events: made and destroyed without waiting, recorded and waited for in a stream's order.
#include <string.h>

#include "context.h"
#include "guard.h"

/// Where the daemon states no limit.
enum { event_limit = 1 << 20 };
/// In a create record's flags: an event that was never recorded counts as complete.
static const uint64_t complete_at_first = 1ull << 32;

struct fx_handle *fx_event_resolve(struct fx_thread *self, uint16_t function, const void *event) {
    struct fx_handle *object = fx_handle_get(FX_KIND_EVENT, (uint64_t)event);
    if (fx_unlikely(object == NULL))
        fx_invalid(self, function, "this is no event, or no longer one");
    return object;
}

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
    struct fx_call call = {
        .function = function,
        .verb = FX_VERB_EVENT_CREATE,
        .enter = fx_ticks_ordered(),
        FX_WORDS(handle, flag),
        FX_OPERANDS(handle, (uint64_t)(int64_t)context->device, flag | extended),
    };
    call.word_count = words;
    status = fx_send(self, &call);
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
    if (fx_event_resolve(self, function, event) == NULL) return fx_end(self, FX_ERROR_INVALID);
    // The daemon hears of it before the index can be given out again.
    struct fx_call call = {
        .function = function,
        .verb = FX_VERB_EVENT_DESTROY,
        .enter = fx_ticks_ordered(),
        FX_WORDS(handle),
        FX_OPERANDS(handle),
    };
    status = fx_send(self, &call);
    if (!fx_handle_end(FX_KIND_EVENT, handle) && status == 0)
        status = fx_invalid(self, function, "another thread destroyed the event");
    return fx_end(self, status);
}

// ---- On streams --------------------------------------------------------------------------------

static int32_t on_stream(
    uint16_t function, uint8_t verb, const void *event, const void *stream, const uint64_t *words,
    uint32_t word_count) {
    struct fx_thread *self;
    int32_t status = fx_begin(&self, function);
    if (status != 0) return status;
    uint64_t handle;
    if (fx_event_resolve(self, function, event) == NULL) return fx_end(self, FX_ERROR_INVALID);
    status = fx_stream_resolve(self, function, stream, &handle);
    if (status == 0) {
        struct fx_call call = {
            .function = function,
            .verb = verb,
            .enter = fx_ticks_ordered(),
            .stream = handle,
            .words = words,
            .word_count = word_count,
            FX_OPERANDS((uint64_t)event),
        };
        status = fx_send(self, &call);
    }
    return fx_end(self, status);
}

int32_t fx_route_aclrtRecordEvent(void *event, void *stream) {
    return on_stream(
        FX_FUNCTION_aclrtRecordEvent, FX_VERB_EVENT_RECORD, event, stream,
        FX_LIST((uint64_t)event, (uint64_t)stream), 2);
}

int32_t fx_route_aclrtResetEvent(void *event, void *stream) {
    return on_stream(
        FX_FUNCTION_aclrtResetEvent, FX_VERB_EVENT_RESET, event, stream,
        FX_LIST((uint64_t)event, (uint64_t)stream), 2);
}

int32_t fx_route_aclrtStreamWaitEvent(void *stream, void *event) {
    return on_stream(
        FX_FUNCTION_aclrtStreamWaitEvent, FX_VERB_EVENT_WAIT, event, stream,
        FX_LIST((uint64_t)stream, (uint64_t)event), 2);
}

/// The time limit is the stream's, while it waits; the daemon's scheduler holds no stream back for
/// ever.
int32_t fx_route_aclrtStreamWaitEventWithTimeout(void *stream, void *event, int32_t timeout) {
    return on_stream(
        FX_FUNCTION_aclrtStreamWaitEventWithTimeout, FX_VERB_EVENT_WAIT, event, stream,
        FX_LIST((uint64_t)stream, (uint64_t)event, (uint64_t)(int64_t)timeout), 3);
}

// ---- Asking and waiting ------------------------------------------------------------------------

/// The daemon says 0 complete, 1 not ready; the three functions spell that differently.
static int32_t query(uint16_t function, const void *event, void *status, int complete) {
    struct fx_thread *self;
    int32_t result = fx_begin(&self, function);
    if (result != 0) return result;
    if (status == NULL)
        result = fx_invalid(self, function, "status is NULL");
    else if (fx_event_resolve(self, function, event) == NULL)
        result = FX_ERROR_INVALID;
    if (result == 0) {
        struct fx_reply reply;
        struct fx_call call = {
            .function = function,
            .verb = FX_VERB_QUERY_EVENT,
            .enter = fx_ticks_ordered(),
            FX_WORDS((uint64_t)event, 0),
            FX_OPERANDS((uint64_t)event),
        };
        result = fx_ask(self, &call, &reply);
        if (result == 0) *(int32_t *)status = reply.words[0] == 0 ? complete : 1 - complete;
    }
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
    if (fx_event_resolve(self, function, event) == NULL) return fx_end(self, FX_ERROR_INVALID);
    struct fx_reply reply;
    struct fx_call call = {
        .function = function,
        .verb = FX_VERB_WAIT_EVENT,
        .enter = fx_ticks_ordered(),
        FX_WORDS((uint64_t)event, (uint64_t)(int64_t)timeout),
        FX_OPERANDS((uint64_t)event, (uint64_t)(int64_t)timeout),
    };
    if (function == FX_FUNCTION_aclrtSynchronizeEvent) call.word_count = 1;
    return fx_end(self, fx_ask_timeout(self, &call, &reply, timeout));
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
        status = FX_ERROR_INVALID;
    if (status == 0) {
        struct fx_reply reply;
        struct fx_call call = {
            .function = function,
            .verb = FX_VERB_EVENT_ELAPSED,
            .enter = fx_ticks_ordered(),
            FX_WORDS(0, (uint64_t)startEvent, (uint64_t)endEvent),
            FX_OPERANDS((uint64_t)startEvent, (uint64_t)endEvent),
        };
        status = fx_ask(self, &call, &reply);
        if (status == 0) memcpy(ms, &reply.words[0], sizeof(float));
    }
    return fx_end(self, status);
}
