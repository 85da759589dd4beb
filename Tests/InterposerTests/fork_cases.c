// Route mode: forked children.
#include <pthread.h>

#include "route_cases.h"

static int run_child(void (*body)(void)) {
    pid_t child = fork();
    if (child == 0) {
        alarm(20);
        body();
        _exit(0);
    }
    int status;
    waitpid(child, &status, 0);
    return status;
}

static void *inherited_stream, *inherited_device, *inherited_tensor;

static void child_without_init(void) {
    int32_t type;
    CHECK(aclrtSynchronizeStream(inherited_stream) == 507899);
    CHECK(strstr(aclGetRecentErrMsg(), "forked") != NULL);
    CHECK(aclrtSetDevice(0) == 507899);
    OK(aclGetDataType(inherited_tensor, &type));
    OK(aclDestroyTensor(inherited_tensor));
}

static void child_with_init(void) {
    uint8_t *device, host[9000], back[9000];
    OK(aclInit(NULL));
    CHECK(aclrtSynchronizeStream(inherited_stream) == 107000);
    CHECK(aclrtFree(inherited_device) == 107000);
    OK(aclrtSetDevice(1));
    OK(aclrtMalloc((void **)&device, sizeof(host), 0));
    fill_pattern(host, sizeof(host), 5);
    OK(aclrtMemcpy(device, sizeof(host), host, sizeof(host), to_device));
    OK(aclrtMemcpy(back, sizeof(host), device, sizeof(host), to_host));
    CHECK(memcmp(host, back, sizeof(host)) == 0);
    CHECK(run_child(child_without_init) == 0);
    OK(aclrtSynchronizeDevice());
}

static void *busy(void *stop) {
    OK(aclrtSetDevice(0));
    while (!__atomic_load_n((int *)stop, __ATOMIC_RELAXED)) {
        void *event;
        OK(aclrtCreateEvent(&event));
        OK(aclrtRecordEvent(event, NULL));
        OK(aclrtSynchronizeStream(NULL));
        OK(aclrtDestroyEvent(event));
    }
    return NULL;
}

void forks(void) {
    OK(aclInit(NULL));
    OK(aclrtSetDevice(0));
    OK(aclrtCreateStream(&inherited_stream));
    OK(aclrtMalloc(&inherited_device, 4096, 0));
    inherited_tensor = tensor_of(3, inherited_device);
    int stop = 0;
    pthread_t other;
    pthread_create(&other, NULL, busy, &stop);
    for (int i = 0; i < 20; i++) {
        CHECK(run_child(child_without_init) == 0);
        CHECK(run_child(child_with_init) == 0);
        OK(aclrtSynchronizeStream(inherited_stream));
    }
    __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
    pthread_join(other, NULL);
    OK(aclDestroyTensor(inherited_tensor));
    OK(aclrtMemset(inherited_device, 4096, 1, 4096));
}
