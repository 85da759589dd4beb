// Streams and events: very many, destroyed with work queued, handed around, never given out.
#include <pthread.h>

#include "unusual.h"

enum { MANY = 1000 };

static void a_thousand_streams(void)
{
    static void *streams[MANY];
    float *ones = make_floats(1), *sum = make_floats(0);
    void *event = NULL;
    int refused = 0;
    for (int i = 0; i < MANY; i++) refused += aclrtCreateStream(&streams[i]) != 0;
    EQUAL(refused, 0);
    EQUAL(aclrtCreateEventExWithFlag(&event, 8), 0);
    // One addition on each, every one after the one before: a chain through all of them.
    for (int i = 0; i < MANY; i++) {
        if (i > 0) refused += aclrtStreamWaitEvent(streams[i], event) != 0;
        refused += add_on(sum, ones, 1, streams[i]) != 0;
        refused += aclrtRecordEvent(event, streams[i]) != 0;
    }
    EQUAL(refused, 0);
    EQUAL(aclrtSynchronizeEvent(event), 0);
    CHECK(all_are(sum, MANY));
    for (int i = 0; i < MANY; i++) refused += aclrtDestroyStream(streams[i]) != 0;
    EQUAL(refused, 0);
    EQUAL(aclrtDestroyEvent(event), 0);
    EQUAL(aclrtFree(ones), 0);
    EQUAL(aclrtFree(sum), 0);
}

static void destroyed_with_work_queued(void)
{
    float *ones = make_floats(1), *sum = make_floats(0);
    void *stream = NULL, *event = NULL;
    EQUAL(aclrtCreateStream(&stream), 0);
    EQUAL(aclrtCreateEventExWithFlag(&event, 8), 0);
    for (int i = 0; i < 500; i++) add_on(sum, ones, 1, stream);
    EQUAL(aclrtRecordEvent(event, stream), 0);
    EQUAL(aclrtDestroyStream(stream), 0);
    // The work was asked for before the stream went, and so was the record.
    EQUAL(aclrtSynchronizeEvent(event), 0);
    CHECK(all_are(sum, 500));
    EQUAL(add_on(sum, ones, 1, stream) != 0, 1);
    EQUAL(aclrtSynchronizeStream(stream), INVALID_PARAMETER);
    // An event that goes while a stream has yet to come to its wait.
    void *other = NULL;
    EQUAL(aclrtCreateStream(&stream), 0);
    EQUAL(aclrtCreateStream(&other), 0);
    for (int i = 0; i < 200; i++) add_on(sum, ones, 1, stream);
    EQUAL(aclrtRecordEvent(event, stream), 0);
    EQUAL(aclrtStreamWaitEvent(other, event), 0);
    EQUAL(aclrtDestroyEvent(event), 0);
    EQUAL(add_on(sum, sum, 1, other), 0);
    EQUAL(aclrtDestroyStream(other), 0);
    CHECK(all_are(sum, 1400));
    EQUAL(aclrtDestroyStream(stream), 0);
    EQUAL(aclrtFree(ones), 0);
    EQUAL(aclrtFree(sum), 0);
}

static void wild_handles(void)
{
    void *wild[] = {(void *)0x10, (void *)0x1234567890ab, (void *)-1, (void *)0x4658000000000000,
                    (void *)0x4658200000000fff};
    void *stream = NULL, *event = NULL;
    int status = 0, accepted = 0;
    EQUAL(aclrtCreateStream(&stream), 0);
    EQUAL(aclrtCreateEventExWithFlag(&event, 8), 0);
    for (unsigned i = 0; i < sizeof wild / sizeof *wild; i++) {
        accepted += aclrtSynchronizeStream(wild[i]) == 0;
        accepted += aclrtDestroyStream(wild[i]) == 0;
        accepted += aclrtStreamQuery(wild[i], &status) == 0;
        accepted += aclrtRecordEvent(wild[i], stream) == 0;
        accepted += aclrtRecordEvent(event, wild[i]) == 0;
        accepted += aclrtStreamWaitEvent(wild[i], event) == 0;
        accepted += aclrtStreamWaitEvent(stream, wild[i]) == 0;
        accepted += aclrtResetEvent(wild[i], stream) == 0;
        accepted += aclrtSynchronizeEvent(wild[i]) == 0;
        accepted += aclrtDestroyEvent(wild[i]) == 0;
        accepted += aclrtSetCurrentContext(wild[i]) == 0;
        accepted += aclrtDestroyContext(wild[i]) == 0;
        accepted += aclrtFree(wild[i]) == 0;
        accepted += aclrtFreeHost(wild[i]) == 0;
        accepted += aclrtMemsetAsync(wild[i], 64, 0, 64, stream) == 0;
    }
    EQUAL(accepted, 0);
    // A stream is no event, an event no stream.
    CHECK(aclrtRecordEvent(stream, stream) != 0);
    CHECK(aclrtSynchronizeStream(event) != 0);
    CHECK(aclrtDestroyEvent(stream) != 0);
    EQUAL(aclrtSynchronizeStream(stream), 0);
    EQUAL(aclrtDestroyEvent(event), 0);
    EQUAL(aclrtDestroyStream(stream), 0);
}

void streams_in_unusual_ways(void)
{
    a_thousand_streams();
    destroyed_with_work_queued();
    wild_handles();
}

static struct {
    void *event, *stream;
    float *ones, *sum;
    pthread_barrier_t waited, recorded;
} shared;

static void *record_late(void *context)
{
    EQUAL(aclrtSetCurrentContext(context), 0);
    pthread_barrier_wait(&shared.waited);
    for (int i = 0; i < 100; i++) add_on(shared.sum, shared.ones, 1, shared.stream);
    EQUAL(aclrtRecordEvent(shared.event, shared.stream), 0);
    pthread_barrier_wait(&shared.recorded);
    return NULL;
}

/// A wait is bound to the record that was there when it was asked for: to none, so it holds nobody up. The
/// next wait is bound to what another thread has recorded since.
static void waited_for_before_recorded(void)
{
    void *context = NULL, *mine = NULL;
    pthread_t thread;
    pthread_barrier_init(&shared.waited, NULL, 2);
    pthread_barrier_init(&shared.recorded, NULL, 2);
    shared.ones = make_floats(1);
    shared.sum = make_floats(0);
    EQUAL(aclrtGetCurrentContext(&context), 0);
    EQUAL(aclrtCreateStream(&shared.stream), 0);
    EQUAL(aclrtCreateStream(&mine), 0);
    EQUAL(aclrtCreateEventExWithFlag(&shared.event, 8), 0);
    pthread_create(&thread, NULL, record_late, context);
    EQUAL(aclrtStreamWaitEvent(mine, shared.event), 0);
    EQUAL(aclrtSynchronizeStream(mine), 0);
    pthread_barrier_wait(&shared.waited);
    pthread_barrier_wait(&shared.recorded);
    EQUAL(aclrtStreamWaitEvent(mine, shared.event), 0);
    EQUAL(add_on(shared.sum, shared.ones, 1, mine), 0);
    EQUAL(aclrtSynchronizeStream(mine), 0);
    CHECK(all_are(shared.sum, 101));
    pthread_join(thread, NULL);
    EQUAL(aclrtDestroyEvent(shared.event), 0);
    EQUAL(aclrtDestroyStream(mine), 0);
    EQUAL(aclrtDestroyStream(shared.stream), 0);
    EQUAL(aclrtFree(shared.ones), 0);
    EQUAL(aclrtFree(shared.sum), 0);
}

/// One event recorded over and over on the stream that waits for it, and on none at all in between.
static void one_event_for_everything(void)
{
    void *event = NULL, *stream = NULL;
    int refused = 0, status = 0;
    float *ones = make_floats(1), *sum = make_floats(0);
    EQUAL(aclrtCreateStream(&stream), 0);
    EQUAL(aclrtCreateEventExWithFlag(&event, 8), 0);
    for (int i = 0; i < 300; i++) {
        refused += aclrtRecordEvent(event, stream) != 0;
        refused += aclrtStreamWaitEvent(stream, event) != 0;
        refused += add_on(sum, ones, 1, i % 2 ? stream : NULL) != 0;
        refused += aclrtRecordEvent(event, i % 2 ? stream : NULL) != 0;
        refused += aclrtStreamWaitEvent(i % 2 ? NULL : stream, event) != 0;
        if (i % 7 == 0) refused += aclrtResetEvent(event, stream) != 0;
        if (i % 5 == 0) refused += aclrtQueryEventStatus(event, &status) != 0;
    }
    EQUAL(refused, 0);
    EQUAL(aclrtSynchronizeStream(NULL), 0);
    EQUAL(aclrtSynchronizeStream(stream), 0);
    CHECK(all_are(sum, 300));
    EQUAL(aclrtDestroyEvent(event), 0);
    EQUAL(aclrtDestroyStream(stream), 0);
    EQUAL(aclrtFree(ones), 0);
    EQUAL(aclrtFree(sum), 0);
}

void events_in_unusual_ways(void)
{
    waited_for_before_recorded();
    one_event_for_everything();
}
