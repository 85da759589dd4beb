// What the C programs of these tests know of AscendCL: their own declarations, looked up by name in
// libascendcl.so and libopapi.so, as any program that links nothing would do.
#ifndef END_TO_END_ASCENDCL_H
#define END_TO_END_ASCENDCL_H

#include <stddef.h>
#include <stdint.h>

enum { HOST_TO_HOST, HOST_TO_DEVICE, DEVICE_TO_HOST, DEVICE_TO_DEVICE };
enum { TYPE_FLOAT = 0, TYPE_FLOAT16 = 1, TYPE_INT32 = 3, FORMAT_ND = 2 };
enum { INVALID_PARAMETER = 107000, NO_CONTEXT = 107002, DEVICE_FAULT = 507015 };

// X(library, result, name, parameters)
#define FUNCTIONS(X)                                                                               \
    X(acl, int, aclInit, (const char *))                                                           \
    X(acl, int, aclFinalize, (void))                                                               \
    X(acl, const char *, aclGetRecentErrMsg, (void))                                               \
    X(acl, int, aclrtGetDeviceCount, (uint32_t *))                                                 \
    X(acl, int, aclrtSetDevice, (int))                                                             \
    X(acl, int, aclrtResetDevice, (int))                                                           \
    X(acl, int, aclrtGetDevice, (int *))                                                           \
    X(acl, int, aclrtCreateContext, (void **, int))                                                \
    X(acl, int, aclrtDestroyContext, (void *))                                                     \
    X(acl, int, aclrtGetCurrentContext, (void **))                                                 \
    X(acl, int, aclrtSetCurrentContext, (void *))                                                  \
    X(acl, int, aclrtCreateStream, (void **))                                                      \
    X(acl, int, aclrtDestroyStream, (void *))                                                      \
    X(acl, int, aclrtStreamQuery, (void *, int *))                                                 \
    X(acl, int, aclrtSynchronizeStream, (void *))                                                  \
    X(acl, int, aclrtSynchronizeStreamWithTimeout, (void *, int))                                  \
    X(acl, int, aclrtSynchronizeDevice, (void))                                                    \
    X(acl, int, aclrtCreateEventExWithFlag, (void **, uint32_t))                                   \
    X(acl, int, aclrtDestroyEvent, (void *))                                                       \
    X(acl, int, aclrtRecordEvent, (void *, void *))                                                \
    X(acl, int, aclrtResetEvent, (void *, void *))                                                 \
    X(acl, int, aclrtStreamWaitEvent, (void *, void *))                                            \
    X(acl, int, aclrtSynchronizeEvent, (void *))                                                   \
    X(acl, int, aclrtQueryEventStatus, (void *, int *))                                            \
    X(acl, int, aclrtEventElapsedTime, (float *, void *, void *))                                  \
    X(acl, int, aclrtEventGetTimestamp, (void *, uint64_t *))                                      \
    X(acl, int, aclrtSetStreamResLimit, (void *, int, uint32_t))                                   \
    X(acl, int, aclrtUseStreamResInCurrentThread, (void *))                                        \
    X(acl, int, aclrtSetSysParamOpt, (int, int64_t))                                               \
    X(acl, int, aclrtGetSysParamOpt, (int, int64_t *))                                             \
    X(acl, int, aclSetCompileopt, (int, const char *))                                             \
    X(acl, int, aclGetCompileopt, (int, char *, size_t))                                           \
    X(acl, int, aclrtSetDeviceSatMode, (int))                                                      \
    X(acl, int, aclrtMalloc, (void **, size_t, int))                                               \
    X(acl, int, aclrtFree, (void *))                                                               \
    X(acl, int, aclrtMallocHost, (void **, size_t))                                                \
    X(acl, int, aclrtFreeHost, (void *))                                                           \
    X(acl, int, aclrtGetMemInfo, (int, size_t *, size_t *))                                        \
    X(acl, int, aclrtMemcpy, (void *, size_t, const void *, size_t, int))                          \
    X(acl, int, aclrtMemcpyAsync, (void *, size_t, const void *, size_t, int, void *))             \
    X(acl, int, aclrtMemset, (void *, size_t, int32_t, size_t))                                    \
    X(acl, int, aclrtMemsetAsync, (void *, size_t, int32_t, size_t, void *))                       \
    X(ops, void *, aclCreateTensor,                                                                \
      (const int64_t *, uint64_t, int, const int64_t *, int64_t, int, const int64_t *, uint64_t,   \
       void *))                                                                                    \
    X(ops, int, aclDestroyTensor, (const void *))                                                  \
    X(ops, void *, aclCreateScalar, (void *, int))                                                 \
    X(ops, int, aclDestroyScalar, (const void *))                                                  \
    X(ops, int, aclDestroyAclOpExecutor, (void *))                                                 \
    X(ops, int, aclnnInplaceAddGetWorkspaceSize,                                                   \
      (void *, const void *, const void *, uint64_t *, void **))                                   \
    X(ops, int, aclnnInplaceAdd, (void *, uint64_t, void *, void *))                               \
    X(ops, int, aclnnMulGetWorkspaceSize,                                                          \
      (const void *, const void *, void *, uint64_t *, void **))                                   \
    X(ops, int, aclnnMul, (void *, uint64_t, void *, void *))                                      \
    X(ops, int, aclnnMatmulGetWorkspaceSize,                                                       \
      (const void *, const void *, void *, int8_t, uint64_t *, void **))                           \
    X(ops, int, aclnnMatmul, (void *, uint64_t, void *, void *))                                   \
    X(ops, int, aclnnInplaceCopyGetWorkspaceSize, (void *, const void *, uint64_t *, void **))     \
    X(ops, int, aclnnInplaceCopy, (void *, uint64_t, void *, void *))                              \
    X(ops, int, aclnnInplaceFillScalarGetWorkspaceSize,                                            \
      (void *, const void *, uint64_t *, void **))                                                 \
    X(ops, int, aclnnInplaceFillScalar, (void *, uint64_t, void *, void *))

#define DECLARE(library, result, name, parameters) extern result(*name) parameters;
FUNCTIONS(DECLARE)
#undef DECLARE

/// Finds every function; prints what is missing and ends the program with status 2 where one is.
void load_ascendcl(void);

/// Ends the program with status 3 and says where, which code, and what aclGetRecentErrMsg says.
void must(int status, const char *call, const char *file, int line);
#define MUST(call) must((call), #call, __FILE__, __LINE__)

/// A tensor over `address`: `rank` dimensions with these strides, in elements, from `offset`.
void *make_view(void *address, int type, int rank, const int64_t *shape, const int64_t *strides,
                int64_t offset);
/// A contiguous tensor of one dimension.
void *make_line(void *address, int type, int64_t count);

#endif
