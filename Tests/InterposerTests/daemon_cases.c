// Route mode: the daemon is not there, refuses, or dies.
#include <pthread.h>

#include "route_cases.h"

static void *wait_stuck(void *stuck) {
    int64_t start = now_us();
    OK(aclrtSetDevice(0));
    int32_t status = aclrtSynchronizeStream(stuck);
    CHECK(now_us() - start < 2000000);
    return (void *)(intptr_t)status;
}

void death(void) {
    void *stuck, *device, *status, *stream;
    uint8_t host[100000];
    OK(aclInit(NULL));
    OK(aclrtSetDevice(0));
    OK(aclrtCreateStreamWithConfig(&stuck, 0, 0x77));
    OK(aclrtMalloc(&device, sizeof(host), 0));
    pthread_t waiter;
    pthread_create(&waiter, NULL, wait_stuck, stuck);
    usleep(100000);
    stop_daemon(daemon_pid);
    usleep(800000);
    // Also calls that wait for nothing.
    CHECK(aclrtMemsetAsync(device, 64, 0, 64, NULL) == 507899);
    CHECK(strstr(aclGetRecentErrMsg(), "daemon is lost") != NULL);
    CHECK(aclrtMemcpy(device, sizeof(host), host, sizeof(host), to_device) == 507899);
    CHECK(aclrtMemcpy(host, sizeof(host), device, sizeof(host), to_host) == 507899);
    CHECK(aclrtSynchronizeDevice() == 507899);
    CHECK(aclrtCreateStream(&stream) == 507899);
    pthread_join(waiter, &status);
    CHECK((intptr_t)status == 507899);
    int64_t start = now_us();
    for (int i = 0; i < 1000; i++) CHECK(aclrtFree(device) == 507899);
    CHECK(now_us() - start < 500000);
    // A new daemon: a new session after aclInit, nothing of the old one.
    daemon_pid = start_daemon(socket_path, NULL);
    CHECK(aclrtSynchronizeDevice() == 507899);
    CHECK(aclFinalize() == 507899);
    OK(aclInit(NULL));
    CHECK(aclrtSynchronizeStream(stuck) == 107000);
    CHECK(aclrtFree(device) == 107000);
    OK(aclrtSetDevice(0));
    OK(aclrtMalloc(&device, sizeof(host), 0));
    OK(aclrtMemcpy(device, sizeof(host), host, sizeof(host), to_device));
}

void death_under_load(void) {
    void *device;
    uint8_t *host = malloc(64 << 20);
    memset(host, 1, 64 << 20);
    OK(aclrtSetDevice(0));
    OK(aclrtMalloc(&device, 64 << 20, 0));
    if (fork() == 0) {
        usleep(150000);
        kill(daemon_pid, SIGKILL);
        _exit(0);
    }
    int64_t start = now_us();
    int32_t status = 0;
    while (status == 0 && now_us() - start < 5000000) {
        status = aclrtMemcpyAsync(device, 64 << 20, host, 64 << 20, to_device, NULL);
        if (status == 0) status = aclrtMemcpy(host, 64 << 20, device, 64 << 20, to_host);
    }
    CHECK(status == 507899);
    CHECK(now_us() - start < 2500000);
    free(host);
    wait(NULL);
}

void absent(void) {
    stop_daemon(daemon_pid);
    unlink(socket_path);
    uint32_t count;
    int64_t start = now_us();
    CHECK(aclrtGetDeviceCount(&count) == 507899);
    const char *text = aclGetRecentErrMsg();
    CHECK(text && strstr(text, socket_path) && strstr(text, "flexnpu daemon"));
    CHECK(aclInit(NULL) == 507899);
    CHECK(now_us() - start < 500000);
    CHECK(aclrtGetSocName() == NULL);
    mstxMarkA("nobody hears", NULL);
    CHECK(mstxRangeStartA("nor this", NULL) != 0);
}

void patient(void) {
    stop_daemon(daemon_pid);
    unlink(socket_path);
    setenv("FLEXNPU_DAEMON_LOST", "wait:5", 1);
    pid_t starter = fork();
    if (starter == 0) {
        usleep(400000);
        execl(getenv("FAKE_DAEMON"), "fake_daemon", socket_path, NULL);
        _exit(127);
    }
    OK(aclrtSetDevice(0));
    stop_daemon(starter);
}

void restart_daemon(const char *option, const char *value) {
    stop_daemon(daemon_pid);
    const char *extra[] = {option, value, NULL};
    daemon_pid = start_daemon(socket_path, extra);
}

/// Memory that the daemon could cut short would kill us by SIGBUS: it is not mapped.
void unsealed(void) {
    restart_daemon("--unsealed", NULL);
    CHECK(aclrtSetDevice(0) == 507899);
    CHECK(strstr(aclGetRecentErrMsg(), "not usable") != NULL);
}

/// A daemon that writes nonsense: errors, no crash, no hang.
void wild(void) {
    restart_daemon("--wild", NULL);
    uint8_t host[5000];
    void *device, *event;
    OK(aclrtSetDevice(0));
    OK(aclrtMalloc(&device, 65536, 0));
    int32_t status = 0;
    for (int i = 0; i < 100000 && status == 0; i++) {
        status = aclrtMemcpyAsync(device, 5000, host, 5000, to_device, NULL);
        if (status == 0) status = aclrtCreateEvent(&event);
        if (status == 0) status = aclrtDestroyEvent(event);
    }
    CHECK(status != 0 && aclGetRecentErrMsg() != NULL);
    CHECK(aclrtSynchronizeDevice() == 507899);
}

void refused_version(void) {
    restart_daemon("--version", "9");
    CHECK(aclrtSetDevice(0) == 507899);
    CHECK(strstr(aclGetRecentErrMsg(), "another version") != NULL);
}
