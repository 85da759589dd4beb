// A device library that is slow at two things, and the software device in all else: the first phase one of
// aclnnMul takes SLOW_MS, as a first compile does, and so does memory of exactly SLOW_BYTES. It is linked
// against the software device, in which every other name is found.
#include <dlfcn.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

enum { SLOW_MS = 3000, SLOW_BYTES = 12345344 };

static void pass_time(void)
{
    struct timespec time = {.tv_sec = SLOW_MS / 1000, .tv_nsec = SLOW_MS % 1000 * 1000000L};
    nanosleep(&time, NULL);
}

int aclrtMalloc(void **address, size_t bytes, int policy)
{
    static int (*next)(void **, size_t, int);
    if (next == NULL) *(void **)&next = dlsym(RTLD_NEXT, "aclrtMalloc");
    if (bytes == SLOW_BYTES) pass_time();
    return next(address, bytes, policy);
}

int aclnnMulGetWorkspaceSize(
    const void *self, const void *other, void *out, uint64_t *size, void **executor)
{
    static int (*next)(const void *, const void *, void *, uint64_t *, void **);
    static atomic_int calls;
    if (next == NULL) *(void **)&next = dlsym(RTLD_NEXT, "aclnnMulGetWorkspaceSize");
    if (atomic_fetch_add(&calls, 1) == 0) pass_time();
    return next(self, other, out, size, executor);
}
