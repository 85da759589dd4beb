// A device library that crashes or hangs on request, and is the software device in all else, against which
// it is linked: memory of exactly ABORT_BYTES, FAULT_BYTES or HANG_BYTES does it, and so does phase two of
// aclnnMul, as FLEXNPU_TEST_MUL says: abort, fault or hang; aclInit as FLEXNPU_TEST_INIT says.
#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ABORT_BYTES = 12345856, FAULT_BYTES = 12346368, HANG_BYTES = 12346880 };

static void break_by(const char *way)
{
    if (strcmp(way, "abort") == 0) abort();
    if (strcmp(way, "fault") == 0) *(volatile int *)(uintptr_t)16 = 1;
    for (;;) pause();
}

int aclInit(const char *path)
{
    static int (*next)(const char *);
    if (next == NULL) *(void **)&next = dlsym(RTLD_NEXT, "aclInit");
    const char *way = getenv("FLEXNPU_TEST_INIT");
    if (way != NULL) break_by(way);
    return next(path);
}

int aclrtMalloc(void **address, size_t bytes, int policy)
{
    static int (*next)(void **, size_t, int);
    if (next == NULL) *(void **)&next = dlsym(RTLD_NEXT, "aclrtMalloc");
    if (bytes == ABORT_BYTES) break_by("abort");
    if (bytes == FAULT_BYTES) break_by("fault");
    if (bytes == HANG_BYTES) break_by("hang");
    return next(address, bytes, policy);
}

int aclnnMul(void *workspace, uint64_t size, void *executor, void *stream)
{
    static int (*next)(void *, uint64_t, void *, void *);
    if (next == NULL) *(void **)&next = dlsym(RTLD_NEXT, "aclnnMul");
    const char *way = getenv("FLEXNPU_TEST_MUL");
    if (way != NULL) break_by(way);
    return next(workspace, size, executor, stream);
}
