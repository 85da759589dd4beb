// What the conformance program knows of AscendCL: its own declarations, looked up by name at start,
// so that it links nothing and the same file checks any library that exports AscendCL.
#ifndef CONFORMANCE_H
#define CONFORMANCE_H

#include <stddef.h>
#include <stdint.h>

enum {
    OK = 0,
    NOT_COMPARABLE = 100000,
    REPEAT_INITIALIZE = 100002,
    REPEAT_FINALIZE = 100037,
    INVALID_PARAMETER = 107000,
    UNKNOWN_DEVICE = 107001,
    NO_CONTEXT = 107002,
    ACLNN_NULL = 161001,
    ACLNN_INVALID = 161002,
    OUT_OF_MEMORY = 207001,
    DEVICE_FAULT = 507015,
    TIMED_OUT = 507046,
};

enum { HOST_TO_HOST, HOST_TO_DEVICE, DEVICE_TO_HOST, DEVICE_TO_DEVICE, AUTOMATIC };
enum { TYPE_FLOAT = 0, TYPE_INT64 = 9, FORMAT_ND = 2, HBM = 1 };

// X(result, name, parameters): every function the program calls.
#define FUNCTIONS(X)                                                                               \
    X(int, aclInit, (const char *))                                                                \
    X(int, aclFinalize, (void))                                                                    \
    X(const char *, aclGetRecentErrMsg, (void))                                                    \
    X(int, aclrtPeekAtLastError, (int))                                                            \
    X(int, aclrtGetLastError, (int))                                                               \
    X(const char *, aclrtGetSocName, (void))                                                       \
    X(int, aclrtGetRunMode, (int *))                                                               \
    X(int, aclrtGetDeviceCount, (uint32_t *))                                                      \
    X(int, aclrtSetDevice, (int))                                                                  \
    X(int, aclrtResetDevice, (int))                                                                \
    X(int, aclrtGetDevice, (int *))                                                                \
    X(int, aclrtCreateContext, (void **, int))                                                     \
    X(int, aclrtDestroyContext, (void *))                                                          \
    X(int, aclrtGetCurrentContext, (void **))                                                      \
    X(int, aclrtSetCurrentContext, (void *))                                                       \
    X(int, aclrtCreateStream, (void **))                                                           \
    X(int, aclrtDestroyStream, (void *))                                                           \
    X(int, aclrtStreamQuery, (void *, int *))                                                      \
    X(int, aclrtSynchronizeStream, (void *))                                                       \
    X(int, aclrtSynchronizeStreamWithTimeout, (void *, int))                                       \
    X(int, aclrtSynchronizeDevice, (void))                                                         \
    X(int, aclrtCreateEvent, (void **))                                                            \
    X(int, aclrtCreateEventExWithFlag, (void **, uint32_t))                                        \
    X(int, aclrtDestroyEvent, (void *))                                                            \
    X(int, aclrtRecordEvent, (void *, void *))                                                     \
    X(int, aclrtResetEvent, (void *, void *))                                                      \
    X(int, aclrtStreamWaitEvent, (void *, void *))                                                 \
    X(int, aclrtSynchronizeEvent, (void *))                                                        \
    X(int, aclrtQueryEvent, (void *, int *))                                                       \
    X(int, aclrtQueryEventStatus, (void *, int *))                                                 \
    X(int, aclrtEventElapsedTime, (float *, void *, void *))                                       \
    X(int, aclrtMalloc, (void **, size_t, int))                                                    \
    X(int, aclrtFree, (void *))                                                                    \
    X(int, aclrtMallocHost, (void **, size_t))                                                     \
    X(int, aclrtFreeHost, (void *))                                                                \
    X(int, aclrtGetMemInfo, (int, size_t *, size_t *))                                             \
    X(int, aclrtMemcpy, (void *, size_t, const void *, size_t, int))                               \
    X(int, aclrtMemcpyAsync, (void *, size_t, const void *, size_t, int, void *))                  \
    X(int, aclrtMemcpy2d, (void *, size_t, const void *, size_t, size_t, size_t, int))             \
    X(int, aclrtMemset, (void *, size_t, int32_t, size_t))                                         \
    X(int, aclrtMemsetAsync, (void *, size_t, int32_t, size_t, void *))                            \
    X(void *, aclCreateTensor,                                                                     \
      (const int64_t *, uint64_t, int, const int64_t *, int64_t, int, const int64_t *, uint64_t,   \
       void *))                                                                                    \
    X(int, aclDestroyTensor, (const void *))                                                       \
    X(void *, aclCreateScalar, (void *, int))                                                      \
    X(int, aclDestroyScalar, (const void *))                                                       \
    X(int, aclGetViewShape, (const void *, int64_t **, uint64_t *))                                \
    X(int, aclnnInplaceAddGetWorkspaceSize,                                                        \
      (void *, const void *, const void *, uint64_t *, void **))                                   \
    X(int, aclnnInplaceAdd, (void *, uint64_t, void *, void *))                                    \
    X(int, aclnnAddsGetWorkspaceSize,                                                              \
      (const void *, const void *, const void *, void *, uint64_t *, void **))                     \
    X(int, aclnnAdds, (void *, uint64_t, void *, void *))

#define DECLARE(result, name, parameters) extern result(*name) parameters;
FUNCTIONS(DECLARE)
#undef DECLARE

/// Counts one check; a failed one is printed with what was expected.
void check(int condition, const char *file, int line, const char *text);
void check_equal(long long got, long long expected, const char *file, int line, const char *text);
#define CHECK(condition) check((condition), __FILE__, __LINE__, #condition)
#define EQUAL(expression, expected)                                                                \
    check_equal((expression), (expected), __FILE__, __LINE__, #expression)

/// A float vector on the device.
struct vector {
    void *address;
    void *tensor;
    int64_t count;
};
struct vector make_vector(int64_t count, float value);
void drop_vector(struct vector vector);
/// A tensor object of `count` floats at `address`.
void *make_tensor(void *address, int64_t count);
/// Adds `amount` to every element, on `stream`. Returns the first status that is not 0.
int add_amount(struct vector vector, float amount, void *stream);
/// Adds `other` to `vector`, element by element, on `stream`.
int add_vector(struct vector vector, struct vector other, void *stream);
/// Whether all elements have that value now.
int holds(struct vector vector, float value);

void test_start(void);
void test_memory(void);
void test_copies(void);
void test_streams(void);
void test_events(void);
void test_operations(void);
void test_faults(void);
void test_contexts(void);
void test_threads(void);
void test_wrong(void);
void test_end(void);

#endif
