// aclnn operations in two phases, faults, contexts and threads.
#include <pthread.h>
#include <stdlib.h>

#include "conformance.h"

void test_operations(void)
{
    struct vector vector = make_vector(257, 2);
    uint64_t workspace = 1;
    void *executor = NULL, *tensor = vector.tensor, *wild = (void *)0x99;
    float amount = 3;
    int64_t one = 1, *shape = NULL;
    void *addend = aclCreateScalar(&amount, TYPE_FLOAT);
    void *alpha = aclCreateScalar(&one, TYPE_INT64);
    uint64_t rank = 0;
    EQUAL(aclGetViewShape(tensor, &shape, &rank), OK);
    CHECK(rank == 1 && shape != NULL && shape[0] == 257);
    free(shape);
    EQUAL(aclnnAddsGetWorkspaceSize(tensor, addend, alpha, tensor, NULL, &executor), ACLNN_NULL);
    EQUAL(aclnnAddsGetWorkspaceSize(NULL, addend, alpha, tensor, &workspace, &executor),
          ACLNN_NULL);
    CHECK(aclGetRecentErrMsg() != NULL);
    EQUAL(aclnnAddsGetWorkspaceSize(wild, addend, alpha, tensor, &workspace, &executor),
          ACLNN_INVALID);
    // Everything phase one was given goes away before phase two.
    EQUAL(aclnnAddsGetWorkspaceSize(tensor, addend, alpha, tensor, &workspace, &executor), OK);
    EQUAL(aclDestroyScalar(addend), OK);
    EQUAL(aclDestroyScalar(alpha), OK);
    EQUAL(aclDestroyTensor(tensor), OK);
    EQUAL(aclnnAdds(NULL, workspace, executor, NULL), OK);
    EQUAL(aclrtSynchronizeStream(NULL), OK);
    CHECK(holds(vector, 5));
    EQUAL(aclnnAdds(NULL, 0, NULL, NULL), ACLNN_NULL);
    EQUAL(aclnnAdds(NULL, 0, wild, NULL), ACLNN_INVALID);
    EQUAL(aclDestroyTensor(tensor), ACLNN_INVALID);
    EQUAL(aclrtFree(vector.address), OK);
}

void test_faults(void)
{
    void *stream = NULL;
    EQUAL(aclrtCreateStream(&stream), OK);
    struct vector good = make_vector(64, 1), bad = good;
    bad.tensor = make_tensor((void *)0x100000, 64);
    EQUAL(add_amount(bad, 1, stream), OK);
    EQUAL(add_amount(good, 1, stream), OK);
    EQUAL(aclrtSynchronizeStream(stream), DEVICE_FAULT);
    CHECK(aclGetRecentErrMsg() != NULL);
    EQUAL(aclrtSynchronizeStream(stream), OK);
    CHECK(holds(good, 2));
    EQUAL(aclDestroyTensor(bad.tensor), OK);
    EQUAL(aclrtDestroyStream(stream), OK);
    drop_vector(good);
}

static void *without_context(void *context)
{
    int device = -1;
    void *memory = NULL;
    CHECK(aclGetRecentErrMsg() == NULL);
    EQUAL(aclrtGetDevice(&device), NO_CONTEXT);
    EQUAL(aclrtMalloc(&memory, 64, 0), NO_CONTEXT);
    EQUAL(aclrtSetCurrentContext((void *)0x31), INVALID_PARAMETER);
    EQUAL(aclrtSetCurrentContext(context), OK);
    EQUAL(aclrtGetDevice(&device), OK);
    EQUAL(device, 1);
    EQUAL(aclrtMalloc(&memory, 64, 0), OK);
    EQUAL(aclrtFree(memory), OK);
    return NULL;
}

void test_contexts(void)
{
    void *first = NULL, *second = NULL, *current = NULL;
    int device = -1;
    pthread_t thread;
    EQUAL(aclrtGetCurrentContext(&first), OK);
    EQUAL(aclrtCreateContext(&second, 99), UNKNOWN_DEVICE);
    EQUAL(aclrtCreateContext(&second, 1), OK);
    EQUAL(aclrtGetCurrentContext(&current), OK);
    CHECK(current == second && current != first);
    EQUAL(aclrtGetDevice(&device), OK);
    EQUAL(device, 1);
    EQUAL(aclrtSetCurrentContext(first), OK);
    pthread_create(&thread, NULL, without_context, second);
    pthread_join(thread, NULL);
    EQUAL(aclrtDestroyContext(second), OK);
    EQUAL(aclrtDestroyContext(second), INVALID_PARAMETER);
    EQUAL(aclrtGetDevice(&device), OK);
    EQUAL(device, 0);
}

enum { THREADS = 4, STEPS = 300 };

static void *work(void *argument)
{
    int number = (int)(intptr_t)argument;
    EQUAL(aclrtSetDevice(number % 2), OK);
    void *stream = NULL, *event = NULL;
    EQUAL(aclrtCreateStream(&stream), OK);
    EQUAL(aclrtCreateEvent(&event), OK);
    struct vector vector = make_vector(500 + number, (float)number);
    for (int step = 0; step < STEPS; step++) {
        EQUAL(add_amount(vector, 1, stream), OK);
        if (step % 50 != 0) continue;
        EQUAL(aclrtRecordEvent(event, stream), OK);
        EQUAL(aclrtSynchronizeEvent(event), OK);
        CHECK(holds(vector, (float)(number + step + 1)));
    }
    EQUAL(aclrtSynchronizeStream(stream), OK);
    CHECK(holds(vector, (float)(number + STEPS)));
    drop_vector(vector);
    EQUAL(aclrtDestroyEvent(event), OK);
    EQUAL(aclrtDestroyStream(stream), OK);
    EQUAL(aclrtResetDevice(number % 2), OK);
    return NULL;
}

void test_threads(void)
{
    pthread_t threads[THREADS];
    for (int number = 0; number < THREADS; number++) {
        pthread_create(&threads[number], NULL, work, (void *)(intptr_t)number);
    }
    for (int number = 0; number < THREADS; number++) pthread_join(threads[number], NULL);
}
