// Route mode against the fake daemon: route_test CASE. Each case is a process of its own.
#include <errno.h>
#include <pthread.h>

#include "support.h"

static char socket_path[64];
static pid_t daemon_pid;

enum { to_device = 1, to_host = 2, on_device = 3, by_default = 4 };

// ---- Handles --------------------------------------------------------------------------------------

static void handles(void) {
    void *context, *stream, *other, *event;
    int32_t device, status;
    CHECK(aclrtGetDevice(&device) == 107002);
    CHECK(strstr(aclGetRecentErrMsg(), "aclrtSetDevice") != NULL);
    CHECK(aclGetRecentErrMsg() == NULL);
    CHECK(aclrtSynchronizeStream(NULL) == 107002);
    CHECK(aclrtSetDevice(7) == 107001);
    OK(aclrtSetDevice(1));
    OK(aclrtGetDevice(&device));
    CHECK(device == 1);
    OK(aclrtSynchronizeStream(NULL));
    OK(aclrtGetCurrentContext(&context));
    CHECK(aclrtDestroyContext(context) == 107000);
    OK(aclrtCtxGetCurrentDefaultStream(&stream));
    CHECK(aclrtDestroyStream(stream) == 107000);
    OK(aclrtCreateStream(&stream));
    OK(aclrtStreamQuery(stream, &status));
    CHECK(status == 0);
    OK(aclrtDestroyStream(stream));
    CHECK(aclrtDestroyStream(stream) == 107000);
    CHECK(aclrtSynchronizeStream(stream) == 107000);
    OK(aclrtCreateStream(&other));
    CHECK(other != stream);  // the same index, another generation
    CHECK(aclrtSynchronizeStream((void *)0x12345) == 107000);
    CHECK(aclrtSynchronizeStream((void *)-1) == 107000);
    CHECK(aclrtSynchronizeStream(context) == 107000);
    OK(aclrtCreateEventExWithFlag(&event, 0));
    CHECK(aclrtRecordEvent(stream, other) == 107000);
    OK(aclrtRecordEvent(event, other));
    OK(aclrtStreamWaitEvent(NULL, event));
    OK(aclrtQueryEventStatus(event, &status));
    CHECK(status == 1);
    OK(aclrtDestroyEvent(event));
    CHECK(aclrtDestroyEvent(event) == 107000);
    OK(aclrtCreateContext(&context, 0));
    OK(aclrtGetDevice(&device));
    CHECK(device == 0);
    OK(aclrtDestroyContext(context));
    CHECK(aclrtGetDevice(&device) == 107002);
    OK(aclrtSetDevice(1));
    OK(aclrtResetDevice(1));
    OK(aclrtGetDevice(&device));  // set twice, reset once
    OK(aclrtResetDevice(1));
    CHECK(aclrtGetDevice(&device) == 107002);
    CHECK(aclmdlRICaptureBegin(other, 0) == 200006);
    CHECK(strstr(aclGetRecentErrMsg(), "aclmdlRICaptureBegin") != NULL);
}

static void limits(void) {
    void *streams[100], *events[1200];
    OK(aclrtSetDevice(0));
    int made = 0;
    while (made < 100 && aclrtCreateStream(&streams[made]) == 0) made++;
    CHECK(made == 63);  // 64 with the default stream
    CHECK(strstr(aclGetRecentErrMsg(), "64") != NULL);
    OK(aclrtDestroyStream(streams[5]));
    OK(aclrtCreateStream(&streams[5]));
    for (made = 0; made < 1200 && aclrtCreateEvent(&events[made]) == 0;) made++;
    CHECK(made == 1000);
    for (int round = 0; round < 20000; round++) {
        OK(aclrtDestroyEvent(events[round % 1000]));
        OK(aclrtCreateEvent(&events[round % 1000]));
    }
}

static void initialise(void) {
    CHECK(aclFinalize() == 100037);
    OK(aclInit(NULL));
    CHECK(aclInit("x.json") == 100002);
    OK(aclFinalize());
    CHECK(aclFinalize() == 100037);
    OK(aclInit(NULL));
    uint32_t count;
    OK(aclrtGetDeviceCount(&count));
    CHECK(count == 2 && !strcmp(aclrtGetSocName(), "Ascend910B2"));
    size_t free_bytes, total;
    OK(aclrtSetDevice(1));
    OK(aclrtGetMemInfo(1, &free_bytes, &total));
    CHECK(free_bytes == 1 && total == 42);  // the fake answers the current device and 42
    char version[128];
    OK(aclsysGetVersionStr("runtime", version));
    CHECK(!strncmp(version, "text of", 7));
    int32_t can;
    OK(aclrtDeviceCanAccessPeer(&can, 0, 1));
    CHECK(aclrtGetMemInfo(1, NULL, &total) == 107000);
}

// ---- Memory ---------------------------------------------------------------------------------------

static void fill_pattern(uint8_t *bytes, size_t count, unsigned seed) {
    for (size_t i = 0; i < count; i++) bytes[i] = (uint8_t)(i * 31 + i / 257 + seed);
}

/// To the device and back by every combination of host memory and of call.
static void round_trip(uint8_t *device, size_t count) {
    uint8_t *pageable = malloc(count), *back = malloc(count), *pinned, *pinned_back;
    OK(aclrtMallocHost((void **)&pinned, count));
    OK(aclrtMallocHost((void **)&pinned_back, count));
    for (unsigned way = 0; way < 16; way++) {
        uint8_t *from = way & 1 ? pinned : pageable, *to = way & 2 ? pinned_back : back;
        fill_pattern(from, count, way);
        memset(to, 0xEE, count);
        if (way & 4)
            OK(aclrtMemcpyAsync(device, count, from, count, way & 8 ? by_default : to_device, NULL));
        else
            OK(aclrtMemcpy(device, count, from, count, way & 8 ? by_default : to_device));
        if (way & 4 && !(way & 1)) memset(from, 0, count);  // pageable: reusable on return
        if (way & 8)
            OK(aclrtMemcpyAsync(to, count, device, count, way & 4 ? by_default : to_host, NULL));
        else
            OK(aclrtMemcpy(to, count, device, count, to_host));
        OK(aclrtSynchronizeStream(NULL));
        fill_pattern(pageable, count, way);
        CHECK(memcmp(to, pageable, count) == 0);
    }
    OK(aclrtFreeHost(pinned));
    OK(aclrtFreeHost(pinned_back));
    CHECK(aclrtFreeHost(pinned) == 107000);
    free(pageable);
    free(back);
}

static void copies(void) {
    uint8_t *device, *second, small[64] = {1, 2, 3};
    OK(aclrtSetDevice(0));
    size_t most = 20 << 20;
    OK(aclrtMalloc((void **)&device, most, 0));
    OK(aclrtMalloc((void **)&second, 4096, 0));
    const size_t sizes[] = {1, 7, 4095, 4096, 4097, 1 << 20, (1 << 20) + 1, (9 << 20) + 5, 20 << 20};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) round_trip(device, sizes[i]);
    // Within blocks, over their ends, nowhere.
    OK(aclrtMemcpy(device + 100, 64, small, 64, to_device));
    OK(aclrtMemcpy(device + most - 64, 64, small, 64, to_device));
    CHECK(aclrtMemcpy(device + most - 63, 64, small, 64, to_device) == 107000);
    CHECK(aclrtMemcpy((void *)0x1234, 64, small, 64, to_device) == 107000);
    CHECK(aclrtMemcpy(small, 64, (void *)0x1234, 64, to_host) == 107000);
    CHECK(aclrtMemcpy(NULL, 64, small, 64, to_device) == 107000);
    CHECK(aclrtMemcpy(device, 63, small, 64, to_device) == 107000);
    CHECK(aclrtMemcpy(device, 64, small, 64, 99) == 107000);
    CHECK(aclrtMemcpy(device, 64, second, 64, to_device) == 107000);  // a device pointer for a host one
    CHECK(aclrtMemcpy(device, SIZE_MAX, small, SIZE_MAX, to_device) == 107000);
    OK(aclrtMemcpy(NULL, 0, NULL, 0, to_device));
    OK(aclrtMemcpy(second, 64, device + 100, 64, on_device));
    OK(aclrtMemset(second + 3, 1, 9, 1));
    CHECK(aclrtMemset(second + 4090, 64, 9, 64) == 107000);
    uint8_t back[64];
    OK(aclrtMemcpy(back, 64, second, 64, to_host));
    CHECK(back[0] == 1 && back[2] == 3 && back[3] == 9);
    // Two-dimensional, with pitches.
    uint8_t rows[10][32], out[10][48];
    for (int i = 0; i < 10; i++) fill_pattern(rows[i], 32, (unsigned)i);
    OK(aclrtMemcpy2d(device, 100, rows, 32, 20, 10, to_device));
    OK(aclrtMemcpy2d(out, 48, device, 100, 20, 10, to_host));
    for (int i = 0; i < 10; i++) CHECK(memcmp(rows[i], out[i], 20) == 0);
    CHECK(aclrtMemcpy2d(device, 10, rows, 32, 20, 10, to_device) == 107000);
    struct {
        uint32_t id, type, page, rest[4];
    } where;
    OK(aclrtPointerGetAttributes(device + 5, &where));
    CHECK(where.type == 1 && where.id == 0);
    OK(aclrtPointerGetAttributes(small, &where));
    CHECK(where.type == 2);
    void *huge;
    CHECK(aclrtMalloc(&huge, 1ull << 45, 0) == 207001);
    CHECK(strstr(aclGetRecentErrMsg(), "memory") != NULL);
    CHECK(aclrtMalloc(&huge, 0, 0) == 107000);
    CHECK(aclrtFree(device + 1) == 107000);
    CHECK(aclrtFree(NULL) == 107000);
    OK(aclrtFree(device));
    CHECK(aclrtFree(device) == 107000);
}

// ---- aclnn ----------------------------------------------------------------------------------------

static void *tensor_of(int64_t rows, void *data) {
    int64_t shape[] = {rows, 8}, strides[] = {8, 1};
    return aclCreateTensor(shape, 2, 0, strides, 0, 2, shape, 2, data);
}

static void operations(void) {
    float one = 1;
    uint64_t workspace = 99;
    void *executor, *device, *second_executor;
    OK(aclrtSetDevice(0));
    OK(aclrtMalloc(&device, 4096, 0));
    void *a = tensor_of(4, device), *b = tensor_of(4, (char *)device + 256), *alpha = aclCreateScalar(&one, 0);
    CHECK(a && b && alpha);
    OK(aclnnAddGetWorkspaceSize(a, b, alpha, a, &workspace, &executor));
    CHECK(workspace == 0);
    OK(aclnnAddGetWorkspaceSize(a, b, alpha, a, &workspace, &second_executor));
    CHECK(executor != second_executor);
    CHECK(aclnnMul(NULL, 0, second_executor, NULL) == 161002);  // of another operation
    OK(aclnnAdd(NULL, 0, executor, NULL));
    CHECK(aclnnAdd(NULL, 0, executor, NULL) == 161002);  // launched before
    OK(aclDestroyAclOpExecutor(second_executor));
    CHECK(aclnnAdd(NULL, 0, second_executor, NULL) == 161002);
    CHECK(aclDestroyAclOpExecutor(second_executor) == 161002);
    CHECK(aclnnAdd(NULL, 0, NULL, NULL) == 161001);
    CHECK(aclnnAdd(NULL, 0, (void *)0x1234, NULL) == 161002);
    CHECK(aclnnAddGetWorkspaceSize(a, b, alpha, a, NULL, &executor) == 161001);
    CHECK(aclnnAddGetWorkspaceSize((void *)0x10, b, alpha, a, &workspace, &executor) == 161002);
    CHECK(aclnnAddGetWorkspaceSize(alpha, b, alpha, a, &workspace, &executor) == 161002);
    CHECK(aclnnAddGetWorkspaceSize((char *)a + 8, b, alpha, a, &workspace, &executor) == 161002);
    CHECK(aclnnMulGetWorkspaceSize(a, b, a, &workspace, &executor) == 161002);
    CHECK(!strcmp(aclGetRecentErrMsg(), "the device refuses"));
    OK(aclnnAddGetWorkspaceSize(NULL, b, alpha, a, &workspace, &executor));  // the fake checks nothing
    CHECK(aclnnAdd(NULL, 0, executor, (void *)0x77) == 161002);
    // Lists own their tensors.
    void *parts[] = {tensor_of(1, device), tensor_of(2, device), tensor_of(3, device)};
    void *list = aclCreateTensorList(parts, 3);
    uint64_t size;
    OK(aclGetTensorListSize(list, &size));
    CHECK(size == 3);
    OK(aclnnCatGetWorkspaceSize(list, 0, a, &workspace, &executor));
    OK(aclDestroyTensorList(list));
    CHECK(aclDestroyTensor(parts[1]) == 161002);
    OK(aclnnCat(NULL, 0, executor, NULL));
    // Shapes: read back, many dimensions, none.
    int64_t *shape;
    OK(aclGetViewShape(a, &shape, &size));
    CHECK(size == 2 && shape[0] == 4 && shape[1] == 8);
    free(shape);
    int64_t many[30];
    for (int i = 0; i < 30; i++) many[i] = 1;
    void *deep = aclCreateTensor(many, 30, 27, NULL, 0, 2, many, 30, device);
    OK(aclGetViewShape(deep, &shape, &size));
    CHECK(size == 30);
    free(shape);
    void *scalar_tensor = aclCreateTensor(NULL, 0, 0, NULL, 0, 2, NULL, 0, device);
    CHECK(deep && scalar_tensor);
    OK(aclnnAddGetWorkspaceSize(deep, scalar_tensor, NULL, deep, &workspace, &executor));
    OK(aclnnAdd(NULL, 0, executor, NULL));
    CHECK(aclCreateTensor(many, 1000, 0, NULL, 0, 2, many, 1, device) == NULL);
    OK(aclDestroyTensor(deep));
    OK(aclDestroyTensor(scalar_tensor));
    OK(aclDestroyTensor(a));
    CHECK(aclDestroyTensor(a) == 161002);
    OK(aclDestroyTensor(NULL));
    OK(aclDestroyTensor(b));
    OK(aclDestroyScalar(alpha));
    OK(aclrtSynchronizeDevice());
}

/// More signatures than are remembered, and more kernels than the ring holds.
static void many_signatures(void) {
    void *device, *executor;
    uint64_t workspace;
    OK(aclrtSetDevice(0));
    OK(aclrtMalloc(&device, 4096, 0));
    for (int round = 0; round < 3; round++)
        for (int64_t i = 1; i < 20000; i += round ? 3 : 1) {
            void *a = tensor_of(i, device);
            OK(aclnnAddGetWorkspaceSize(a, a, NULL, a, &workspace, &executor));
            OK(aclDestroyTensor(a));
            OK(aclnnAdd(NULL, 0, executor, NULL));
        }
    OK(aclrtSynchronizeDevice());
}

static void numbers(void) {
    for (uint32_t half = 0; half < 65536; half++) {
        float value = aclFloat16ToFloat((uint16_t)half);
#if defined(__FLT16_MAX__) || defined(__x86_64__) || defined(__aarch64__)
        _Float16 reference;
        uint16_t bits = (uint16_t)half;
        memcpy(&reference, &bits, 2);
        CHECK(value == (float)reference || (value != value && (float)reference != (float)reference));
#endif
        if (value == value) CHECK(aclFloatToFloat16(value) == half);
    }
    uint32_t state = 1;
    for (int i = 0; i < 2000000; i++) {
        state = state * 1664525 + 1013904223;
        float value;
        memcpy(&value, &state, 4);
        _Float16 reference = (_Float16)value;
        uint16_t bits;
        memcpy(&bits, &reference, 2);
        if (value == value) CHECK(aclFloatToFloat16(value) == bits);
    }
}

// ---- Threads, signals, time limits ----------------------------------------------------------------

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

static void threads(void) {
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

static void signals(void) {
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

static void timeouts(void) {
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

// ---- The daemon goes ------------------------------------------------------------------------------

static void *wait_stuck(void *stuck) {
    int64_t start = now_us();
    OK(aclrtSetDevice(0));
    int32_t status = aclrtSynchronizeStream(stuck);
    CHECK(now_us() - start < 2000000);
    return (void *)(intptr_t)status;
}

static void death(void) {
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

static void death_under_load(void) {
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

static void absent(void) {
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

static void patient(void) {
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

static void refused_version(void) {
    stop_daemon(daemon_pid);
    const char *extra[] = {"--version", "9", NULL};
    daemon_pid = start_daemon(socket_path, extra);
    CHECK(aclrtSetDevice(0) == 507899);
    CHECK(strstr(aclGetRecentErrMsg(), "another version") != NULL);
}

// ---- fork -----------------------------------------------------------------------------------------

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

static void forks(void) {
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

static const struct {
    const char *name;
    void (*body)(void);
} cases[] = {
    {"handles", handles},
    {"limits", limits},
    {"initialise", initialise},
    {"copies", copies},
    {"operations", operations},
    {"many_signatures", many_signatures},
    {"numbers", numbers},
    {"threads", threads},
    {"signals", signals},
    {"timeouts", timeouts},
    {"death", death},
    {"death_under_load", death_under_load},
    {"absent", absent},
    {"patient", patient},
    {"refused_version", refused_version},
    {"forks", forks},
};

int main(int count, char **values) {
    snprintf(socket_path, sizeof(socket_path), "/tmp/fxt-%d.sock", (int)getpid());
    setenv("FLEXNPU_SOCKET", socket_path, 1);
    setenv("FLEXNPU_MODE", "route", 1);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (count < 2) puts(cases[i].name);
        if (count < 2 || strcmp(values[1], cases[i].name) != 0) continue;
        const char *inline_daemon[] = {count > 2 ? values[2] : NULL, NULL};
        daemon_pid = start_daemon(socket_path, inline_daemon);
        alarm(120);
        cases[i].body();
        stop_daemon(daemon_pid);
        unlink(socket_path);
        return 0;
    }
    return count < 2 ? 0 : 2;
}
