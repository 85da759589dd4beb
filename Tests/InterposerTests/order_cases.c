// Route mode: numbered records of events, a ring for each device, limits of cores.
#include <pthread.h>

#include "route_cases.h"

/// A wait carries the number of the record that it is bound to.
void record_numbers(void) {
    void *stream, *event, *other;
    int32_t status;
    OK(aclrtSetDevice(0));
    OK(aclrtCreateStream(&stream));
    OK(aclrtCreateEventExWithFlag(&event, 0));
    OK(aclrtCreateEvent(&other));
    OK(aclrtQueryEventStatus(event, &status));
    CHECK(figure(last_number) == 0);  // never recorded
    for (int64_t number = 1; number <= 5; number++) {
        OK(aclrtRecordEvent(event, number % 2 ? stream : NULL));
        OK(aclrtStreamWaitEvent(stream, event));
        CHECK(figure(last_number) == number);
    }
    OK(aclrtStreamWaitEvent(stream, other));
    CHECK(figure(last_number) == 0);
    OK(aclrtSynchronizeEvent(event));
    CHECK(figure(last_number) == 5);
    OK(aclrtResetEvent(event, stream));
    OK(aclrtRecordEvent(event, stream));
    OK(aclrtQueryEventStatus(event, &status));
    CHECK(figure(last_number) == 6);
    // Another event in the same place begins anew.
    OK(aclrtDestroyEvent(event));
    OK(aclrtCreateEvent(&event));
    OK(aclrtStreamWaitEvent(stream, event));
    CHECK(figure(last_number) == 0);
}

/// A thread that makes its first call about a stream of the second device.
static void *ask_number(void *stream) {
    int32_t number;
    OK(aclrtStreamGetId(stream, &number));
    CHECK(aclrtStreamGetId(NULL, &number) == 107002);
    return NULL;
}

static void *use_both(void *streams) {
    void **both = streams, *device, *executor;
    uint64_t workspace;
    for (int i = 0; i < 2000; i++) {
        // The second device's stream from the first one's context, now and then the other way.
        OK(aclrtSetDevice(i % 10 == 0));
        OK(aclrtMalloc(&device, 4096, 0));
        OK(aclrtMemsetAsync(device, 64, 0, 64, both[i % 2]));
        void *a = tensor_of(4, device);
        OK(aclnnAddGetWorkspaceSize(a, a, NULL, a, &workspace, &executor));
        OK(aclnnAdd(NULL, 0, executor, both[i % 3 == 0]));
        OK(aclDestroyTensor(a));
        OK(aclrtSynchronizeStream(both[i % 2]));
        OK(aclrtFree(device));
        if (i % 100 == 0) OK(aclrtSynchronizeDevice());
    }
    return NULL;
}

/// Work goes to the ring of its stream's device: the fake daemon ends where it does not.
void rings_by_device(void) {
    void *streams[2], *event;
    pthread_t threads[2];
    for (int device = 0; device < 2; device++) {
        OK(aclrtSetDevice(device));
        OK(aclrtCreateStream(&streams[device]));
    }
    CHECK(figure(ring_count) == 2);
    pthread_create(&threads[0], NULL, ask_number, streams[1]);
    pthread_join(threads[0], NULL);
    OK(aclrtCreateEvent(&event));
    OK(aclrtRecordEvent(event, streams[0]));
    OK(aclrtStreamWaitEvent(streams[1], event));
    for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, use_both, streams);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    OK(aclrtSynchronizeEvent(event));
    OK(aclrtSetDevice(0));
    OK(aclrtDestroyStream(streams[1]));
    OK(aclrtResetDevice(0));
    usleep(100000);
    CHECK(figure(ring_count) == 2);  // the threads' rings went with them
}

void core_limits(void) {
    enum { cube, vector };
    void *stream, *device, *executor;
    uint64_t workspace;
    uint32_t cores;
    CHECK(aclrtGetResInCurrentThread(cube, &cores) == 107002);
    OK(aclrtSetDevice(1));
    OK(aclrtCreateStream(&stream));
    OK(aclrtMalloc(&device, 4096, 0));
    // Nothing set: what the device has.
    OK(aclrtGetDeviceResLimit(1, cube, &cores));
    CHECK(cores == 24);
    OK(aclrtGetResInCurrentThread(vector, &cores));
    CHECK(cores == 48);
    OK(aclrtSetDeviceResLimit(1, cube, 20));
    OK(aclrtGetStreamResLimit(stream, cube, &cores));
    CHECK(cores == 20);
    OK(aclrtSetStreamResLimit(stream, cube, 8));
    OK(aclrtSetStreamResLimit(stream, vector, 16));
    OK(aclrtGetStreamResLimit(stream, cube, &cores));
    CHECK(cores == 8);
    OK(aclrtGetResInCurrentThread(cube, &cores));
    CHECK(cores == 20);  // the stream's are not used yet
    CHECK(aclrtSetStreamResLimit(stream, 2, 8) == 107000);
    CHECK(aclrtSetStreamResLimit(stream, cube, 0) == 107000);
    CHECK(aclrtSetStreamResLimit((void *)0x12, cube, 8) == 107000);
    CHECK(aclrtSetDeviceResLimit(5, cube, 8) == 107001);
    CHECK(aclrtGetDeviceResLimit(1, cube, NULL) == 107000);
    void *a = tensor_of(4, device);
    OK(aclnnAddGetWorkspaceSize(a, a, NULL, a, &workspace, &executor));
    OK(aclrtUseStreamResInCurrentThread(stream));
    OK(aclrtGetResInCurrentThread(vector, &cores));
    CHECK(cores == 16);
    OK(aclnnAdd(NULL, 0, executor, NULL));
    CHECK(figure(last_limits) == 0);  // prepared before
    OK(aclnnAddGetWorkspaceSize(a, a, NULL, a, &workspace, &executor));
    OK(aclrtUnuseStreamResInCurrentThread(stream));
    OK(aclnnAdd(NULL, 0, executor, stream));
    CHECK(figure(last_limits) == (16 << 16 | 8));
    OK(aclrtResetStreamResLimit(stream));
    OK(aclrtUseStreamResInCurrentThread(stream));
    OK(aclnnAddGetWorkspaceSize(a, a, NULL, a, &workspace, &executor));
    OK(aclnnAdd(NULL, 0, executor, stream));
    CHECK(figure(last_limits) == 0);
    OK(aclrtResetDeviceResLimit(1));
    OK(aclrtGetResInCurrentThread(cube, &cores));
    CHECK(cores == 24);
    OK(aclDestroyTensor(a));
}
