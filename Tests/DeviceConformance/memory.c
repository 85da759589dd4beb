// Start, end, memory and copies.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "conformance.h"

void test_start(void)
{
    int number = -1;
    EQUAL(aclInit(NULL), OK);
    EQUAL(aclInit(NULL), REPEAT_INITIALIZE);
    CHECK(aclGetRecentErrMsg() != NULL);
    CHECK(aclGetRecentErrMsg() == NULL);
    EQUAL(aclrtGetRunMode(&number), OK);
    EQUAL(number, 1);
    uint32_t count = 0;
    EQUAL(aclrtGetDeviceCount(&count), OK);
    CHECK(count >= 2);
    CHECK(aclrtGetSocName() != NULL && strlen(aclrtGetSocName()) > 0);
    EQUAL(aclrtGetDevice(&number), NO_CONTEXT);
    void *memory = NULL;
    EQUAL(aclrtMalloc(&memory, 1024, 0), NO_CONTEXT);
    EQUAL(aclrtSynchronizeStream(NULL), NO_CONTEXT);
    EQUAL(aclrtSetDevice((int)count), UNKNOWN_DEVICE);
    EQUAL(aclrtSetDevice(-1), UNKNOWN_DEVICE);
    EQUAL(aclrtSetDevice(0), OK);
    EQUAL(aclrtGetDevice(&number), OK);
    EQUAL(number, 0);
    while (aclGetRecentErrMsg() != NULL) {}
}

void test_end(void)
{
    EQUAL(aclrtSynchronizeDevice(), OK);
    EQUAL(aclrtResetDevice(0), OK);
    int number = -1;
    EQUAL(aclrtGetDevice(&number), NO_CONTEXT);
    EQUAL(aclFinalize(), OK);
    EQUAL(aclFinalize(), REPEAT_FINALIZE);
}

static void test_limit(void)
{
    enum { PARTS = 9 };
    size_t before = 0, total = 0, after = 0;
    EQUAL(aclrtGetMemInfo(HBM, &before, &total), OK);
    CHECK(before > 0 && before <= total);
    void *memory = NULL;
    EQUAL(aclrtMalloc(&memory, total + (1 << 20), 0), OUT_OF_MEMORY);
    CHECK(aclGetRecentErrMsg() != NULL);
    void *parts[PARTS];
    int made = 0, status = OK;
    while (made < PARTS && status == OK) {
        status = aclrtMalloc(&parts[made], total / (PARTS - 1), 0);
        if (status == OK) made++;
    }
    EQUAL(status, OUT_OF_MEMORY);
    CHECK(made >= PARTS - 3);
    while (made > 0) EQUAL(aclrtFree(parts[--made]), OK);
    EQUAL(aclrtGetMemInfo(HBM, &after, &total), OK);
    CHECK(after == before);
    while (aclGetRecentErrMsg() != NULL) {}
}

void test_memory(void)
{
    enum { COUNT = 200 };
    void *blocks[COUNT];
    for (int index = 0; index < COUNT; index++) {
        EQUAL(aclrtMalloc(&blocks[index], 100 + 7 * (size_t)index, index % 3), OK);
        CHECK((uintptr_t)blocks[index] % 64 == 0);
    }
    for (int index = 0; index < COUNT; index += 2) EQUAL(aclrtFree(blocks[index]), OK);
    for (int index = 0; index < COUNT; index += 2) {
        EQUAL(aclrtMalloc(&blocks[index], 100 + 7 * (size_t)index, 0), OK);
    }
    EQUAL(aclrtFree((char *)blocks[1] + 8), INVALID_PARAMETER);
    for (int index = 0; index < COUNT; index++) EQUAL(aclrtFree(blocks[index]), OK);
    EQUAL(aclrtFree(blocks[0]), INVALID_PARAMETER);
    EQUAL(aclrtFree(NULL), INVALID_PARAMETER);
    EQUAL(aclrtFree((void *)0x1234), INVALID_PARAMETER);
    void *memory = NULL;
    EQUAL(aclrtMalloc(&memory, 0, 0), INVALID_PARAMETER);
    EQUAL(aclrtMalloc(NULL, 64, 0), INVALID_PARAMETER);
    EQUAL(aclrtMallocHost(&memory, 5000), OK);
    memset(memory, 7, 5000);
    EQUAL(aclrtFreeHost(memory), OK);
    EQUAL(aclrtFreeHost((void *)0x1234), INVALID_PARAMETER);
    test_limit();
}

static void test_synchronous_copies(char *device, char *other)
{
    enum { SIZE = 4096 };
    static char from[SIZE], to[SIZE];
    for (int index = 0; index < SIZE; index++) from[index] = (char)(index * 31);
    EQUAL(aclrtMemcpy(device, SIZE, from, SIZE, HOST_TO_DEVICE), OK);
    EQUAL(aclrtMemcpy(other, SIZE, device, SIZE, DEVICE_TO_DEVICE), OK);
    EQUAL(aclrtMemcpy(to, SIZE, other, SIZE, DEVICE_TO_HOST), OK);
    CHECK(memcmp(from, to, SIZE) == 0);
    EQUAL(aclrtMemcpy(to, 10, other, 11, DEVICE_TO_HOST), INVALID_PARAMETER);
    EQUAL(aclrtMemcpy(to, SIZE, other, SIZE, 99), INVALID_PARAMETER);
    EQUAL(aclrtMemcpy(NULL, 0, NULL, 0, HOST_TO_DEVICE), OK);
    EQUAL(aclrtMemcpy(NULL, SIZE, from, SIZE, HOST_TO_DEVICE), INVALID_PARAMETER);
    EQUAL(aclrtMemcpy(to, SIZE, (void *)0x1000, SIZE, DEVICE_TO_HOST), INVALID_PARAMETER);
    EQUAL(aclrtMemcpy(to, SIZE, other + 1, SIZE, DEVICE_TO_HOST), INVALID_PARAMETER);
    EQUAL(aclrtMemset(device, SIZE, 0x5A, SIZE / 2), OK);
    EQUAL(aclrtMemset(device, 1, 0, 2), INVALID_PARAMETER);
    EQUAL(aclrtMemset(NULL, 0, 0, 0), OK);
    EQUAL(aclrtMemcpy(to, SIZE, device, SIZE, AUTOMATIC), OK);
    CHECK(to[SIZE / 2 - 1] == 0x5A && to[SIZE / 2] == from[SIZE / 2]);
    // Four rows of three bytes, eight apart on the host and three apart on the device.
    EQUAL(aclrtMemcpy2d(device, 3, from, 8, 3, 4, HOST_TO_DEVICE), OK);
    EQUAL(aclrtMemcpy(to, SIZE, device, 12, DEVICE_TO_HOST), OK);
    for (int row = 0; row < 4; row++) CHECK(memcmp(to + 3 * row, from + 8 * row, 3) == 0);
    EQUAL(aclrtMemcpy2d(device, 2, from, 8, 3, 4, HOST_TO_DEVICE), INVALID_PARAMETER);
}

static void test_asynchronous_copies(char *device)
{
    enum { SIZE = 4096, ROUNDS = 50 };
    static char from[SIZE], to[ROUNDS][SIZE];
    void *stream = NULL;
    EQUAL(aclrtCreateStream(&stream), OK);
    for (int round = 0; round < ROUNDS; round++) {
        // The source is used again at once: the call must have read it.
        memset(from, round + 1, SIZE);
        EQUAL(aclrtMemcpyAsync(device, SIZE, from, SIZE, HOST_TO_DEVICE, stream), OK);
        EQUAL(aclrtMemcpyAsync(to[round], SIZE, device, SIZE, DEVICE_TO_HOST, stream), OK);
    }
    memset(from, 0, SIZE);
    EQUAL(aclrtMemcpyAsync(NULL, 0, NULL, 0, HOST_TO_DEVICE, stream), OK);
    EQUAL(aclrtMemsetAsync(NULL, 0, 0, 0, stream), OK);
    EQUAL(aclrtSynchronizeStream(stream), OK);
    for (int round = 0; round < ROUNDS; round++) {
        CHECK(to[round][0] == round + 1 && to[round][SIZE - 1] == round + 1);
    }
    void *pinned = NULL;
    EQUAL(aclrtMallocHost(&pinned, SIZE), OK);
    EQUAL(aclrtMemsetAsync(device, SIZE, 0x33, SIZE, stream), OK);
    EQUAL(aclrtMemcpyAsync(pinned, SIZE, device, SIZE, DEVICE_TO_HOST, stream), OK);
    EQUAL(aclrtSynchronizeStream(stream), OK);
    CHECK(((char *)pinned)[SIZE - 1] == 0x33);
    EQUAL(aclrtFreeHost(pinned), OK);
    void *wild = (void *)0x77;
    EQUAL(aclrtMemcpyAsync(device, SIZE, from, SIZE, HOST_TO_DEVICE, wild), INVALID_PARAMETER);
    EQUAL(aclrtMemsetAsync((void *)0x5000, SIZE, 0, SIZE, stream), INVALID_PARAMETER);
    EQUAL(aclrtDestroyStream(stream), OK);
}

void test_copies(void)
{
    void *device = NULL, *other = NULL;
    EQUAL(aclrtMalloc(&device, 4096, 0), OK);
    EQUAL(aclrtMalloc(&other, 4096, 0), OK);
    test_synchronous_copies(device, other);
    test_asynchronous_copies(device);
    EQUAL(aclrtFree(device), OK);
    EQUAL(aclrtFree(other), OK);
}
