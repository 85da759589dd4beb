// What a program says about itself: mstx marks and ranges, and the profiling interface, which has
// nobody to report to.
#include <string.h>

#include "guard.h"
#include "handles.h"
#include "objects.h"

/// mstx takes messages of at most 255 bytes.
enum { message_limit = 255 };

static uint64_t last_range;

/// A mark is never worth an error: where it cannot be sent it is not made.
static void send_mark(
    uint16_t function, uint8_t verb, const void *domain, const char *message, const void *stream,
    uint64_t range, uint32_t words) {
    struct fx_thread *self;
    if (fx_begin(&self, function) != 0) return;
    uint64_t length = message != NULL ? strnlen(message, message_limit) : 0;
    const uint64_t in_domain[] = {(uint64_t)domain, length, (uint64_t)stream, range};
    const uint64_t only_range[] = {range};
    uint64_t handle = (uint64_t)stream;
    int has_domain = function == FX_FUNCTION_mstxDomainMarkA ||
                     function == FX_FUNCTION_mstxDomainRangeStartA ||
                     function == FX_FUNCTION_mstxDomainRangeEnd;
    struct fx_call call = {
        .function = function,
        .verb = verb,
        .enter = fx_ticks_ordered(),
        .stream = fx_handle_get(FX_KIND_STREAM, handle) != NULL ? handle : 0,
        .words = in_domain + (has_domain ? 0 : 1),
        .word_count = words,
        .operands = only_range,
        .operand_count = verb == FX_VERB_MARK ? 0 : 1,
        .bytes = message,
        .byte_count = length,
    };
    const uint64_t of_end[] = {(uint64_t)domain, range};
    if (verb == FX_VERB_RANGE_END) call.words = of_end + (has_domain ? 0 : 1);
    fx_send(self, &call);
    fx_end(self, 0);
}

static uint64_t new_range(void) {
    return __atomic_add_fetch(&last_range, 1, __ATOMIC_RELAXED);
}

void fx_route_mstxMarkA(const void *message, void *stream) {
    send_mark(FX_FUNCTION_mstxMarkA, FX_VERB_MARK, NULL, message, stream, 0, 2);
}

/// The last word of a range's start is its result, the id.
uint64_t fx_route_mstxRangeStartA(const void *message, void *stream) {
    uint64_t range = new_range();
    send_mark(
        FX_FUNCTION_mstxRangeStartA, FX_VERB_RANGE_BEGIN, NULL, message, stream, range, 3);
    return range;
}

void fx_route_mstxRangeEnd(uint64_t id) {
    send_mark(FX_FUNCTION_mstxRangeEnd, FX_VERB_RANGE_END, NULL, NULL, NULL, id, 1);
}

void *fx_route_mstxDomainCreateA(const void *name) {
    (void)name;
    struct fx_object *domain = fx_object_new(0);
    if (domain != NULL) fx_object_open(domain, FX_OBJECT_DOMAIN);
    return domain;
}

void fx_route_mstxDomainDestroy(void *domain) { fx_object_end(FX_OBJECT_DOMAIN, domain); }

void fx_route_mstxDomainMarkA(void *domain, const void *message, void *stream) {
    send_mark(FX_FUNCTION_mstxDomainMarkA, FX_VERB_MARK, domain, message, stream, 0, 3);
}

uint64_t fx_route_mstxDomainRangeStartA(void *domain, const void *message, void *stream) {
    uint64_t range = new_range();
    send_mark(
        FX_FUNCTION_mstxDomainRangeStartA, FX_VERB_RANGE_BEGIN, domain, message, stream, range,
        4);
    return range;
}

void fx_route_mstxDomainRangeEnd(void *domain, uint64_t id) {
    send_mark(FX_FUNCTION_mstxDomainRangeEnd, FX_VERB_RANGE_END, domain, NULL, NULL, id, 2);
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
