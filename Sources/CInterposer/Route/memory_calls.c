// Device and host memory.
#include "../Objects/memory.h"

#include <string.h>
#include <sys/mman.h>

#include "../Objects/context.h"
#include "guard.h"

// ---- Device memory -----------------------------------------------------------------------------

/// Tells the daemon that the program has no more use for a block.
static int32_t send_free(struct fx_thread *self, uint16_t function, uint64_t address) {
    struct fx_call call = {.function = function, FX_WORDS(address)};
    return fx_send_free(self, &call, address);
}

/// No device has as much memory.
enum { memory_bits = 46 };
/// Allocations end where devices begin the next one: what copies may reach is the same with any.
enum { allocation_unit = 512 };

static int32_t allocate(
    struct fx_thread *self, uint16_t function, void *devPtr, uint64_t asked, int32_t policy) {
    if (devPtr == NULL || asked == 0)
        return fx_invalid(self, function, "devPtr is NULL or size 0");
    if (asked > (1ull << memory_bits) - allocation_unit)
        return fx_fail(
            self, FX_ERROR_OUT_OF_MEMORY, "%s: no device has %llu bytes",
            fx_function_name(function), (unsigned long long)asked);
    uint64_t size = (asked + allocation_unit - 1) & ~(uint64_t)(allocation_unit - 1);
    struct fx_handle *context;
    int32_t status = fx_context_current(self, function, &context);
    if (status != 0) return status;
    uint64_t address, mode = (uint64_t)(int64_t)policy;
    struct fx_call call = {.function = function, FX_WORDS(0, asked, mode)};
    status = fx_ask_malloc(self, &call, context->device, size, mode, &address);
    if (status != 0) return status;
    struct fx_block block = {
        .base = address,
        .bytes = size,
        .device = context->device,
        .kind = FX_MEMORY_DEVICE,
        .reserved = (uint8_t)fx_memory_reserve(address, size),
    };
    if (fx_memory_add(&block) != 0) {
        send_free(self, function, block.base);
        return fx_fail(
            self, FX_ERROR_BAD_ALLOCATION, "%s: the device's address is in use here",
            fx_function_name(function));
    }
    memcpy(devPtr, &block.base, sizeof(block.base));
    return 0;
}

static int32_t refuse_configuration(
    struct fx_thread *self, uint16_t function, const void *configuration) {
    if (configuration == NULL) return 0;
    return fx_fail(
        self, FX_ERROR_RUNTIME_UNSUPPORTED, "%s: a configuration is not supported",
        fx_function_name(function));
}

static int32_t routed_malloc(
    uint16_t function, void *devPtr, uint64_t size, int32_t policy, const void *configuration) {
    struct fx_thread *self;
    int32_t status = fx_begin(&self, function);
    if (status != 0) return status;
    status = refuse_configuration(self, function, configuration);
    if (status == 0) status = allocate(self, function, devPtr, size, policy);
    return fx_end(self, status);
}

int32_t fx_route_aclrtMalloc(void *devPtr, size_t size, int32_t policy) {
    return routed_malloc(FX_FUNCTION_aclrtMalloc, devPtr, size, policy, NULL);
}

int32_t fx_route_aclrtMallocAlign32(void *devPtr, size_t size, int32_t policy) {
    return routed_malloc(FX_FUNCTION_aclrtMallocAlign32, devPtr, size, policy, NULL);
}

int32_t fx_route_aclrtMallocCached(void *devPtr, size_t size, int32_t policy) {
    return routed_malloc(FX_FUNCTION_aclrtMallocCached, devPtr, size, policy, NULL);
}

int32_t fx_route_aclrtMallocWithCfg(void *devPtr, size_t size, int32_t policy, void *cfg) {
    return routed_malloc(FX_FUNCTION_aclrtMallocWithCfg, devPtr, size, policy, cfg);
}

int32_t fx_route_aclrtFree(void *devPtr) {
    struct fx_thread *self;
    const uint16_t function = FX_FUNCTION_aclrtFree;
    int32_t status = fx_begin(&self, function);
    if (status != 0) return status;
    struct fx_block block;
    if (!fx_memory_remove((uint64_t)devPtr, FX_MEMORY_DEVICE, &block))
        status = fx_invalid(self, function, "this is not the start of a device allocation");
    else if ((status = fx_thread_use_device(self, block.device)) == 0)
        status = send_free(self, function, block.base);
    return fx_end(self, status);
}

// ---- Host memory -------------------------------------------------------------------------------

static int32_t send_host_free(
    struct fx_thread *self, uint16_t function, uint64_t address, uint64_t id) {
    struct fx_call call = {.function = function, FX_WORDS(address)};
    return fx_send_host_free(self, &call, id);
}

static int32_t allocate_host(
    struct fx_thread *self, uint16_t function, void *hostPtr, uint64_t size) {
    if (hostPtr == NULL || size == 0)
        return fx_invalid(self, function, "hostPtr is NULL or size 0");
    struct fx_socket_ask ask = {.kind = FX_SOCKET_HOST_MEMORY, .a = size};
    struct fx_socket_answer answer = {0};
    int descriptor;
    int32_t status = fx_socket_request(self->session, &ask, &answer, &descriptor);
    if (status != 0) {
        if (descriptor >= 0) close(descriptor);
        if (status == FX_SOCKET_LOST) return fx_daemon_lost(self);
        return fx_fail(self, status, "%s: %s", fx_function_name(function), answer.message);
    }
    uint64_t mapped;
    void *memory = fx_map_sealed(descriptor, size, &mapped);
    struct fx_block block = {
        .base = (uint64_t)memory, .bytes = mapped, .id = answer.a, .kind = FX_MEMORY_HOST};
    if (memory != NULL && fx_memory_add(&block) == 0) {
        memcpy(hostPtr, &memory, sizeof(memory));
        return 0;
    }
    if (memory != NULL) munmap(memory, mapped);
    send_host_free(self, function, 0, answer.a);
    return fx_fail(self, FX_ERROR_BAD_ALLOCATION, "%s: no memory", fx_function_name(function));
}

static int32_t routed_malloc_host(
    uint16_t function, void *hostPtr, uint64_t size, const void *configuration) {
    struct fx_thread *self;
    int32_t status = fx_begin(&self, function);
    if (status != 0) return status;
    status = refuse_configuration(self, function, configuration);
    if (status == 0) status = allocate_host(self, function, hostPtr, size);
    return fx_end(self, status);
}

int32_t fx_route_aclrtMallocHost(void *hostPtr, size_t size) {
    return routed_malloc_host(FX_FUNCTION_aclrtMallocHost, hostPtr, size, NULL);
}

int32_t fx_route_aclrtMallocHostWithCfg(void *ptr, uint64_t size, void *cfg) {
    return routed_malloc_host(FX_FUNCTION_aclrtMallocHostWithCfg, ptr, size, cfg);
}

int32_t fx_route_aclrtFreeHost(void *hostPtr) {
    struct fx_thread *self;
    const uint16_t function = FX_FUNCTION_aclrtFreeHost;
    int32_t status = fx_begin(&self, function);
    if (status != 0) return status;
    struct fx_block block;
    if (!fx_memory_remove((uint64_t)hostPtr, FX_MEMORY_HOST, &block)) {
        status = fx_invalid(self, function, "this is not the start of a host allocation");
    } else {
        // The daemon has a mapping of its own: copies that are under way go on.
        munmap((void *)block.base, block.bytes);
        status = send_host_free(self, function, block.base, block.id);
    }
    return fx_end(self, status);
}

// ---- Where an address lies ---------------------------------------------------------------------

/// aclrtPtrAttributes: the location's id and type, the page size, four reserved words.
struct pointer_attributes {
    uint32_t id;
    uint32_t type;
    uint32_t page_bytes;
    uint32_t reserved[4];
};

int32_t fx_route_aclrtPointerGetAttributes(const void *ptr, void *attributes) {
    struct fx_thread *self;
    const uint16_t function = FX_FUNCTION_aclrtPointerGetAttributes;
    int32_t status = fx_begin_local(&self, function);
    if (status != 0) return status;
    if (ptr == NULL || attributes == NULL)
        return fx_end(self, fx_invalid(self, function, "ptr or attributes is NULL"));
    struct pointer_attributes found = {.type = 2};  // not registered: pageable
    struct fx_block block;
    if (fx_memory_find((uint64_t)ptr, &block)) {
        int device = block.kind == FX_MEMORY_DEVICE;
        found.id = device ? (uint32_t)block.device : 0;
        found.type = device ? 1 : 0;
        found.page_bytes = device ? 2u << 20 : 4096;
    }
    memcpy(attributes, &found, sizeof(found));
    return fx_end(self, 0);
}
