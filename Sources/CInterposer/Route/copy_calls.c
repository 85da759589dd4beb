// The copies and fills of the API.
#include <string.h>

#include "../Objects/context.h"
#include "../Objects/memory.h"
#include "copy.h"
#include "guard.h"

static uint64_t word(const void *pointer) { return (uint64_t)pointer; }
static uint64_t extended(int32_t number) { return (uint64_t)(int64_t)number; }

/// `stream` NULL with `synchronous`: at once. Else a stream of the program's.
static int32_t run(struct fx_copy *copy, int synchronous, const void *stream, const char *wrong) {
    struct fx_thread *self;
    int32_t status = fx_begin(&self, copy->function);
    if (status != 0) return status;
    if (wrong != NULL) return fx_end(self, fx_invalid(self, copy->function, wrong));
    if (!synchronous) status = fx_stream_resolve(self, copy->function, stream, &copy->stream);
    if (status == 0) status = fx_copy_run(self, copy);
    return fx_end(self, status);
}

int32_t fx_route_aclrtMemcpy(
    void *dst, size_t destMax, const void *src, size_t count, int32_t kind) {
    struct fx_copy copy = {
        .function = FX_FUNCTION_aclrtMemcpy,
        .kind = kind,
        .to = word(dst),
        .from = word(src),
        .width = count,
        .height = 1,
        FX_WORDS(word(dst), destMax, word(src), count, extended(kind)),
    };
    return run(&copy, 1, NULL, count > destMax ? "count is larger than destMax" : NULL);
}

int32_t fx_route_aclrtMemcpyAsync(
    void *dst, size_t destMax, const void *src, size_t count, int32_t kind, void *stream) {
    struct fx_copy copy = {
        .function = FX_FUNCTION_aclrtMemcpyAsync,
        .kind = kind,
        .to = word(dst),
        .from = word(src),
        .width = count,
        .height = 1,
        FX_WORDS(word(dst), destMax, word(src), count, extended(kind), word(stream)),
    };
    return run(&copy, 0, stream, count > destMax ? "count is larger than destMax" : NULL);
}

int32_t fx_route_aclrtMemcpy2d(
    void *dst, size_t dpitch, const void *src, size_t spitch, size_t width, size_t height,
    int32_t kind) {
    struct fx_copy copy = {
        .function = FX_FUNCTION_aclrtMemcpy2d,
        .kind = kind,
        .to = word(dst),
        .to_pitch = dpitch,
        .from = word(src),
        .from_pitch = spitch,
        .width = width,
        .height = height,
        FX_WORDS(word(dst), dpitch, word(src), spitch, width, height, extended(kind)),
    };
    int short_pitch = dpitch < width || spitch < width;
    return run(&copy, 1, NULL, short_pitch ? "a row is longer than its pitch" : NULL);
}

int32_t fx_route_aclrtMemcpy2dAsync(
    void *dst, size_t dpitch, const void *src, size_t spitch, size_t width, size_t height,
    int32_t kind, void *stream) {
    struct fx_copy copy = {
        .function = FX_FUNCTION_aclrtMemcpy2dAsync,
        .kind = kind,
        .to = word(dst),
        .to_pitch = dpitch,
        .from = word(src),
        .from_pitch = spitch,
        .width = width,
        .height = height,
        FX_WORDS(
            word(dst), dpitch, word(src), spitch, width, height, extended(kind), word(stream)),
    };
    int short_pitch = dpitch < width || spitch < width;
    return run(&copy, 0, stream, short_pitch ? "a row is longer than its pitch" : NULL);
}

// ---- Fills -------------------------------------------------------------------------------------

/// Pinned host memory is filled here, in the stream's order; device memory by the daemon.
static int32_t fill(
    struct fx_thread *self, struct fx_call *call, void *at, int32_t value, uint64_t count) {
    struct fx_block block;
    if (!fx_memory_find(word(at), &block) || count > block.bytes ||
        word(at) - block.base > block.bytes - count)
        return fx_invalid(self, call->function, "this is not within memory of this program");
    if (block.kind == FX_MEMORY_HOST) {
        if (call->stream != 0) {
            int32_t status = fx_ask_wait_stream(self, call, -1);
            if (status != 0) return status;
        }
        memset(at, value, count);
        return 0;
    }
    return call->stream == 0 ? fx_ask_fill(self, call, word(at), extended(value), count)
                             : fx_send_fill(self, call, word(at), extended(value), count);
}

static int32_t memory_set(
    uint16_t function, void *at, uint64_t most, int32_t value, uint64_t count, int synchronous,
    const void *stream) {
    struct fx_thread *self;
    int32_t status = fx_begin(&self, function);
    if (status != 0) return status;
    if (count > most)
        return fx_end(self, fx_invalid(self, function, "count is larger than maxCount"));
    struct fx_call call = {
        .function = function,
        FX_WORDS(word(at), most, extended(value), count, word(stream)),
    };
    if (synchronous)
        call.word_count = 4;
    else
        status = fx_stream_resolve(self, function, stream, &call.stream);
    if (status == 0 && count > 0) status = fill(self, &call, at, value, count);
    return fx_end(self, status);
}

int32_t fx_route_aclrtMemset(void *devPtr, size_t maxCount, int32_t value, size_t count) {
    return memory_set(FX_FUNCTION_aclrtMemset, devPtr, maxCount, value, count, 1, NULL);
}

int32_t fx_route_aclrtMemsetAsync(
    void *devPtr, size_t maxCount, int32_t value, size_t count, void *stream) {
    return memory_set(FX_FUNCTION_aclrtMemsetAsync, devPtr, maxCount, value, count, 0, stream);
}
