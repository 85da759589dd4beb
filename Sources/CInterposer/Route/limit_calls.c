// Limits of cores, of a device and of a stream. A thread that uses a stream's limits prepares its
// operations for that many cores.
#include "../Objects/limits.h"

#include "guard.h"
#include "query.h"

static int32_t check(
    struct fx_thread *self, uint16_t function, int32_t resource, const void *result) {
    if (resource < 0 || resource >= FX_RESOURCE_COUNT)
        return fx_invalid(self, function, "type is neither cube nor vector cores");
    return result != NULL ? 0 : fx_invalid(self, function, "value is NULL");
}

static int32_t check_cores(struct fx_thread *self, uint16_t function, uint32_t cores) {
    if (cores > 0 && cores <= FX_CORE_LIMIT) return 0;
    return fx_invalid(self, function, "value is no count of cores");
}

// ---- Of a device -------------------------------------------------------------------------------

int32_t fx_route_aclrtSetDeviceResLimit(int32_t deviceId, int32_t type, uint32_t value) {
    struct fx_thread *self;
    const uint16_t function = FX_FUNCTION_aclrtSetDeviceResLimit;
    int32_t status = fx_begin(&self, function);
    if (status != 0) return status;
    status = fx_device_check(self, function, deviceId);
    if (status == 0) status = check(self, function, type, &value);
    if (status == 0) status = check_cores(self, function, value);
    if (status == 0) status = fx_thread_use_device(self, deviceId);
    if (status == 0) {
        struct fx_call call = {
            .function = function,
            FX_WORDS((uint64_t)(int64_t)deviceId, (uint64_t)(int64_t)type, value),
        };
        fx_limits_set(fx_limits_of_device(deviceId), type, value);
        status = fx_send_device_limit(self, &call, deviceId, (uint64_t)type, value);
    }
    return fx_end(self, status);
}

int32_t fx_route_aclrtResetDeviceResLimit(int32_t deviceId) {
    struct fx_thread *self;
    const uint16_t function = FX_FUNCTION_aclrtResetDeviceResLimit;
    int32_t status = fx_begin(&self, function);
    if (status != 0) return status;
    status = fx_device_check(self, function, deviceId);
    if (status == 0) status = fx_thread_use_device(self, deviceId);
    for (int32_t type = FX_CUBE_CORES; type < FX_RESOURCE_COUNT && status == 0; type++) {
        struct fx_call call = {
            .function = function,
            .flags = type != FX_CUBE_CORES ? FX_FLAG_QUIET : 0,
            FX_WORDS((uint64_t)(int64_t)deviceId),
        };
        fx_limits_set(fx_limits_of_device(deviceId), type, 0);
        status = fx_send_device_limit(self, &call, deviceId, (uint64_t)type, 0);
    }
    return fx_end(self, status);
}

/// The device's own number of cores, asked of the device library.
static int32_t all_cores(
    struct fx_thread *self, uint16_t function, int32_t device, int32_t resource, uint32_t *cores) {
    enum { cube_core_count = 2, vector_core_count = 3 };  // aclrtDevAttr
    struct fx_reply reply;
    struct fx_query query = {
        .function = FX_FUNCTION_aclrtGetDeviceInfo,
        .words =
            {(uint64_t)device, resource == FX_CUBE_CORES ? cube_core_count : vector_core_count, 0},
        .word_count = 3,
        .asked = 3,
    };
    int32_t status = fx_query_ask(self, &query, &reply);
    if (status != 0) return status;
    if (reply.words[0] > FX_CORE_LIMIT) return fx_invalid(self, function, "the device's cores");
    *cores = (uint32_t)reply.words[0];
    return 0;
}

/// The first that is set: the stream's limit, the device's, all cores.
static int32_t get_cores(
    struct fx_thread *self, uint16_t function, uint64_t stream_limits, int32_t device,
    int32_t resource, uint32_t *cores) {
    const uint64_t limits = __atomic_load_n(fx_limits_of_device(device), __ATOMIC_RELAXED);
    *cores = fx_limits_cores(stream_limits, resource);
    if (*cores == 0) *cores = fx_limits_cores(limits, resource);
    return *cores != 0 ? 0 : all_cores(self, function, device, resource, cores);
}

int32_t fx_route_aclrtGetDeviceResLimit(int32_t deviceId, int32_t type, void *value) {
    struct fx_thread *self;
    const uint16_t function = FX_FUNCTION_aclrtGetDeviceResLimit;
    int32_t status = fx_begin(&self, function);
    if (status != 0) return status;
    status = fx_device_check(self, function, deviceId);
    if (status == 0) status = check(self, function, type, value);
    if (status == 0) status = get_cores(self, function, 0, deviceId, type, value);
    return fx_end(self, status);
}

// ---- Of a stream -------------------------------------------------------------------------------

/// Tells one limit of the stream, which was found, and keeps it here.
static int32_t limit_stream(
    struct fx_thread *self, const struct fx_call *call, int32_t type, uint32_t cores) {
    fx_limits_set(&fx_handle_get(FX_KIND_STREAM, call->stream)->limits, type, cores);
    return fx_send_stream_limit(self, call, (uint64_t)type, cores);
}

int32_t fx_route_aclrtSetStreamResLimit(void *stream, int32_t type, uint32_t value) {
    struct fx_thread *self;
    const uint16_t function = FX_FUNCTION_aclrtSetStreamResLimit;
    int32_t status = fx_begin(&self, function);
    if (status != 0) return status;
    struct fx_call call = {
        .function = function, FX_WORDS((uint64_t)stream, (uint64_t)(int64_t)type, value)};
    status = check(self, function, type, &value);
    if (status == 0) status = check_cores(self, function, value);
    if (status == 0) status = fx_stream_resolve(self, function, stream, &call.stream);
    if (status == 0) status = limit_stream(self, &call, type, value);
    return fx_end(self, status);
}

int32_t fx_route_aclrtResetStreamResLimit(void *stream) {
    struct fx_thread *self;
    const uint16_t function = FX_FUNCTION_aclrtResetStreamResLimit;
    int32_t status = fx_begin(&self, function);
    if (status != 0) return status;
    struct fx_call call = {.function = function, FX_WORDS((uint64_t)stream)};
    status = fx_stream_resolve(self, function, stream, &call.stream);
    if (status == 0) status = limit_stream(self, &call, FX_CUBE_CORES, 0);
    call.flags = FX_FLAG_QUIET;
    if (status == 0) status = limit_stream(self, &call, FX_VECTOR_CORES, 0);
    return fx_end(self, status);
}

int32_t fx_route_aclrtGetStreamResLimit(void *stream, int32_t type, void *value) {
    struct fx_thread *self;
    const uint16_t function = FX_FUNCTION_aclrtGetStreamResLimit;
    int32_t status = fx_begin(&self, function);
    if (status != 0) return status;
    uint64_t handle;
    status = check(self, function, type, value);
    if (status == 0) status = fx_stream_resolve(self, function, stream, &handle);
    if (status == 0)
        status = get_cores(
            self, function, fx_limits_of_stream(handle),
            fx_handle_get(FX_KIND_STREAM, handle)->device, type, value);
    return fx_end(self, status);
}

// ---- Of a thread -------------------------------------------------------------------------------

int32_t fx_route_aclrtUseStreamResInCurrentThread(void *stream) {
    struct fx_thread *self;
    const uint16_t function = FX_FUNCTION_aclrtUseStreamResInCurrentThread;
    int32_t status = fx_begin(&self, function);
    if (status != 0) return status;
    uint64_t handle;
    status = fx_stream_resolve(self, function, stream, &handle);
    if (status == 0) self->limit_stream = handle;
    return fx_end(self, status);
}

int32_t fx_route_aclrtUnuseStreamResInCurrentThread(void *stream) {
    struct fx_thread *self;
    const uint16_t function = FX_FUNCTION_aclrtUnuseStreamResInCurrentThread;
    int32_t status = fx_begin(&self, function);
    if (status != 0) return status;
    uint64_t handle;
    status = fx_stream_resolve(self, function, stream, &handle);
    if (status == 0) self->limit_stream = 0;
    return fx_end(self, status);
}

int32_t fx_route_aclrtGetResInCurrentThread(int32_t type, void *value) {
    struct fx_thread *self;
    const uint16_t function = FX_FUNCTION_aclrtGetResInCurrentThread;
    int32_t status = fx_begin(&self, function);
    if (status != 0) return status;
    struct fx_handle *context;
    status = check(self, function, type, value);
    if (status == 0) status = fx_context_current(self, function, &context);
    if (status == 0)
        status = get_cores(
            self, function, fx_limits_used(self), context->device, type, value);
    return fx_end(self, status);
}
