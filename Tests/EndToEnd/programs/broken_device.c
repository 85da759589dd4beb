// A device library that crashes or hangs on request, and is the software device in all else, against which
// it is linked: memory of exactly ABORT_BYTES, FAULT_BYTES or HANG_BYTES does it, and so does phase two of
// aclnnMul, as FLEXNPU_TEST_MUL says: abort, fault or hang; aclInit and the end of the process
// as FLEXNPU_TEST_INIT and FLEXNPU_TEST_EXIT say.
// With FLEXNPU_TEST_COPY the second aclrtMemcpy of a MiB or more fails with COPY_ERROR.
#include <dlfcn.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ABORT_BYTES = 12345856, FAULT_BYTES = 12346368, HANG_BYTES = 12346880, COPY_ERROR = 507011 };

static void break_by(const char *way)
{
    if (strcmp(way, "abort") == 0) abort();
    if (strcmp(way, "fault") == 0) *(volatile int *)(uintptr_t)16 = 1;
    for (;;) pause();
}

static void break_at_exit(void) { break_by(getenv("FLEXNPU_TEST_EXIT")); }

__attribute__((constructor)) static void prepare(void)
{
    if (getenv("FLEXNPU_TEST_EXIT") != NULL) atexit(break_at_exit);
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

int aclrtMemcpy(void *to, size_t most, const void *from, size_t count, int kind)
{
    static int (*next)(void *, size_t, const void *, size_t, int);
    static atomic_int large;
    if (next == NULL) *(void **)&next = dlsym(RTLD_NEXT, "aclrtMemcpy");
    if (getenv("FLEXNPU_TEST_COPY") != NULL && count >= 1u << 20 && atomic_fetch_add(&large, 1) == 1)
        return COPY_ERROR;
    return next(to, most, from, count, kind);
}
