// Shared by the tests: the functions of AscendCL that they call, a daemon of their own, and CHECK.
#ifndef SUPPORT_H
#define SUPPORT_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int32_t aclInit(const char *);
int32_t aclFinalize(void);
int32_t aclrtSetDevice(int32_t);
int32_t aclrtGetDevice(int32_t *);
int32_t aclrtResetDevice(int32_t);
int32_t aclrtGetDeviceCount(uint32_t *);
const char *aclrtGetSocName(void);
const char *aclGetRecentErrMsg(void);
int32_t aclrtCreateContext(void **, int32_t);
int32_t aclrtDestroyContext(void *);
int32_t aclrtSetCurrentContext(void *);
int32_t aclrtGetCurrentContext(void **);
int32_t aclrtCtxGetCurrentDefaultStream(void **);
int32_t aclrtCreateStream(void **);
int32_t aclrtCreateStreamWithConfig(void **, uint32_t, uint32_t);
int32_t aclrtDestroyStream(void *);
int32_t aclrtStreamGetId(void *, int32_t *);
int32_t aclrtStreamQuery(void *, int32_t *);
int32_t aclrtSynchronizeStream(void *);
int32_t aclrtSynchronizeStreamWithTimeout(void *, int32_t);
int32_t aclrtSynchronizeDevice(void);
int32_t aclrtCreateEvent(void **);
int32_t aclrtCreateEventExWithFlag(void **, uint32_t);
int32_t aclrtDestroyEvent(void *);
int32_t aclrtRecordEvent(void *, void *);
int32_t aclrtStreamWaitEvent(void *, void *);
int32_t aclrtQueryEventStatus(void *, int32_t *);
int32_t aclrtMalloc(void **, size_t, int32_t);
int32_t aclrtFree(void *);
int32_t aclrtMallocHost(void **, size_t);
int32_t aclrtFreeHost(void *);
int32_t aclrtMemcpy(void *, size_t, const void *, size_t, int32_t);
int32_t aclrtMemcpyAsync(void *, size_t, const void *, size_t, int32_t, void *);
int32_t aclrtMemcpy2d(void *, size_t, const void *, size_t, size_t, size_t, int32_t);
int32_t aclrtMemset(void *, size_t, int32_t, size_t);
int32_t aclrtMemsetAsync(void *, size_t, int32_t, size_t, void *);
int32_t aclrtPointerGetAttributes(const void *, void *);
int32_t aclrtGetDeviceInfo(uint32_t, int32_t, int64_t *);
int32_t aclrtSetDeviceResLimit(int32_t, int32_t, uint32_t);
int32_t aclrtResetDeviceResLimit(int32_t);
int32_t aclrtGetDeviceResLimit(int32_t, int32_t, uint32_t *);
int32_t aclrtSetStreamResLimit(void *, int32_t, uint32_t);
int32_t aclrtResetStreamResLimit(void *);
int32_t aclrtGetStreamResLimit(void *, int32_t, uint32_t *);
int32_t aclrtUseStreamResInCurrentThread(void *);
int32_t aclrtUnuseStreamResInCurrentThread(void *);
int32_t aclrtGetResInCurrentThread(int32_t, uint32_t *);
int32_t aclrtSynchronizeEvent(void *);
int32_t aclrtResetEvent(void *, void *);
int32_t aclrtGetMemInfo(int32_t, size_t *, size_t *);
int32_t aclsysGetVersionStr(char *, char *);
int32_t aclrtDeviceCanAccessPeer(int32_t *, int32_t, int32_t);
void *aclCreateTensor(
    const int64_t *, uint64_t, int32_t, const int64_t *, int64_t, int32_t, const int64_t *,
    uint64_t, void *);
int32_t aclDestroyTensor(const void *);
void *aclCreateScalar(void *, int32_t);
int32_t aclDestroyScalar(const void *);
void *aclCreateIntArray(const int64_t *, uint64_t);
int32_t aclDestroyIntArray(const void *);
void *aclCreateTensorList(void *const *, uint64_t);
int32_t aclDestroyTensorList(const void *);
int32_t aclGetViewShape(const void *, int64_t **, uint64_t *);
int32_t aclGetTensorListSize(const void *, uint64_t *);
int32_t aclGetDataType(const void *, int32_t *);
int32_t aclDestroyAclOpExecutor(void *);
int32_t aclnnAddGetWorkspaceSize(
    const void *, const void *, const void *, void *, uint64_t *, void **);
int32_t aclnnAdd(void *, uint64_t, void *, void *);
int32_t aclnnMulGetWorkspaceSize(const void *, const void *, void *, uint64_t *, void **);
int32_t aclnnMul(void *, uint64_t, void *, void *);
int32_t aclnnCatGetWorkspaceSize(const void *, int64_t, void *, uint64_t *, void **);
int32_t aclnnDropoutGenMaskGetWorkspaceSize(
    const void *, double, int64_t, int64_t, void *, uint64_t *, void **);
int32_t aclnnDropoutGenMask(void *, uint64_t, void *, void *);
int32_t aclnnCat(void *, uint64_t, void *, void *);
void *aclCreateDataBuffer(void *, size_t);
int32_t aclDestroyDataBuffer(const void *);
void *aclCreateTensorDesc(int32_t, int32_t, const int64_t *, int32_t);
void aclDestroyTensorDesc(const void *);
size_t aclGetTensorDescNumDims(const void *);
int32_t aclGetTensorDescDimV2(const void *, size_t, int64_t *);
float aclFloat16ToFloat(uint16_t);
uint16_t aclFloatToFloat16(float);
void mstxMarkA(const char *, void *);
uint64_t mstxRangeStartA(const char *, void *);
void mstxRangeEnd(uint64_t);
int32_t aclmdlRICaptureBegin(void *, int32_t);

#define CHECK(condition)                                                                    \
    do {                                                                                    \
        if (!(condition)) {                                                                 \
            const char *text = aclGetRecentErrMsg();                                        \
            fprintf(                                                                        \
                stderr, "%s:%d: %s does not hold (%s)\n", __FILE__, __LINE__, #condition,   \
                text ? text : "no message");                                                \
            exit(1);                                                                        \
        }                                                                                   \
    } while (0)
#define OK(call) CHECK((call) == 0)

static inline int64_t now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/// Starts the daemon that FAKE_DAEMON names on `socket` and waits until it listens.
static inline pid_t start_daemon(const char *socket, const char *const *extra) {
    const char *arguments[16] = {getenv("FAKE_DAEMON"), socket};
    for (int i = 0; extra && extra[i]; i++) arguments[i + 2] = extra[i];
    unlink(socket);
    pid_t daemon = fork();
    if (daemon == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        unsetenv("LD_PRELOAD");
        unsetenv("LD_LIBRARY_PATH");
        execv(arguments[0], (char *const *)arguments);
        _exit(127);
    }
    for (int i = 0; i < 2000 && access(socket, F_OK) != 0; i++) usleep(1000);
    usleep(20000);
    return daemon;
}

static inline void stop_daemon(pid_t daemon) {
    kill(daemon, SIGKILL);
    waitpid(daemon, NULL, 0);
}

/// A sanitizer keeps what was freed, and maps memory of its own: there is nothing to see then.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { memory_tells = 0 };
#elif defined(__has_feature)
enum { memory_tells = !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer) };
#else
enum { memory_tells = 1 };
#endif

#endif
