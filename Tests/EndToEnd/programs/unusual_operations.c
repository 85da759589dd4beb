// Tensors with strides nobody would choose, executors that are forgotten or used again, very many threads.
#include <pthread.h>
#include <stdio.h>

#include "unusual.h"

/// target += 1 × other, by two views; the first status that is not 0.
static int add_views(void *target, void *other, void *stream)
{
    uint64_t size = 0;
    float one = 1;
    void *executor = NULL, *scalar = aclCreateScalar(&one, TYPE_FLOAT);
    int status = aclnnInplaceAddGetWorkspaceSize(target, other, scalar, &size, &executor);
    aclDestroyScalar(scalar);
    if (target != NULL) aclDestroyTensor(target);
    if (other != NULL) aclDestroyTensor(other);
    return status != 0 ? status : aclnnInplaceAdd(NULL, 0, executor, stream);
}

static void zero_strides(void)
{
    float *sum = make_floats(0), *three = make_floats(3);
    int64_t shape[] = {64, 64}, along[] = {64, 1}, none[] = {0, 0}, rows[] = {0, 1};
    for (int i = 0; i < 10; i++) {
        EQUAL(add_views(make_view(sum, TYPE_FLOAT, 2, shape, along, 0),
                        make_view(three, TYPE_FLOAT, 2, shape, i % 2 ? none : rows, 0), NULL), 0);
    }
    EQUAL(aclrtSynchronizeStream(NULL), 0);
    CHECK(all_are(sum, 30));
    EQUAL(aclrtFree(three), 0);
    EQUAL(aclrtFree(sum), 0);
}

/// Whatever a library makes of them, nothing outside of the allocation may be touched, and it goes on working.
static void impossible_tensors(void)
{
    float *floats = make_floats(1), *guard = make_floats(7);
    int64_t shape[] = {64, 64}, along[] = {64, 1}, back[] = {-64, -1}, far[] = {1 << 30, 1};
    int64_t huge[] = {INT64_MAX, INT64_MAX}, negative[] = {-64, 64}, many[] = {1 << 20, 1 << 20};
    struct {
        int64_t *shape, *strides, offset;
        int type;
    } views[] = {{shape, back, 0, TYPE_FLOAT},      {shape, back, 4095, TYPE_FLOAT},
                 {shape, far, 0, TYPE_FLOAT},       {huge, along, 0, TYPE_FLOAT},
                 {negative, along, 0, TYPE_FLOAT},  {shape, along, -1, TYPE_FLOAT},
                 {shape, along, INT64_MAX, TYPE_FLOAT}, {many, along, 0, TYPE_FLOAT},
                 {shape, along, 0, 999},            {shape, along, 0, -1}};
    int one = 0;
    for (unsigned i = 0; i < sizeof views / sizeof *views; i++) {
        void *odd = aclCreateTensor(views[i].shape, 2, views[i].type, views[i].strides,
                                    views[i].offset, FORMAT_ND, views[i].shape, 2, floats);
        void *usual = make_view(guard, TYPE_FLOAT, 2, shape, along, 0);
        // Refused when it is made, when it is used, or when it runs; or, read backwards, done.
        int status = odd == NULL ? -1 : add_views(odd, usual, NULL);
        int late = aclrtSynchronizeStream(NULL);
        one += status == 0 && late == 0;
        aclGetRecentErrMsg();
    }
    CHECK(one <= 2);
    CHECK(all_are(guard, 7));
    EQUAL(aclCreateTensor(shape, 1u << 30, TYPE_FLOAT, along, 0, FORMAT_ND, shape, 2, floats) == NULL,
          1);
    EQUAL(add_on(guard, guard, 1, NULL), 0);
    EQUAL(aclrtSynchronizeStream(NULL), 0);
    CHECK(all_are(guard, 14));
    EQUAL(aclrtFree(guard), 0);
    EQUAL(aclrtFree(floats), 0);
}

static void empty_tensors(void)
{
    float *floats = make_floats(5);
    int64_t none[] = {0, 64}, strides[] = {64, 1};
    EQUAL(add_views(aclCreateTensor(none, 2, TYPE_FLOAT, strides, 0, FORMAT_ND, none, 2, floats),
                    aclCreateTensor(none, 2, TYPE_FLOAT, strides, 0, FORMAT_ND, none, 2, floats),
                    NULL), 0);
    EQUAL(aclrtSynchronizeStream(NULL), 0);
    CHECK(all_are(floats, 5));
    EQUAL(aclrtFree(floats), 0);
}

void tensors_in_unusual_ways(void)
{
    zero_strides();
    impossible_tensors();
    empty_tensors();
}

void executors_in_unusual_ways(void)
{
    float *ones = make_floats(1), *sum = make_floats(0);
    void *executor = NULL, *kept[100];
    int refused = 0;
    // Never launched: a hundred destroyed, many more forgotten.
    for (int i = 0; i < 100; i++) refused += prepare_add(sum, ones, 1, &kept[i]) != 0;
    for (int i = 0; i < 100; i++) aclDestroyAclOpExecutor(kept[i]);
    for (int i = 0; i < 2000; i++) refused += prepare_add(sum, ones, 1, &executor) != 0;
    EQUAL(refused, 0);
    // Launched in another order than prepared.
    for (int i = 0; i < 100; i++) refused += prepare_add(sum, ones, (float)(i + 1), &kept[i]) != 0;
    for (int i = 99; i >= 0; i--) refused += aclnnInplaceAdd(NULL, 0, kept[i], NULL) != 0;
    EQUAL(refused, 0);
    EQUAL(aclrtSynchronizeStream(NULL), 0);
    CHECK(all_are(sum, 5050));
    // An executor is used up by its launch.
    EQUAL(prepare_add(sum, ones, 1, &executor), 0);
    EQUAL(aclnnInplaceAdd(NULL, 0, executor, NULL), 0);
    CHECK(aclnnInplaceAdd(NULL, 0, executor, NULL) != 0);
    CHECK(aclnnInplaceAdd(NULL, 0, kept[0], NULL) != 0);
    // Launched by the second phase of another operation (refused, or done as prepared), or on no stream.
    EQUAL(prepare_add(sum, ones, 1, &executor), 0);
    int mistaken = aclnnMul(NULL, 0, executor, NULL) == 0;
    EQUAL(prepare_add(sum, ones, 1, &executor), 0);
    CHECK(aclnnInplaceAdd(NULL, 0, executor, (void *)0x77) != 0);
    EQUAL(aclrtSynchronizeStream(NULL), 0);
    CHECK(all_are(sum, (float)(5051 + mistaken)));
    EQUAL(aclrtFree(ones), 0);
    EQUAL(aclrtFree(sum), 0);
}

enum { THREADS = 64, ROUNDS = 40 };

static struct {
    float *ones, *sums[THREADS];
    int refused;
} many;

static void *one_of_many(void *argument)
{
    int number = (int)(intptr_t)argument, refused = 0;
    void *stream = NULL, *event = NULL;
    refused += aclrtSetDevice(0) != 0;
    refused += aclrtCreateStream(&stream) != 0;
    refused += aclrtCreateEventExWithFlag(&event, 8) != 0;
    for (int i = 0; i < ROUNDS; i++) {
        refused += add_on(many.sums[number], many.ones, 1, stream) != 0;
        if (i % 10 == 0) {
            refused += aclrtRecordEvent(event, stream) != 0;
            refused += aclrtSynchronizeEvent(event) != 0;
        }
    }
    refused += aclrtSynchronizeStream(stream) != 0;
    refused += aclrtDestroyEvent(event) != 0;
    refused += aclrtDestroyStream(stream) != 0;
    refused += aclrtResetDevice(0) != 0;
    __atomic_fetch_add(&many.refused, refused, __ATOMIC_RELAXED);
    return NULL;
}

void threads_in_unusual_ways(void)
{
    pthread_t threads[THREADS];
    many.ones = make_floats(1);
    for (int i = 0; i < THREADS; i++) many.sums[i] = make_floats((float)i);
    for (int turn = 0; turn < 2; turn++) {
        for (int i = 0; i < THREADS; i++)
            pthread_create(&threads[i], NULL, one_of_many, (void *)(intptr_t)i);
        for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    }
    EQUAL(many.refused, 0);
    for (int i = 0; i < THREADS; i++) {
        CHECK(all_are(many.sums[i], (float)(i + 2 * ROUNDS)));
        EQUAL(aclrtFree(many.sums[i]), 0);
    }
    EQUAL(aclrtFree(many.ones), 0);
}
