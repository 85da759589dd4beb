// A device library that does nothing, for measuring what stands in front of it. Built as
// libascendcl.so and, under another name, as libopapi.so.
#include <stdint.h>
#include <stddef.h>

static int64_t something;

int32_t aclInit(const char *path) { return path == NULL ? 0 : 1; }
int32_t aclFinalize(void) { return 0; }
int32_t aclrtSetDevice(int32_t device) { return device < 0; }
int32_t aclrtGetDevice(int32_t *device) {
    *device = 0;
    return 0;
}
int32_t aclrtCreateStream(void **stream) {
    *stream = &something;
    return 0;
}
int32_t aclrtSynchronizeStream(void *stream) {
    (void)stream;
    return 0;
}
int32_t aclrtMalloc(void **pointer, size_t bytes, int32_t policy) {
    static char memory[1 << 20];
    (void)policy;
    *pointer = memory;
    return bytes > sizeof(memory) ? 207001 : 0;
}
int32_t aclrtMemcpyAsync(
    void *to, size_t most, const void *from, size_t count, int32_t kind, void *stream) {
    (void)to, (void)most, (void)from, (void)count, (void)kind, (void)stream;
    return 0;
}
void *aclCreateTensor(
    const int64_t *shape, uint64_t dims, int32_t type, const int64_t *strides, int64_t offset, int32_t format,
    const int64_t *storage, uint64_t storage_dims, void *data) {
    (void)shape, (void)dims, (void)type, (void)strides, (void)offset, (void)format, (void)storage;
    (void)storage_dims, (void)data;
    return &something;
}
int32_t aclDestroyTensor(const void *tensor) { return tensor == NULL; }
void *aclCreateScalar(void *value, int32_t type) {
    (void)value, (void)type;
    return &something;
}
int32_t aclDestroyScalar(const void *scalar) { return scalar == NULL; }
int32_t aclnnAddGetWorkspaceSize(
    const void *self, const void *other, const void *alpha, void *out, uint64_t *workspace, void **executor) {
    (void)self, (void)other, (void)alpha, (void)out;
    *workspace = 0;
    *executor = &something;
    return 0;
}
int32_t aclnnAdd(void *workspace, uint64_t bytes, void *executor, void *stream) {
    (void)workspace, (void)bytes, (void)executor, (void)stream;
    return 0;
}
