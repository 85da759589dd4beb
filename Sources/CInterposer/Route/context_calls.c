// aclInit and aclFinalize, devices and contexts.
#include "contexts.h"

#include <string.h>

#include "../Objects/memory.h"
#include "guard.h"

static uint32_t initialized;

/// aclrtSetDevice gives each device one context that all threads share, counted per process.
static struct {
    struct fx_lock lock;
    uint64_t primary[FX_DEVICE_LIMIT];
    uint32_t count[FX_DEVICE_LIMIT];
} devices;

/// From now on the thread is in that context.
static void enter(struct fx_thread *self, uint64_t context, int32_t device) {
    self->context = context;
    self->device = device;
}

// ---- aclInit, aclFinalize ----------------------------------------------------------------------

void fx_contexts_reset_in_child(void) {
    memset(&devices, 0, sizeof(devices));
    __atomic_store_n(&initialized, 0, __ATOMIC_RELAXED);
}

int32_t fx_route_aclInit(const void *configPath) {
    if (fx_session_renew()) __atomic_store_n(&initialized, 0, __ATOMIC_RELAXED);
    struct fx_thread *self;
    int32_t status = fx_begin(&self, FX_FUNCTION_aclInit);
    if (status != 0) return status;
    if (__atomic_exchange_n(&initialized, 1, __ATOMIC_ACQ_REL) != 0)
        return fx_end(
            self, fx_fail(self, FX_ERROR_REPEAT_INITIALIZE, "aclInit was called before"));
    uint64_t length = configPath != NULL ? strnlen(configPath, 4096) : 0;
    struct fx_call call = {
        .function = FX_FUNCTION_aclInit,
        .bytes = configPath,
        .byte_count = length,
        FX_WORDS(length),
    };
    status = fx_ask_initialize(self, &call);
    if (status != 0) __atomic_store_n(&initialized, 0, __ATOMIC_RELEASE);
    return fx_end(self, status);
}

int32_t fx_route_aclFinalize(void) {
    struct fx_thread *self;
    int repeated = __atomic_exchange_n(&initialized, 0, __ATOMIC_ACQ_REL) == 0;
    int32_t status = fx_begin(&self, FX_FUNCTION_aclFinalize);
    if (status != 0) return status;
    if (repeated)
        return fx_end(
            self, fx_fail(self, FX_ERROR_REPEAT_FINALIZE, "aclFinalize without an aclInit"));
    struct fx_call call = {.function = FX_FUNCTION_aclFinalize};
    return fx_end(self, fx_ask_finalize(self, &call));
}

// ---- Contexts ----------------------------------------------------------------------------------

/// A context with its default stream, told to the daemon. 0 and the handle, or an error.
static int32_t make_context(
    struct fx_thread *self, uint16_t function, int32_t device, int primary, uint64_t *made) {
    struct fx_handle object = {.device = device, .primary = (uint32_t)primary};
    uint64_t context = fx_handle_new(FX_KIND_CONTEXT, UINT32_MAX, &object);
    struct fx_handle own_stream = {.device = device, .context = context, .primary = 1};
    uint64_t stream = context ? fx_handle_new(FX_KIND_STREAM, UINT32_MAX, &own_stream) : 0;
    int32_t status = FX_ERROR_BAD_ALLOCATION;
    if (stream != 0) {
        fx_handle_get(FX_KIND_CONTEXT, context)->context = stream;
        struct fx_call call = {
            .function = function,
            FX_WORDS(primary ? (uint64_t)(int64_t)device : context, (uint64_t)(int64_t)device),
        };
        if (primary) call.word_count = 1;
        status = fx_ask_context_create(self, &call, context, device, stream);
    }
    if (status == 0) {
        *made = context;
        return 0;
    }
    fx_handle_end(FX_KIND_STREAM, stream);
    fx_handle_end(FX_KIND_CONTEXT, context);
    return status;
}

/// A context that goes, and what goes with it: lists of handles whose indices are given out again once
/// the daemon has let go of them.
struct ending {
    uint64_t context;
    int32_t device;
    uint32_t streams, contexts;
};

static void retire_stream_of(uint64_t stream, struct fx_handle *object, void *with) {
    struct ending *ending = with;
    if (object->context == ending->context)
        fx_handle_retire(FX_KIND_STREAM, stream, &ending->streams);
}

/// The context ends for the program, its streams with it.
static struct ending retire_context(uint64_t context) {
    struct ending ending = {.context = context};
    fx_handle_each(FX_KIND_STREAM, retire_stream_of, &ending);
    fx_handle_retire(FX_KIND_CONTEXT, context, &ending.contexts);
    return ending;
}

static void retire_on_device(
    enum fx_kind kind, uint64_t handle, const struct fx_handle *object, struct ending *ending) {
    uint32_t *retired = kind == FX_KIND_STREAM ? &ending->streams : &ending->contexts;
    if (object->device == ending->device) fx_handle_retire(kind, handle, retired);
}

static void retire_stream_on_device(uint64_t stream, struct fx_handle *object, void *ending) {
    retire_on_device(FX_KIND_STREAM, stream, object, ending);
}

static void retire_context_on_device(uint64_t context, struct fx_handle *object, void *ending) {
    retire_on_device(FX_KIND_CONTEXT, context, object, ending);
}

/// A reset ends all contexts of the device, also those of aclrtCreateContext.
static struct ending retire_device(int32_t device) {
    struct ending ending = {.device = device};
    fx_handle_each(FX_KIND_STREAM, retire_stream_on_device, &ending);
    fx_handle_each(FX_KIND_CONTEXT, retire_context_on_device, &ending);
    return ending;
}

static void recycle_context(const struct ending *ending) {
    fx_handles_recycle(FX_KIND_STREAM, ending->streams);
    fx_handles_recycle(FX_KIND_CONTEXT, ending->contexts);
}

/// What was enqueued runs to its end before a context goes. A failure of that work is no failure of
/// ours.
static void wait_for_stream(struct fx_thread *self, uint16_t function, uint64_t stream) {
    struct fx_call call = {.function = function, .flags = FX_FLAG_QUIET, .stream = stream};
    fx_ask_wait_stream(self, &call, -1);
}

static void wait_for_device(struct fx_thread *self, uint16_t function, int32_t device) {
    struct fx_call call = {.function = function, .flags = FX_FLAG_QUIET};
    fx_ask_wait_device(self, &call, device, -1);
}

int32_t fx_route_aclrtCreateContext(void *context, int32_t deviceId) {
    struct fx_thread *self;
    const uint16_t function = FX_FUNCTION_aclrtCreateContext;
    int32_t status = fx_begin(&self, function);
    if (status != 0) return status;
    if (context == NULL) return fx_end(self, fx_invalid(self, function, "context is NULL"));
    status = fx_device_check(self, function, deviceId);
    uint64_t made = 0;
    if (status == 0) status = fx_thread_use_device(self, deviceId);
    if (status == 0) status = make_context(self, function, deviceId, 0, &made);
    if (status == 0) {
        *(uint64_t *)context = made;
        enter(self, made, deviceId);
    }
    return fx_end(self, status);
}

int32_t fx_route_aclrtDestroyContext(void *context) {
    struct fx_thread *self;
    const uint16_t function = FX_FUNCTION_aclrtDestroyContext;
    int32_t status = fx_begin(&self, function);
    if (status != 0) return status;
    uint64_t handle = (uint64_t)context;
    const struct fx_handle *object = fx_handle_get(FX_KIND_CONTEXT, handle);
    if (object == NULL || object->primary)
        return fx_end(
            self, fx_invalid(self, function, "this is no context of aclrtCreateContext"));
    status = fx_thread_use_device(self, object->device);
    if (status != 0) return fx_end(self, status);
    wait_for_stream(self, function, object->context);
    struct ending ending = retire_context(handle);
    struct fx_call call = {.function = function, FX_WORDS(handle)};
    status = fx_ask_context_destroy(self, &call, handle);
    recycle_context(&ending);
    if (self->context == handle) self->context = 0;
    return fx_end(self, status);
}

int32_t fx_route_aclrtSetCurrentContext(void *context) {
    struct fx_thread *self;
    int32_t status = fx_begin_local(&self, FX_FUNCTION_aclrtSetCurrentContext);
    if (status != 0) return status;
    const struct fx_handle *object = fx_handle_get(FX_KIND_CONTEXT, (uint64_t)context);
    if (object == NULL)
        status = fx_invalid(self, FX_FUNCTION_aclrtSetCurrentContext, "this is no context");
    else
        enter(self, (uint64_t)context, object->device);
    return fx_end(self, status);
}

int32_t fx_route_aclrtGetCurrentContext(void *context) {
    struct fx_thread *self;
    const uint16_t function = FX_FUNCTION_aclrtGetCurrentContext;
    int32_t status = fx_begin_local(&self, function);
    if (status != 0) return status;
    struct fx_handle *object;
    if (context == NULL)
        status = fx_invalid(self, function, "context is NULL");
    else if ((status = fx_context_current(self, function, &object)) == 0)
        *(uint64_t *)context = self->context;
    return fx_end(self, status);
}

int32_t fx_route_aclrtCtxGetCurrentDefaultStream(void *stream) {
    struct fx_thread *self;
    const uint16_t function = FX_FUNCTION_aclrtCtxGetCurrentDefaultStream;
    int32_t status = fx_begin_local(&self, function);
    if (status != 0) return status;
    struct fx_handle *object;
    if (stream == NULL)
        status = fx_invalid(self, function, "stream is NULL");
    else if ((status = fx_context_current(self, function, &object)) == 0)
        *(uint64_t *)stream = object->context;
    return fx_end(self, status);
}

// ---- Devices -----------------------------------------------------------------------------------

static int32_t set_device(struct fx_thread *self, int32_t device) {
    int32_t status = fx_device_check(self, FX_FUNCTION_aclrtSetDevice, device);
    if (status == 0) status = fx_thread_use_device(self, device);
    if (status != 0) return status;
    fx_lock_take(&devices.lock);
    // A context of a session that is no more is not live: the device is set for the first time
    // again.
    if (fx_handle_get(FX_KIND_CONTEXT, devices.primary[device]) == NULL) {
        devices.count[device] = 0;
        status = make_context(
            self, FX_FUNCTION_aclrtSetDevice, device, 1, &devices.primary[device]);
    }
    if (status == 0) {
        devices.count[device]++;
        enter(self, devices.primary[device], device);
    }
    fx_lock_give(&devices.lock);
    return status;
}

int32_t fx_route_aclrtSetDevice(int32_t deviceId) {
    struct fx_thread *self;
    int32_t status = fx_begin(&self, FX_FUNCTION_aclrtSetDevice);
    if (status != 0) return status;
    return fx_end(self, set_device(self, deviceId));
}

int32_t fx_route_aclrtGetDevice(void *deviceId) {
    struct fx_thread *self;
    const uint16_t function = FX_FUNCTION_aclrtGetDevice;
    int32_t status = fx_begin_local(&self, function);
    if (status != 0) return status;
    struct fx_handle *context;
    if (deviceId == NULL)
        status = fx_invalid(self, function, "deviceId is NULL");
    else if ((status = fx_context_current(self, function, &context)) == 0)
        *(int32_t *)deviceId = context->device;
    return fx_end(self, status);
}

/// The device's context goes when as many resets as sets were called, or at once if forced.
static int32_t reset_device(struct fx_thread *self, uint16_t function, int32_t device, int force) {
    int32_t status = fx_device_check(self, function, device);
    if (status == 0) status = fx_thread_use_device(self, device);
    if (status != 0) return status;
    fx_lock_take(&devices.lock);
    uint64_t context = devices.primary[device];
    int live = fx_handle_get(FX_KIND_CONTEXT, context) != NULL;
    if (live) devices.count[device] = force ? 0 : devices.count[device] - 1;
    if (live && devices.count[device] == 0) {
        if (!force) wait_for_device(self, function, device);
        devices.primary[device] = 0;
        struct ending ending = retire_device(device);
        fx_memory_forget_device(device);
        struct fx_call call = {.function = function, FX_WORDS((uint64_t)(int64_t)device)};
        status = fx_ask_device_reset(self, &call, device);
        recycle_context(&ending);
    }
    fx_lock_give(&devices.lock);
    return status;
}

int32_t fx_route_aclrtResetDevice(int32_t deviceId) {
    struct fx_thread *self;
    int32_t status = fx_begin(&self, FX_FUNCTION_aclrtResetDevice);
    if (status != 0) return status;
    return fx_end(self, reset_device(self, FX_FUNCTION_aclrtResetDevice, deviceId, 0));
}

int32_t fx_route_aclrtResetDeviceForce(int32_t deviceId) {
    struct fx_thread *self;
    int32_t status = fx_begin(&self, FX_FUNCTION_aclrtResetDeviceForce);
    if (status != 0) return status;
    return fx_end(self, reset_device(self, FX_FUNCTION_aclrtResetDeviceForce, deviceId, 1));
}

int32_t fx_route_aclrtGetPrimaryCtxState(int32_t deviceId, void *flags, void *active) {
    struct fx_thread *self;
    const uint16_t function = FX_FUNCTION_aclrtGetPrimaryCtxState;
    int32_t status = fx_begin(&self, function);
    if (status != 0) return status;
    status = fx_device_check(self, function, deviceId);
    if (status == 0 && active == NULL) status = fx_invalid(self, function, "active is NULL");
    if (status == 0) {
        fx_lock_take(&devices.lock);
        if (flags != NULL) *(uint32_t *)flags = 0;
        *(int32_t *)active = fx_handle_get(FX_KIND_CONTEXT, devices.primary[deviceId]) != NULL;
        fx_lock_give(&devices.lock);
    }
    return fx_end(self, status);
}

int32_t fx_route_aclrtGetRunMode(void *runMode) {
    if (runMode == NULL) return FX_ERROR_INVALID_PARAMETER;
    *(int32_t *)runMode = 1;  // ACL_HOST
    return 0;
}
