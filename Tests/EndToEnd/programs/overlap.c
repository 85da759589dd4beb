// overlap pair COUNT: COUNT products on each of two streams that have half the chip's cores, first one stream
// after the other, then beside each other; prints `after MS beside MS` of the device's own time.
// overlap single COUNT GATE: COUNT products on one such stream, once the file GATE is there (`ready` is
// printed before); prints `from US to US`.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ascendcl.h"

enum { SIDE = 4096, CUBE_CORES = 12, VECTOR_CORES = 24, GATE_SECONDS = 30 };

static void *left, *right, *result[2], *stream[2], *begin, *end, *joined;

static void *matrix(void *address)
{
    int64_t shape[2] = {SIDE, SIDE}, strides[2] = {SIDE, 1};
    return make_view(address, TYPE_FLOAT16, 2, shape, strides, 0);
}

static void multiply(int index)
{
    uint64_t size = 0;
    void *executor = NULL;
    void *a = matrix(left), *b = matrix(right), *c = matrix(result[index]);
    MUST(aclrtUseStreamResInCurrentThread(stream[index]));
    MUST(aclnnMatmulGetWorkspaceSize(a, b, c, 0, &size, &executor));
    aclDestroyTensor(a);
    aclDestroyTensor(b);
    aclDestroyTensor(c);
    MUST(aclnnMatmul(NULL, 0, executor, stream[index]));
}

/// `first` products on the first stream, `second` on the other; the device's milliseconds.
static float measure(int first, int second)
{
    float milliseconds = 0;
    MUST(aclrtSynchronizeDevice());
    MUST(aclrtRecordEvent(begin, stream[0]));
    MUST(aclrtStreamWaitEvent(stream[1], begin));
    for (int i = 0; i < first || i < second; i++) {
        if (i < first) multiply(0);
        if (i < second) multiply(1);
    }
    MUST(aclrtRecordEvent(joined, stream[1]));
    MUST(aclrtStreamWaitEvent(stream[0], joined));
    MUST(aclrtRecordEvent(end, stream[0]));
    MUST(aclrtSynchronizeStream(stream[0]));
    MUST(aclrtEventElapsedTime(&milliseconds, begin, end));
    return milliseconds;
}

static void await(const char *gate)
{
    struct timespec pause = {.tv_nsec = 1000000};
    printf("ready\n");
    fflush(stdout);
    for (int i = 0; i < GATE_SECONDS * 1000; i++) {
        if (access(gate, F_OK) == 0) return;
        nanosleep(&pause, NULL);
    }
    printf("the gate did not open\n");
    exit(4);
}

static void report_single(int count, const char *gate)
{
    uint64_t from = 0, to = 0;
    await(gate);
    measure(count, 0);
    MUST(aclrtEventGetTimestamp(begin, &from));
    MUST(aclrtEventGetTimestamp(end, &to));
    printf("from %llu to %llu\n", (unsigned long long)from, (unsigned long long)to);
}

int main(int count, char **arguments)
{
    if (count < 3) return 2;
    load_ascendcl();
    MUST(aclInit(NULL));
    MUST(aclrtSetDevice(0));
    MUST(aclrtMalloc(&left, SIDE * SIDE * 2, 0));
    MUST(aclrtMalloc(&right, SIDE * SIDE * 2, 0));
    for (int i = 0; i < 2; i++) {
        MUST(aclrtMalloc(&result[i], SIDE * SIDE * 2, 0));
        MUST(aclrtCreateStream(&stream[i]));
        MUST(aclrtSetStreamResLimit(stream[i], 0, CUBE_CORES));
        MUST(aclrtSetStreamResLimit(stream[i], 1, VECTOR_CORES));
    }
    MUST(aclrtCreateEventExWithFlag(&begin, 8));
    MUST(aclrtCreateEventExWithFlag(&end, 8));
    MUST(aclrtCreateEventExWithFlag(&joined, 8));
    measure(1, 1);
    int products = atoi(arguments[2]);
    if (strcmp(arguments[1], "single") == 0 && count > 3) {
        report_single(products, arguments[3]);
    } else {
        float after = measure(2 * products, 0), beside = measure(products, products);
        printf("after %.4f beside %.4f\n", after, beside);
    }
    MUST(aclrtResetDevice(0));
    MUST(aclFinalize());
    return 0;
}
