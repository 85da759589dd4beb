// Wrong arguments, and what a failing call leaves behind.
#include <pthread.h>
#include <stdint.h>
#include <string.h>

#include "conformance.h"

enum { BYTES = 100, MOST = 4096 };

/// A call that must fail with `code`: it leaves a message and the thread's last error.
#define FAILS(expression, code)                    \
    do {                                           \
        while (aclGetRecentErrMsg() != NULL) {}    \
        aclrtGetLastError(0);                      \
        EQUAL(expression, code);                   \
        EQUAL(aclrtPeekAtLastError(0), code);      \
        EQUAL(aclrtGetLastError(0), code);         \
        EQUAL(aclrtGetLastError(0), OK);           \
        CHECK(aclGetRecentErrMsg() != NULL);       \
        CHECK(aclGetRecentErrMsg() == NULL);       \
    } while (0)

static void test_copies_of_wrong_kind(void *memory)
{
    static char host[MOST];
    static const int kinds[] = {-1, 8, 99, INT32_MAX, INT32_MIN};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        FAILS(aclrtMemcpy(memory, BYTES, host, BYTES, kinds[i]), INVALID_PARAMETER);
        FAILS(aclrtMemcpy(memory, BYTES, host, 0, kinds[i]), INVALID_PARAMETER);
        FAILS(aclrtMemcpyAsync(memory, BYTES, host, BYTES, kinds[i], NULL), INVALID_PARAMETER);
        FAILS(aclrtMemcpy2d(memory, 10, host, 10, 10, 2, kinds[i]), INVALID_PARAMETER);
    }
    FAILS(aclrtMemcpy(host, BYTES, host + 200, BYTES, HOST_TO_DEVICE), INVALID_PARAMETER);
    FAILS(aclrtMemcpy(host, BYTES, host + 200, BYTES, DEVICE_TO_HOST), INVALID_PARAMETER);
    FAILS(aclrtMemcpy(host, BYTES, host + 200, BYTES, DEVICE_TO_DEVICE), INVALID_PARAMETER);
    FAILS(aclrtMemcpy(memory, BYTES, NULL, BYTES, HOST_TO_DEVICE), INVALID_PARAMETER);
    FAILS(aclrtMemcpy(NULL, BYTES, host, BYTES, HOST_TO_DEVICE), INVALID_PARAMETER);
    EQUAL(aclrtMemcpy(NULL, 0, NULL, 0, HOST_TO_DEVICE), OK);
    EQUAL(aclrtMemcpy(memory, BYTES, host, BYTES, AUTOMATIC), OK);
    EQUAL(aclrtMemcpy(host, BYTES, memory, BYTES, AUTOMATIC), OK);
}

static void test_copies_of_wrong_size(void *memory)
{
    static char host[MOST];
    FAILS(aclrtMemcpy(memory, BYTES, host, BYTES + 1, HOST_TO_DEVICE), INVALID_PARAMETER);
    FAILS(aclrtMemcpy(memory, MOST, host, MOST, HOST_TO_DEVICE), INVALID_PARAMETER);
    FAILS(aclrtMemcpy(memory, SIZE_MAX, host, SIZE_MAX, HOST_TO_DEVICE), INVALID_PARAMETER);
    FAILS(aclrtMemcpy(host, SIZE_MAX, memory, SIZE_MAX / 2, DEVICE_TO_HOST), INVALID_PARAMETER);
    FAILS(aclrtMemcpy(host, SIZE_MAX, host, SIZE_MAX, HOST_TO_HOST), INVALID_PARAMETER);
    FAILS(aclrtMemcpy(host, SIZE_MAX, host, (size_t)1 << 47, HOST_TO_HOST), INVALID_PARAMETER);
    FAILS(aclrtMemcpy2d(memory, 5, host, 10, 10, 2, HOST_TO_DEVICE), INVALID_PARAMETER);
    FAILS(aclrtMemcpy2d(memory, 10, host, 5, 10, 2, HOST_TO_DEVICE), INVALID_PARAMETER);
    FAILS(aclrtMemcpy2d(memory, SIZE_MAX, host, SIZE_MAX, 10, 2, HOST_TO_DEVICE), INVALID_PARAMETER);
    FAILS(
        aclrtMemcpy2d(memory, 10, host, 10, 10, SIZE_MAX / 4, HOST_TO_DEVICE), INVALID_PARAMETER);
    EQUAL(aclrtMemcpy2d(memory, 10, host, 10, 0, 2, HOST_TO_DEVICE), OK);
    // An allocation ends where its rounding ends, for everybody.
    EQUAL(aclrtMemcpy(memory, 128, host, 128, HOST_TO_DEVICE), OK);
    EQUAL(aclrtMemset(memory, 512, 1, 512), OK);
    FAILS(aclrtMemset(memory, 513, 1, 513), INVALID_PARAMETER);
}

static void test_fills(void *memory)
{
    static char host[MOST];
    FAILS(aclrtMemset(memory, BYTES, 0, BYTES + 1), INVALID_PARAMETER);
    FAILS(aclrtMemset(memory, SIZE_MAX, 0, SIZE_MAX), INVALID_PARAMETER);
    FAILS(aclrtMemset(NULL, BYTES, 0, BYTES), INVALID_PARAMETER);
    FAILS(aclrtMemset(host, MOST, 0, MOST), INVALID_PARAMETER);
    FAILS(aclrtMemsetAsync(memory, BYTES, 0, BYTES, host), INVALID_PARAMETER);
    EQUAL(aclrtMemset(NULL, 0, 0, 0), OK);
    EQUAL(aclrtMemset(memory, BYTES, 0x1ff, BYTES), OK);
    EQUAL(aclrtMemcpy(host, BYTES, memory, BYTES, DEVICE_TO_HOST), OK);
    CHECK((unsigned char)host[BYTES - 1] == 0xff);
}

static void test_sizes(void)
{
    static const size_t huge[] = {
        SIZE_MAX, SIZE_MAX / 2 + 2, SIZE_MAX / 2, (size_t)1 << 62, (size_t)1 << 47, (size_t)1 << 46};
    void *memory = NULL;
    for (size_t i = 0; i < sizeof huge / sizeof huge[0]; i++) {
        FAILS(aclrtMalloc(&memory, huge[i], 0), OUT_OF_MEMORY);
        if (huge[i] > (size_t)1 << 46) FAILS(aclrtMallocHost(&memory, huge[i]), OUT_OF_MEMORY);
    }
    FAILS(aclrtMalloc(&memory, 0, 0), INVALID_PARAMETER);
    FAILS(aclrtMalloc(NULL, 10, 0), INVALID_PARAMETER);
    FAILS(aclrtMallocHost(&memory, 0), INVALID_PARAMETER);
    FAILS(aclrtMallocHost(NULL, 10), INVALID_PARAMETER);
    FAILS(aclrtFree(NULL), INVALID_PARAMETER);
    FAILS(aclrtFreeHost(NULL), INVALID_PARAMETER);
    FAILS(aclrtFree(&memory), INVALID_PARAMETER);
    FAILS(aclrtFreeHost(&memory), INVALID_PARAMETER);
}

static void test_objects(void)
{
    int number;
    void *object;
    size_t bytes;
    float milliseconds;
    FAILS(aclrtGetMemInfo(99, &bytes, &bytes), INVALID_PARAMETER);
    FAILS(aclrtGetMemInfo(HBM, NULL, &bytes), INVALID_PARAMETER);
    FAILS(aclrtGetDevice(NULL), INVALID_PARAMETER);
    FAILS(aclrtGetDeviceCount(NULL), INVALID_PARAMETER);
    FAILS(aclrtGetRunMode(NULL), INVALID_PARAMETER);
    FAILS(aclrtSetDevice(-1), UNKNOWN_DEVICE);
    FAILS(aclrtSetDevice(INT32_MAX), UNKNOWN_DEVICE);
    FAILS(aclrtCreateContext(NULL, 0), INVALID_PARAMETER);
    FAILS(aclrtCreateContext(&object, 999), UNKNOWN_DEVICE);
    FAILS(aclrtDestroyContext(NULL), INVALID_PARAMETER);
    FAILS(aclrtCreateStream(NULL), INVALID_PARAMETER);
    FAILS(aclrtDestroyStream(&number), INVALID_PARAMETER);
    FAILS(aclrtStreamQuery(&number, &number), INVALID_PARAMETER);
    FAILS(aclrtStreamQuery(NULL, NULL), INVALID_PARAMETER);
    FAILS(aclrtSynchronizeStream(&number), INVALID_PARAMETER);
    FAILS(aclrtSynchronizeStreamWithTimeout(NULL, -2), INVALID_PARAMETER);
    FAILS(aclrtCreateEvent(NULL), INVALID_PARAMETER);
    FAILS(aclrtDestroyEvent(NULL), INVALID_PARAMETER);
    FAILS(aclrtRecordEvent(&number, NULL), INVALID_PARAMETER);
    FAILS(aclrtStreamWaitEvent(NULL, &number), INVALID_PARAMETER);
    FAILS(aclrtQueryEventStatus(&number, &number), INVALID_PARAMETER);
    FAILS(aclrtEventElapsedTime(&milliseconds, &number, &number), INVALID_PARAMETER);
    FAILS(aclrtPeekAtLastError(1), INVALID_PARAMETER);
    FAILS(aclrtGetLastError(-1), INVALID_PARAMETER);
}

/// The last error is the thread's own.
static void *look(void *unused)
{
    EQUAL(aclrtPeekAtLastError(0), OK);
    CHECK(aclGetRecentErrMsg() == NULL);
    EQUAL(aclrtFree(NULL), INVALID_PARAMETER);
    EQUAL(aclrtGetLastError(0), INVALID_PARAMETER);
    return unused;
}

static void *wait_for_stream(void *stream)
{
    EQUAL(aclrtSetDevice(0), OK);
    EQUAL(aclrtSynchronizeStream(stream), OK);
    EQUAL(aclrtResetDevice(0), OK);
    pthread_testcancel();
    return NULL;
}

/// Threads that are cancelled while they wait: whoever else waits goes on.
static void test_cancelled_threads(void)
{
    enum { THREADS = 4, ROUNDS = 5, BLOCK = 16 << 20 };
    void *memory, *stream;
    EQUAL(aclrtMalloc(&memory, BLOCK, 0), OK);
    EQUAL(aclrtCreateStream(&stream), OK);
    for (int round = 0; round < ROUNDS; round++) {
        pthread_t threads[THREADS];
        for (int i = 0; i < 8; i++) {
            EQUAL(aclrtMemsetAsync(memory, BLOCK, i, BLOCK, stream), OK);
        }
        for (int i = 0; i < THREADS; i++) {
            pthread_create(&threads[i], NULL, wait_for_stream, stream);
        }
        for (int i = 0; i < THREADS; i++) pthread_cancel(threads[i]);
        for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
        EQUAL(aclrtSynchronizeStream(stream), OK);
    }
    EQUAL(aclrtDestroyStream(stream), OK);
    EQUAL(aclrtFree(memory), OK);
}

void test_wrong(void)
{
    void *memory = NULL;
    pthread_t thread;
    EQUAL(aclrtMalloc(&memory, BYTES, 0), OK);
    test_copies_of_wrong_kind(memory);
    test_copies_of_wrong_size(memory);
    test_fills(memory);
    test_sizes();
    test_objects();
    EQUAL(aclrtSetDevice(-1), UNKNOWN_DEVICE);
    pthread_create(&thread, NULL, look, NULL);
    pthread_join(thread, NULL);
    test_cancelled_threads();
    // A call that goes well leaves it.
    EQUAL(aclrtFree(memory), OK);
    EQUAL(aclrtGetLastError(0), UNKNOWN_DEVICE);
    while (aclGetRecentErrMsg() != NULL) {}
}
