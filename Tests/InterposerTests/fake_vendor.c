// Stands for CANN's libraries in the tests of observe mode: does little, and can be asked what it
// saw.
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifndef OPERATIONS

static uint64_t calls;

int32_t aclrtMemcpyAsync(void *to, size_t most, const void *from, size_t count, int32_t kind, void *stream);

int32_t aclInit(const char *path) { return path && !strcmp(path, "fail") ? 100003 : 0; }
int32_t aclFinalize(void) { return 0; }
int32_t aclrtMalloc(void **pointer, size_t bytes, int32_t policy) {
    (void)policy;
    *pointer = malloc(bytes);
    return *pointer ? 0 : 207001;
}
int32_t aclrtFree(void *pointer) {
    free(pointer);
    return 0;
}
int32_t aclrtMemcpyAsync(void *to, size_t most, const void *from, size_t count, int32_t kind, void *stream) {
    (void)kind, (void)stream;
    __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED);
    if (count > most) return 107000;
    memcpy(to, from, count);
    return 0;
}
// Calls another of its functions through the dynamic linker: a nested call.
int32_t aclrtMemcpy(void *to, size_t most, const void *from, size_t count, int32_t kind) {
    int32_t (*outer)(void *, size_t, const void *, size_t, int32_t, void *) =
        (int32_t(*)(void *, size_t, const void *, size_t, int32_t, void *))dlsym(
            RTLD_DEFAULT, "aclrtMemcpyAsync");
    return outer(to, most, from, count, kind, NULL);
}
const char *aclrtGetSocName(void) { return "Vendor"; }
const char *aclGetRecentErrMsg(void) { return NULL; }
int32_t aclrtGetDevice(int32_t *device) {
    *device = 3;
    return 0;
}
// A structure by value, larger than registers, and arguments of both kinds after it.
struct ipc_handle {
    char reserved[64];
};
int32_t aclrtIpcOpenEventHandle(struct ipc_handle handle, void **event) {
    *event = (void *)(uintptr_t)(handle.reserved[0] + handle.reserved[63]);
    return 11;
}
static char logged[4096];
void aclAppLog(int level, const char *func, const char *file, uint32_t line, const char *fmt, const char *text) {
    (void)level, (void)func, (void)file, (void)line;
    if (!strcmp(fmt, "%s")) strncpy(logged, text, sizeof(logged) - 1);
}
void mstxMarkA(const char *message, void *stream) { (void)message, (void)stream; }
uint64_t mstxRangeStartA(const char *message, void *stream) {
    (void)message, (void)stream;
    return 77;
}
void mstxRangeEnd(uint64_t id) { (void)id; }
// Not in the API table.
const char *aclVendorOnly(void) { return logged; }
uint64_t aclVendorCalls(void) { return __atomic_load_n(&calls, __ATOMIC_RELAXED); }

#else

void *aclCreateTensor(
    const int64_t *shape, uint64_t dims, int32_t type, const int64_t *strides, int64_t offset, int32_t format,
    const int64_t *storage, uint64_t storage_dims, void *data) {
    (void)shape, (void)dims, (void)type, (void)strides, (void)offset, (void)format, (void)storage;
    (void)storage_dims;
    return data;
}
int32_t aclnnAddGetWorkspaceSize(
    const void *self, const void *other, const void *alpha, void *out, uint64_t *workspace, void **executor) {
    (void)self, (void)other, (void)alpha;
    *workspace = 7;
    *executor = out;
    return 0;
}
int32_t aclnnAdd(void *workspace, uint64_t bytes, void *executor, void *stream) {
    (void)workspace, (void)bytes, (void)executor, (void)stream;
    return 0;
}
int32_t aclVendorOperation(void) { return 5; }

#endif
