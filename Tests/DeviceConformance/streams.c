// Streams, events and the order between them.
#include <stdlib.h>

#include "conformance.h"

void test_streams(void)
{
    void *stream = NULL;
    int status = -1;
    EQUAL(aclrtCreateStream(&stream), OK);
    EQUAL(aclrtCreateStream(NULL), INVALID_PARAMETER);
    EQUAL(aclrtStreamQuery(stream, &status), OK);
    EQUAL(status, 0);
    struct vector vector = make_vector(1 << 16, 0);
    for (int step = 0; step < 100; step++) EQUAL(add_amount(vector, 1, stream), OK);
    status = aclrtSynchronizeStreamWithTimeout(stream, 0);
    CHECK(status == OK || status == TIMED_OUT);
    EQUAL(aclrtSynchronizeStreamWithTimeout(stream, 60000), OK);
    EQUAL(aclrtStreamQuery(stream, &status), OK);
    EQUAL(status, 0);
    CHECK(holds(vector, 100));
    EQUAL(add_amount(vector, 1, NULL), OK);
    EQUAL(aclrtSynchronizeStream(NULL), OK);
    CHECK(holds(vector, 101));
    // Destroying a stream lets it finish.
    for (int step = 0; step < 20; step++) EQUAL(add_amount(vector, 1, stream), OK);
    EQUAL(aclrtDestroyStream(stream), OK);
    CHECK(holds(vector, 121));
    EQUAL(aclrtDestroyStream(stream), INVALID_PARAMETER);
    EQUAL(aclrtSynchronizeStream(stream), INVALID_PARAMETER);
    EQUAL(aclrtStreamQuery((void *)0x4242, &status), INVALID_PARAMETER);
    EQUAL(aclrtSynchronizeStreamWithTimeout(NULL, -7), INVALID_PARAMETER);
    drop_vector(vector);
}

static void test_queries(void *stream)
{
    int status = -1;
    float milliseconds = -1;
    void *plain = NULL, *extended = NULL;
    EQUAL(aclrtCreateEvent(&plain), OK);
    EQUAL(aclrtCreateEventExWithFlag(&extended, 8), OK);
    EQUAL(aclrtQueryEvent(plain, &status), OK);
    EQUAL(status, 1);
    EQUAL(aclrtQueryEventStatus(plain, &status), OK);
    EQUAL(status, 0);
    EQUAL(aclrtQueryEventStatus(extended, &status), OK);
    EQUAL(status, 1);
    EQUAL(aclrtEventElapsedTime(&milliseconds, plain, extended), NOT_COMPARABLE);
    EQUAL(aclrtSynchronizeEvent(plain), OK);
    EQUAL(aclrtStreamWaitEvent(stream, plain), OK);
    EQUAL(aclrtRecordEvent(plain, stream), OK);
    EQUAL(aclrtRecordEvent(extended, stream), OK);
    EQUAL(aclrtSynchronizeEvent(extended), OK);
    EQUAL(aclrtQueryEventStatus(plain, &status), OK);
    EQUAL(status, 1);
    EQUAL(aclrtEventElapsedTime(&milliseconds, plain, extended), OK);
    CHECK(milliseconds >= 0 && milliseconds < 60000);
    EQUAL(aclrtResetEvent(plain, stream), OK);
    EQUAL(aclrtQueryEvent(plain, &status), OK);
    EQUAL(status, 1);
    EQUAL(aclrtDestroyEvent(plain), OK);
    EQUAL(aclrtDestroyEvent(plain), INVALID_PARAMETER);
    EQUAL(aclrtRecordEvent(plain, stream), INVALID_PARAMETER);
    EQUAL(aclrtRecordEvent(stream, stream), INVALID_PARAMETER);
    EQUAL(aclrtRecordEvent(extended, extended), INVALID_PARAMETER);
    EQUAL(aclrtDestroyEvent(extended), OK);
}

/// One number goes back and forth between two streams, each step needing the one before.
static void test_ping_pong(void *one, void *two)
{
    enum { ROUNDS = 200 };
    struct vector left = make_vector(1000, 1), right = make_vector(1000, 0);
    void *event = NULL;
    EQUAL(aclrtCreateEvent(&event), OK);
    for (int round = 0; round < ROUNDS; round++) {
        void *from = round % 2 == 0 ? one : two;
        void *to = round % 2 == 0 ? two : one;
        EQUAL(add_vector(right, left, from), OK);
        // The same event each time: a wait is bound to the record before it.
        EQUAL(aclrtRecordEvent(event, from), OK);
        EQUAL(aclrtStreamWaitEvent(to, event), OK);
    }
    EQUAL(aclrtSynchronizeStream(two), OK);
    EQUAL(aclrtSynchronizeStream(one), OK);
    CHECK(holds(right, ROUNDS));
    EQUAL(aclrtDestroyEvent(event), OK);
    drop_vector(left);
    drop_vector(right);
}

/// A later record or a reset does not move a wait that is bound already, and a destroyed event
/// still does its work.
static void test_binding(void *one, void *two)
{
    struct vector slow = make_vector(1 << 20, 0), sum = make_vector(1 << 20, 0);
    void *event = NULL;
    EQUAL(aclrtCreateEvent(&event), OK);
    for (int step = 0; step < 10; step++) EQUAL(add_amount(slow, 1, one), OK);
    EQUAL(aclrtRecordEvent(event, one), OK);
    EQUAL(aclrtStreamWaitEvent(two, event), OK);
    EQUAL(aclrtRecordEvent(event, two), OK);
    EQUAL(aclrtStreamWaitEvent(one, event), OK);
    EQUAL(aclrtResetEvent(event, one), OK);
    EQUAL(add_vector(sum, slow, two), OK);
    EQUAL(aclrtRecordEvent(event, two), OK);
    EQUAL(aclrtStreamWaitEvent(one, event), OK);
    EQUAL(aclrtDestroyEvent(event), OK);
    EQUAL(add_amount(sum, 1, one), OK);
    EQUAL(aclrtSynchronizeDevice(), OK);
    CHECK(holds(sum, 11));
    drop_vector(slow);
    drop_vector(sum);
}

void test_events(void)
{
    void *one = NULL, *two = NULL;
    EQUAL(aclrtCreateStream(&one), OK);
    EQUAL(aclrtCreateStream(&two), OK);
    test_queries(one);
    test_ping_pong(one, two);
    test_binding(one, two);
    EQUAL(aclrtDestroyStream(one), OK);
    EQUAL(aclrtDestroyStream(two), OK);
}
