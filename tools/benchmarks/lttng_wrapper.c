// libascendcl.so with one function between two LTTng-UST trace points; the others are those of the
// library that it needs. What such a wrapper costs is what a recorded call costs there.
#define LTTNG_UST_TRACEPOINT_CREATE_PROBES
#define LTTNG_UST_TRACEPOINT_DEFINE
#include "lttng_wrapper.h"

#include <dlfcn.h>
#include <stddef.h>

int32_t aclrtMemcpyAsync(
    void *to, size_t most, const void *from, size_t count, int32_t kind, void *stream) {
    static int32_t (*real)(void *, size_t, const void *, size_t, int32_t, void *);
    if (real == NULL) *(void **)&real = dlsym(dlopen("libnull_device.so", RTLD_NOW), "aclrtMemcpyAsync");
    lttng_ust_tracepoint(flexnpu_bench, enter, (uint64_t)to, count);
    const int32_t status = real(to, most, from, count, kind, stream);
    lttng_ust_tracepoint(flexnpu_bench, leave, status);
    return status;
}
