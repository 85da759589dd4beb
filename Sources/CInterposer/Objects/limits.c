#include "limits.h"

#include "../Transport/compiler.h"
#include "handles.h"

/// By device: vector << 16 | cube, as for a stream.
static uint64_t device_limits[FX_DEVICE_LIMIT];

uint32_t fx_limits_cores(uint64_t limits, int32_t resource) {
    return (uint32_t)(limits >> (16 * resource)) & FX_CORE_LIMIT;
}

void fx_limits_set(uint64_t *limits, int32_t resource, uint32_t cores) {
    uint64_t before = __atomic_load_n(limits, __ATOMIC_RELAXED), after;
    do {
        after = (before & ~((uint64_t)FX_CORE_LIMIT << (16 * resource))) |
                (uint64_t)cores << (16 * resource);
    } while (!__atomic_compare_exchange_n(
        limits, &before, after, 1, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
}

uint64_t fx_limits_of_stream(uint64_t stream) {
    const struct fx_handle *object = fx_handle_get(FX_KIND_STREAM, stream);
    return object != NULL ? __atomic_load_n(&object->limits, __ATOMIC_RELAXED) : 0;
}

uint32_t fx_limits_used(struct fx_thread *self) {
    return fx_likely(self->limit_stream == 0) ? 0 : (uint32_t)fx_limits_of_stream(self->limit_stream);
}

void fx_limits_forget(void) {
    for (int i = 0; i < FX_DEVICE_LIMIT; i++)
        __atomic_store_n(&device_limits[i], 0, __ATOMIC_RELAXED);
}

uint64_t *fx_limits_of_device(int32_t device) { return &device_limits[device]; }
