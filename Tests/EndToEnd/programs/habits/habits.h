// What the programs of this folder declare of AscendCL, each as its writer would have: no header of the
// vendor's, and no two of one habit. They print what every call answers, so that runs can be compared.
#ifndef HABITS_H
#define HABITS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

int aclInit(const char *);
int aclFinalize(void);
const char *aclGetRecentErrMsg(void);
int aclrtGetDeviceCount(uint32_t *);
int aclrtSetDevice(int);
int aclrtGetDevice(int *);
int aclrtResetDevice(int);
int aclrtCreateStream(void **);
int aclrtDestroyStream(void *);
int aclrtSynchronizeStream(void *);
int aclrtSynchronizeDevice(void);
int aclrtMalloc(void **, size_t, int);
int aclrtFree(void *);
int aclrtMallocHost(void **, size_t);
int aclrtFreeHost(void *);
int aclrtMemcpy(void *, size_t, const void *, size_t, int);
int aclrtMemcpyAsync(void *, size_t, const void *, size_t, int, void *);
int aclrtMemset(void *, size_t, int, size_t);
int aclrtMemsetAsync(void *, size_t, int, size_t, void *);
int aclrtPeekAtLastError(int);
int aclrtGetLastError(int);

#ifdef __cplusplus
}
#endif

enum { TO_DEVICE = 1, TO_HOST = 2 };

/// Prints a call and its answer.
#define SHOW(call) printf("%s: %lld\n", #call, (long long)(call))
/// Prints a call that should fail, its answer, and whether a message tells of it.
#define SHOW_FAILURE(call)                                                   \
    do {                                                                     \
        long long answer = (long long)(call);                                \
        printf("%s: %lld, %s\n", #call, answer,                              \
               aclGetRecentErrMsg() != NULL ? "told why" : "not told why");  \
    } while (0)

/// Fills device memory and reads it back: 1 where every byte is `value`.
static inline int works(int value) {
    enum { count = 100000 };
    static char bytes[count];
    void *memory = NULL;
    int good = aclrtMalloc(&memory, count, 0) == 0 && aclrtMemset(memory, count, value, count) == 0 &&
               aclrtMemcpy(bytes, count, memory, count, TO_HOST) == 0;
    for (int i = 0; i < count && good; i++) good = bytes[i] == (char)value;
    return aclrtFree(memory) == 0 && good;
}

#endif
