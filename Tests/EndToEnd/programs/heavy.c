// heavy product SIDE: one product of SIDE × SIDE floats on device 0.
// heavy endless: a fill of 2^40 elements that are all the same one, which takes hours.
// heavy compile: an operation that no other program here uses. heavy malloc BYTES: memory.
// Each prints how many milliseconds it took: `took MS`.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ascendcl.h"

static void *stream;

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void *allocate(size_t bytes)
{
    void *memory = NULL;
    MUST(aclrtMalloc(&memory, bytes, 0));
    MUST(aclrtMemset(memory, bytes, 0, bytes));
    return memory;
}

static void *matrix(int64_t side)
{
    int64_t shape[2] = {side, side}, strides[2] = {side, 1};
    return make_view(allocate((size_t)(side * side * 4)), TYPE_FLOAT, 2, shape, strides, 0);
}

static void product(int64_t side)
{
    uint64_t size = 0;
    void *executor = NULL;
    void *a = matrix(side), *b = matrix(side), *c = matrix(side);
    MUST(aclnnMatmulGetWorkspaceSize(a, b, c, 0, &size, &executor));
    MUST(aclnnMatmul(NULL, 0, executor, stream));
}

static void endless(void)
{
    int64_t shape = (int64_t)1 << 40, stride = 0;
    uint64_t size = 0;
    void *executor = NULL;
    float one = 1;
    void *line = make_view(allocate(512), TYPE_FLOAT, 1, &shape, &stride, 0);
    void *scalar = aclCreateScalar(&one, TYPE_FLOAT);
    MUST(aclnnInplaceFillScalarGetWorkspaceSize(line, scalar, &size, &executor));
    MUST(aclnnInplaceFillScalar(NULL, 0, executor, stream));
}

static void compile(void)
{
    uint64_t size = 0;
    void *executor = NULL, *memory = allocate(4096);
    void *line = make_line(memory, TYPE_FLOAT, 1024);
    MUST(aclnnMulGetWorkspaceSize(line, line, line, &size, &executor));
    MUST(aclnnMul(NULL, 0, executor, stream));
}

int main(int count, char **arguments)
{
    if (count < 2) return 2;
    load_ascendcl();
    MUST(aclInit(NULL));
    MUST(aclrtSetDevice(0));
    MUST(aclrtCreateStream(&stream));
    double begun = now_ms();
    if (strcmp(arguments[1], "product") == 0 && count > 2) product(atol(arguments[2]));
    else if (strcmp(arguments[1], "malloc") == 0 && count > 2) allocate((size_t)atol(arguments[2]));
    else if (strcmp(arguments[1], "endless") == 0) endless();
    else compile();
    MUST(aclrtSynchronizeStream(stream));
    printf("took %.0f\n", now_ms() - begun);
    MUST(aclrtResetDevice(0));
    MUST(aclFinalize());
    return 0;
}
