// loop COUNT [SKIP…]: COUNT times the same three pieces of work; in round SKIP (ascending) without the copy.
// loop forever: goes on until a call fails, then makes ten more calls of other kinds and prints for each
// `call NAME code N ms N: MESSAGE`; status 7. Prints `running` when the first rounds are through.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ascendcl.h"

enum { WORDS = 1024, BYTES = WORDS * 4 };

static void *first, *second, *stream, *event;

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int add(void)
{
    uint64_t size = 0;
    float one = 1;
    void *executor = NULL;
    void *to = make_line(second, TYPE_FLOAT, WORDS), *from = make_line(first, TYPE_FLOAT, WORDS);
    void *scalar = aclCreateScalar(&one, TYPE_FLOAT);
    int status = aclnnInplaceAddGetWorkspaceSize(to, from, scalar, &size, &executor);
    aclDestroyTensor(to);
    aclDestroyTensor(from);
    aclDestroyScalar(scalar);
    return status != 0 ? status : aclnnInplaceAdd(NULL, 0, executor, stream);
}

static int work(int copies)
{
    int status = aclrtMemsetAsync(first, BYTES, 0, BYTES, stream);
    if (status == 0 && copies)
        status = aclrtMemcpyAsync(second, BYTES, first, BYTES, DEVICE_TO_DEVICE, stream);
    return status != 0 ? status : add();
}

#define REPORT(name, call)                                                                         \
    do {                                                                                           \
        double begun = now_ms();                                                                   \
        int code = (call);                                                                         \
        double took = now_ms() - begun;                                                            \
        const char *message = aclGetRecentErrMsg();                                                \
        printf("call %s code %d ms %.0f: %s\n", name, code, took, message ? message : "-");        \
        fflush(stdout);                                                                            \
    } while (0)

static int forever(void)
{
    char host[BYTES];
    void *more = NULL;
    int status = 0;
    size_t unused, total;
    double begun = 0;
    memset(host, 1, sizeof host);
    for (int round = 0; status == 0; round++) {
        begun = now_ms();
        status = work(1);
        if (status == 0) status = aclrtSynchronizeStream(stream);
        if (round == 20) {
            printf("running\n");
            fflush(stdout);
        }
    }
    const char *message = aclGetRecentErrMsg();
    printf("call first code %d ms %.0f: %s\n", status, now_ms() - begun, message ? message : "-");
    REPORT("aclrtSynchronizeStream", aclrtSynchronizeStream(stream));
    REPORT("aclrtMemsetAsync", aclrtMemsetAsync(first, BYTES, 0, BYTES, stream));
    REPORT("aclnnInplaceAdd", add());
    REPORT("aclrtMemcpy", aclrtMemcpy(first, BYTES, host, BYTES, HOST_TO_DEVICE));
    REPORT("aclrtMalloc", aclrtMalloc(&more, BYTES, 0));
    REPORT("aclrtCreateStream", aclrtCreateStream(&more));
    REPORT("aclrtRecordEvent", aclrtRecordEvent(event, stream));
    REPORT("aclrtSynchronizeEvent", aclrtSynchronizeEvent(event));
    REPORT("aclrtGetMemInfo", aclrtGetMemInfo(1, &unused, &total));
    REPORT("aclrtSynchronizeDevice", aclrtSynchronizeDevice());
    return 7;
}

int main(int count, char **arguments)
{
    load_ascendcl();
    double begun = now_ms();
    int status = aclInit(NULL);
    if (status == 0) status = aclrtSetDevice(0);
    if (status != 0) {
        const char *message = aclGetRecentErrMsg();
        printf("call start code %d ms %.0f: %s\n", status, now_ms() - begun, message ? message : "-");
        return 6;
    }
    MUST(aclrtMalloc(&first, BYTES, 0));
    MUST(aclrtMalloc(&second, BYTES, 0));
    MUST(aclrtCreateStream(&stream));
    MUST(aclrtCreateEventExWithFlag(&event, 8));
    if (count > 1 && strcmp(arguments[1], "forever") == 0) return forever();
    long rounds = count > 1 ? atol(arguments[1]) : 1000;
    int next = 2;
    for (long round = 0; round < rounds; round++) {
        int is_whole = next >= count || atol(arguments[next]) != round;
        if (!is_whole) next++;
        MUST(work(is_whole));
    }
    MUST(aclrtSynchronizeStream(stream));
    MUST(aclrtDestroyEvent(event));
    MUST(aclrtDestroyStream(stream));
    MUST(aclrtFree(first));
    MUST(aclrtFree(second));
    MUST(aclrtResetDevice(0));
    MUST(aclFinalize());
    return 0;
}
