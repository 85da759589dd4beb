// What a program says about itself: mstx marks and ranges, and the profiling interface, which has
// nobody to report to.
#include <string.h>

#include "../Objects/handles.h"
#include "../Objects/objects.h"
#include "guard.h"

/// mstx takes messages of at most 255 bytes.
enum { message_limit = 255 };

static uint64_t last_range;

static uint64_t new_range(void) {
    return __atomic_add_fetch(&last_range, 1, __ATOMIC_RELAXED);
}

static uint64_t length_of(const char *message) {
    return message != NULL ? strnlen(message, message_limit) : 0;
}

/// The text and the stream of a mark. A mark is never worth an error: a stream that is none is left
/// out, and where the mark cannot be sent it is not made.
static int begin_mark(
    struct fx_thread **self, struct fx_call *call, const char *message, const void *stream) {
    if (fx_begin(self, call->function) != 0) return 0;
    uint64_t handle = (uint64_t)stream;
    call->stream = fx_handle_get(FX_KIND_STREAM, handle) != NULL ? handle : 0;
    call->bytes = message;
    call->byte_count = length_of(message);
    return 1;
}

static void send_point(struct fx_call *call, const char *message, const void *stream) {
    struct fx_thread *self;
    if (!begin_mark(&self, call, message, stream)) return;
    fx_send_mark(self, call);
    fx_end(self, 0);
}

static void send_begin(
    struct fx_call *call, const char *message, const void *stream, uint64_t range) {
    struct fx_thread *self;
    if (!begin_mark(&self, call, message, stream)) return;
    fx_send_range_begin(self, call, range);
    fx_end(self, 0);
}

static void send_end(struct fx_call *call, uint64_t range) {
    struct fx_thread *self;
    if (!begin_mark(&self, call, NULL, NULL)) return;
    fx_send_range_end(self, call, range);
    fx_end(self, 0);
}

void fx_route_mstxMarkA(const void *message, void *stream) {
    struct fx_call call = {
        .function = FX_FUNCTION_mstxMarkA, FX_WORDS(length_of(message), (uint64_t)stream)};
    send_point(&call, message, stream);
}

/// The last word of a range's start is its result, the id.
uint64_t fx_route_mstxRangeStartA(const void *message, void *stream) {
    uint64_t range = new_range();
    struct fx_call call = {
        .function = FX_FUNCTION_mstxRangeStartA,
        FX_WORDS(length_of(message), (uint64_t)stream, range),
    };
    send_begin(&call, message, stream, range);
    return range;
}

void fx_route_mstxRangeEnd(uint64_t id) {
    struct fx_call call = {.function = FX_FUNCTION_mstxRangeEnd, FX_WORDS(id)};
    send_end(&call, id);
}

void *fx_route_mstxDomainCreateA(const void *name) {
    (void)name;
    struct fx_object *domain = fx_object_new(0);
    if (domain != NULL) fx_object_open(domain, FX_OBJECT_DOMAIN);
    return domain;
}

void fx_route_mstxDomainDestroy(void *domain) { fx_object_end(FX_OBJECT_DOMAIN, domain); }

void fx_route_mstxDomainMarkA(void *domain, const void *message, void *stream) {
    struct fx_call call = {
        .function = FX_FUNCTION_mstxDomainMarkA,
        FX_WORDS((uint64_t)domain, length_of(message), (uint64_t)stream),
    };
    send_point(&call, message, stream);
}

uint64_t fx_route_mstxDomainRangeStartA(void *domain, const void *message, void *stream) {
    uint64_t range = new_range();
    struct fx_call call = {
        .function = FX_FUNCTION_mstxDomainRangeStartA,
        FX_WORDS((uint64_t)domain, length_of(message), (uint64_t)stream, range),
    };
    send_begin(&call, message, stream, range);
    return range;
}

void fx_route_mstxDomainRangeEnd(void *domain, uint64_t id) {
    struct fx_call call = {
        .function = FX_FUNCTION_mstxDomainRangeEnd, FX_WORDS((uint64_t)domain, id)};
    send_end(&call, id);
}

// ---- The profiling interface: accepted, reported to nobody -------------------------------------

int32_t fx_route_MsprofRegisterCallback(uint32_t moduleId, void *handle) {
    (void)moduleId, (void)handle;
    return 0;
}

int32_t fx_route_MsprofReportAdditionalInfo(uint32_t agingFlag, void *data, uint32_t length) {
    (void)agingFlag, (void)data, (void)length;
    return 0;
}

int32_t fx_route_MsprofReportCompactInfo(uint32_t agingFlag, void *data, uint32_t length) {
    (void)agingFlag, (void)data, (void)length;
    return 0;
}

int32_t fx_route_MsprofReportApi(uint32_t agingFlag, const void *api) {
    (void)agingFlag, (void)api;
    return 0;
}

uint64_t fx_route_MsprofSysCycleTime(void) { return fx_ticks(); }

/// FNV-1a: the same text has the same id.
uint64_t fx_route_MsprofGetHashId(const void *hashInfo, size_t length) {
    const uint8_t *text = hashInfo;
    uint64_t hash = 0xCBF29CE484222325ull;
    for (size_t i = 0; text != NULL && i < length; i++) hash = (hash ^ text[i]) * 0x100000001B3ull;
    return hash;
}
