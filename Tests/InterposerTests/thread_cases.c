// Route mode: threads, signal handlers, time limits.
#include <errno.h>
#include <pthread.h>

#include "route_cases.h"

static void *worker(void *number) {
    uint8_t *device, *host = malloc(3 << 20), *back = malloc(3 << 20);
    void *stream, *event, *executor;
    uint64_t workspace;
    CHECK(aclrtSynchronizeDevice() == 107002);
    OK(aclrtSetDevice((int32_t)((uintptr_t)number % 2)));
    OK(aclrtCreateStream(&stream));
    OK(aclrtMalloc((void **)&device, 3 << 20, 0));
    for (int i = 0; i < 60; i++) {
        size_t count = (size_t)(i + 1) * 50000;
        fill_pattern(host, count, (unsigned)i);
        OK(aclrtMemcpyAsync(device, count, host, count, to_device, stream));
        OK(aclrtCreateEvent(&event));
        OK(aclrtRecordEvent(event, stream));
        OK(aclrtMemcpyAsync(back, count, device, count, to_host, stream));
        OK(aclrtSynchronizeStream(stream));
        CHECK(memcmp(host, back, count) == 0);
        OK(aclrtDestroyEvent(event));
        void *a = tensor_of(i % 7 + 1, device);
        OK(aclnnAddGetWorkspaceSize(a, a, NULL, a, &workspace, &executor));
        OK(aclDestroyTensor(a));
        OK(aclnnAdd(NULL, 0, executor, stream));
    }
    OK(aclrtFree(device));
    OK(aclrtDestroyStream(stream));
    free(host);
    free(back);
    return NULL;
}

static void *short_worker(void *unused) {
    void *event, *device;
    OK(aclrtSetDevice(0));
    OK(aclrtMalloc(&device, 4096, 0));
    OK(aclrtCreateEvent(&event));
    OK(aclrtRecordEvent(event, NULL));
    void *a = tensor_of(3, device), *executor;
    uint64_t workspace;
    OK(aclnnAddGetWorkspaceSize(a, a, NULL, a, &workspace, &executor));
    OK(aclnnAdd(NULL, 0, executor, NULL));
    OK(aclDestroyTensor(a));
    OK(aclrtFree(device));
    OK(aclrtDestroyEvent(event));
    return unused;
}

static int line_count(const char *path) {
    FILE *file = fopen(path, "r");
    int count = 0, c;
    while ((c = getc(file)) != EOF) count += c == '\n';
    fclose(file);
    return count;
}

/// Threads that come and go leave nothing: no ring, no mapping.
void many_threads(void) {
    int mappings = 0;
    OK(aclrtSetDevice(0));
    for (int i = 0; i < 1000; i++) {
        pthread_t thread;
        CHECK(pthread_create(&thread, NULL, short_worker, NULL) == 0);
        pthread_join(thread, NULL);
        if (i == 20) mappings = line_count("/proc/self/maps");
    }
    if (memory_tells) CHECK(line_count("/proc/self/maps") <= mappings + 5);
}

void threads(void) {
    for (int round = 0; round < 3; round++) {
        pthread_t all[8];
        for (uintptr_t i = 0; i < 8; i++) pthread_create(&all[i], NULL, worker, (void *)i);
        for (int i = 0; i < 8; i++) pthread_join(all[i], NULL);
    }
}

static volatile sig_atomic_t handled, refused;
static void handler(int number) {
    (void)number;
    void *event;
    int32_t status = aclrtCreateEvent(&event);
    if (status == 0) status = aclrtDestroyEvent(event);
    handled++;
    if (status == 500000) refused++;
    else if (status != 0) _exit(9);
}

void signals(void) {
    uint8_t *device, host[8192], back[8192];
    OK(aclrtSetDevice(0));
    OK(aclrtMalloc((void **)&device, 8192, 0));
    struct sigaction action = {.sa_handler = handler};
    sigaction(SIGALRM, &action, NULL);
    timer_t timer;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
    struct itimerspec often = {{0, 50000}, {0, 50000}};
    timer_create(CLOCK_MONOTONIC, &event, &timer);
    timer_settime(timer, 0, &often, NULL);
    int64_t until = now_us() + 1500000;
    for (unsigned i = 0; now_us() < until; i++) {
        fill_pattern(host, sizeof(host), i);
        OK(aclrtMemcpyAsync(device, 8192, host, 8192, to_device, NULL));
        errno = 77;
        OK(aclrtMemcpy(back, 8192, device, 8192, to_host));
        CHECK(errno == 77);
        CHECK(memcmp(host, back, 8192) == 0);
    }
    timer_delete(timer);
    CHECK(handled > 100 && refused > 0);
}

void timeouts(void) {
    void *stuck;
    OK(aclrtSetDevice(0));
    OK(aclrtCreateStreamWithConfig(&stuck, 0, 0x77));
    int64_t start = now_us();
    CHECK(aclrtSynchronizeStreamWithTimeout(stuck, 200) == 507046);
    int64_t took = now_us() - start;
    CHECK(took > 190000 && took < 900000);
    CHECK(aclrtSynchronizeStreamWithTimeout(stuck, -2) == 107000);
    OK(aclrtSynchronizeStreamWithTimeout(NULL, 0));
    kill(daemon_pid, SIGSTOP);  // does not answer, but lives: we give up by ourselves
    start = now_us();
    CHECK(aclrtSynchronizeStreamWithTimeout(stuck, 100) == 507046);
    CHECK(now_us() - start < 3000000);
    kill(daemon_pid, SIGCONT);
    OK(aclrtSynchronizeStream(NULL));
}
