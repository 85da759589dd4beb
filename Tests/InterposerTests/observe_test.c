// Observe mode: observe_test CASE. The case starts a daemon of its own, then runs this program
// again, preloaded, as "CASE program", and looks at what the daemon saw.
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sys/eventfd.h>

#include "flexnpu_functions.h"
#include "flexnpu_wire.h"

#include "support.h"

uint64_t aclVendorCalls(void);
const char *aclVendorOnly(void);
void aclAppLog(int, const char *, const char *, uint32_t, const char *, ...);
struct ipc_handle {
    char reserved[64];
};
int32_t aclrtIpcOpenEventHandle(struct ipc_handle, void **);

static char socket_path[128], dump_path[128];

// ---- The outer half ----------------------------------------------------------------------------

static int program_status(const char *name, const char *socket) {
    char library[4096], self[4096];
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
    self[length > 0 ? length : 0] = 0;
    snprintf(library, sizeof(library), "%s/libflexnpu.so", getenv("LIBRARY"));
    pid_t child = fork();
    if (child == 0) {
        setenv("LD_PRELOAD", library, 1);
        setenv("FLEXNPU_MODE", "observe", 1);
        setenv("FLEXNPU_SOCKET", socket, 1);
        setenv("FLEXNPU_LABELS", "phase=decode,tenant=a", 1);
        char *arguments[16] = {NULL}, **next = arguments, *runner = strdup(getenv("RUNNER"));
        for (char *word = strtok(runner, " "); word; word = strtok(NULL, " ")) *next++ = word;
        *next++ = self;
        *next++ = (char *)name;
        *next++ = "program";
        execvp(arguments[0], arguments);
        _exit(127);
    }
    int status;
    waitpid(child, &status, 0);
    return status;
}

/// How many lines of the daemon's dump hold all of the texts.
static int dumped(const char *first, const char *second) {
    char line[8192];
    int count = 0;
    FILE *file = fopen(dump_path, "r");
    CHECK(file != NULL);
    while (fgets(line, sizeof(line), file))
        if (strstr(line, first) && strstr(line, second)) count++;
    fclose(file);
    return count;
}

static int calls_of(unsigned function, const char *text) {
    char name[64];
    snprintf(name, sizeof(name), "function=%u ", function);
    return dumped(name, text);
}

// ---- Cases -------------------------------------------------------------------------------------

static void *another_thread(void *count) {
    char a[16] = "a", b[16];
    for (int i = 0; i < *(int *)count; i++) OK(aclrtMemcpyAsync(b, 16, a, 16, 0, NULL));
    return NULL;
}

static void basic_program(void) {
    void *memory;
    char text[32] = "hello", copy[32];
    OK(aclInit("config.json"));
    CHECK(aclInit("fail") == 100003);
    OK(aclrtMalloc(&memory, 100, 2));
    errno = 55;
    for (int i = 0; i < 1000; i++) OK(aclrtMemcpyAsync(copy, 32, text, 32, 0, memory));
    CHECK(errno == 55);
    CHECK(!strcmp(copy, "hello"));
    OK(aclrtMemcpy(copy, 32, text, 32, 0));
    CHECK(!strcmp(aclrtGetSocName(), "Vendor"));
    CHECK(aclVendorCalls() == 1001);
    struct ipc_handle handle = {{3}};
    handle.reserved[63] = 4;
    void *event;
    CHECK(aclrtIpcOpenEventHandle(handle, &event) == 11 && event == (void *)7);
    aclAppLog(1, "f", "g", 2, "%d %s", 5, "five");
    CHECK(!strcmp(aclVendorOnly(), "5 five"));
    int count = 20;
    for (int i = 0; i < 10; i++) {
        pthread_t thread;
        pthread_create(&thread, NULL, another_thread, &count);
        pthread_join(thread, NULL);
    }
    OK(aclrtFree(memory));
    mstxMarkA("flexnpu:phase=decode", NULL);
    CHECK(mstxRangeStartA("step", NULL) == 77);
    mstxRangeEnd(77);
}

static void basic(void) {
    usleep(100000);
    CHECK(dumped("hello mode=1", "") == 1);
    CHECK(dumped("label.phase=decode", "") == 1 && dumped("label.tenant=a", "") == 1);
    CHECK(calls_of(FX_FUNCTION_aclInit, "bytes=config.json") == 1);
    CHECK(calls_of(FX_FUNCTION_aclInit, "result=100003") == 1);
    CHECK(calls_of(FX_FUNCTION_aclrtMalloc, "64,2") == 1);
    CHECK(calls_of(FX_FUNCTION_aclrtMemcpyAsync, "") == 1201);
    CHECK(calls_of(FX_FUNCTION_aclrtMemcpyAsync, "flags=2") == 1);  // nested
    CHECK(calls_of(FX_FUNCTION_aclrtMemcpy, "") == 1);
    CHECK(calls_of(FX_FUNCTION_aclrtFree, "") == 1);
    // Marks are calls like any other: who listens reads them out of the records.
    CHECK(calls_of(FX_FUNCTION_mstxMarkA, "bytes=flexnpu:phase=decode") == 1);
    CHECK(calls_of(FX_FUNCTION_mstxRangeStartA, "bytes=step") == 1);
    CHECK(calls_of(FX_FUNCTION_mstxRangeEnd, "words=4d ") == 1);
}

static void loading_program(void) {
    void *loaded = dlopen("libascendcl.so", RTLD_NOW | RTLD_LOCAL);
    CHECK(loaded != NULL);
    int32_t (*get_device)(int32_t *) = (int32_t(*)(int32_t *))dlsym(loaded, "aclrtGetDevice");
    CHECK(get_device == (int32_t(*)(int32_t *))dlsym(RTLD_DEFAULT, "aclrtGetDevice"));
    int32_t device = 0;
    OK(get_device(&device));
    CHECK(device == 3);
    // What the table lacks is found as well, and what nobody has is not.
    CHECK(dlsym(loaded, "aclVendorOnly") != NULL);
    CHECK(dlsym(loaded, "aclNobodyHasThis") == NULL && dlerror() != NULL && dlerror() == NULL);
    CHECK(dlopen("libascendcl.so", RTLD_NOW) == loaded);
    CHECK(dlclose(loaded) == 0 && dlclose(loaded) == 0);
    CHECK(dlopen("libnosuch.so", RTLD_NOW) == NULL && dlerror() != NULL);
    CHECK(dlopen("libhccl.so", RTLD_NOW) == NULL && strstr(dlerror(), "libhccl.so") != NULL);
    CHECK(dlopen("libopapi.so", RTLD_NOW | RTLD_NOLOAD) == NULL);
    // By absolute path.
    char path[4096];
    snprintf(path, sizeof(path), "%s/vendor/libopapi.so", getenv("WORK"));
    void *operations = dlopen(path, RTLD_LAZY);
    CHECK(operations != NULL && dlsym(operations, "aclVendorOperation") != NULL);
    int32_t (*prepare)(const void *, const void *, const void *, void *, uint64_t *, void **) =
        (int32_t(*)(const void *, const void *, const void *, void *, uint64_t *, void **))dlsym(
            operations, "aclnnAddGetWorkspaceSize");
    int32_t (*add)(void *, uint64_t, void *, void *) =
        (int32_t(*)(void *, uint64_t, void *, void *))dlsym(operations, "aclnnAdd");
    uint64_t workspace;
    void *executor;
    OK(prepare(NULL, NULL, NULL, &workspace, &workspace, &executor));
    CHECK(workspace == 7 && executor == &workspace);
    OK(add(NULL, 7, executor, NULL));
    // What the vendor lacks: the refusal value.
    int32_t (*launch)(void *, uint64_t, void *, void *) =
        (int32_t(*)(void *, uint64_t, void *, void *))dlsym(operations, "aclnnMul");
    CHECK(launch(NULL, 0, NULL, NULL) == 161002);
}

static void loading(void) {
    usleep(100000);
    CHECK(calls_of(FX_FUNCTION_aclrtGetDevice, "words=3") == 1);
    CHECK(calls_of(FX_FUNCTION_aclnnAddGetWorkspaceSize, ",7,") == 1);
    CHECK(calls_of(FX_FUNCTION_aclnnAdd, "") == 1);
}

static void forking_program(void) {
    char a[8] = "a", b[8];
    OK(aclrtMemcpyAsync(b, 8, a, 8, 0, NULL));
    for (int i = 0; i < 5; i++) {
        pid_t child = fork();
        if (child == 0) {
            for (int j = 0; j < 10; j++) OK(aclrtMemcpyAsync(b, 8, a, 8, 0, NULL));
            _exit(0);
        }
        int status;
        waitpid(child, &status, 0);
        CHECK(status == 0);
        OK(aclrtMemcpyAsync(b, 8, a, 8, 0, NULL));
    }
}

static void forking(void) {
    usleep(100000);
    CHECK(dumped("hello mode=1", "") == 6);
    CHECK(calls_of(FX_FUNCTION_aclrtMemcpyAsync, "") == 56);
}

static volatile sig_atomic_t interrupts;
static void interrupt(int number) {
    (void)number;
    char a[8] = "a", b[8];
    OK(aclrtMemcpyAsync(b, 8, a, 8, 0, NULL));
    interrupts++;
}

static void signals_program(void) {
    struct sigaction action = {.sa_handler = interrupt};
    sigaction(SIGALRM, &action, NULL);
    timer_t timer;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
    struct itimerspec often = {{0, 200000}, {0, 200000}};  // rarer than a slow machine takes for one
    timer_create(CLOCK_MONOTONIC, &event, &timer);
    timer_settime(timer, 0, &often, NULL);
    char a[8] = "a", b[8];
    int64_t until = now_us() + 500000;
    while (now_us() < until)
        for (int i = 0; i < 50; i++) OK(aclrtMemcpyAsync(b, 8, a, 8, 0, NULL));
    timer_delete(timer);
    CHECK(interrupts > 100);
}

static void signals(void) {
    usleep(200000);
    CHECK(calls_of(FX_FUNCTION_aclrtMemcpyAsync, "") > 1000);
}

/// A program that closes what it did not open, and opens other things in its place.
static void closing_program(void) {
    char a[8] = "a", b[8];
    int own[1024], count = 0;
    for (int i = 0; i < 100; i++) OK(aclrtMemcpyAsync(b, 8, a, 8, 0, NULL));
    for (int i = 3; i < 2048; i++) close(i);
    while (count < 1024 && (own[count] = eventfd(0, EFD_NONBLOCK)) >= 0) count++;
    CHECK(count > 900);
    int64_t until = now_us() + 3000000;
    while (now_us() < until)
        for (int i = 0; i < 1000; i++) OK(aclrtMemcpyAsync(b, 8, a, 8, 0, NULL));
    OK(aclInit("after"));
    for (int i = 0; i < count; i++) {
        uint64_t value;
        CHECK(read(own[i], &value, sizeof(value)) < 0 && errno == EAGAIN);
    }
}

static void closing(void) { CHECK(dumped("gone", "") >= 1); }

/// The daemon is killed, then another comes: the program sees nothing of either.
static void killed_program(void) {
    char a[8] = "a", b[8];
    pid_t daemon = (pid_t)atoi(getenv("DAEMON"));
    for (int i = 0; i < 100; i++) OK(aclrtMemcpyAsync(b, 8, a, 8, 0, NULL));
    usleep(50000);
    kill(daemon, SIGKILL);
    int64_t start = now_us(), slowest = 0;
    for (int i = 0; i < 3000000; i++) {
        int64_t before = i % 16 ? 0 : now_us();
        OK(aclrtMemcpyAsync(b, 8, a, 8, 0, NULL));
        int64_t took = before ? now_us() - before : 0;
        if (took > slowest) slowest = took;
    }
    CHECK(now_us() - start < 20000000);
    CHECK(slowest < 300000);
    daemon = start_daemon(getenv("FLEXNPU_SOCKET"), (const char *[]){"--dump", getenv("DUMP"), "--record", NULL});
    // Again at most every two seconds, and seen by every 16th call only.
    for (int i = 0; i < 300; i++) {
        for (int j = 0; j < 17; j++) OK(aclrtMemcpyAsync(b, 8, a, 8, 0, NULL));
        usleep(10000);
    }
    OK(aclInit("after"));
    usleep(50000);
    stop_daemon(daemon);
}

static void killed(void) { CHECK(calls_of(FX_FUNCTION_aclInit, "bytes=after") == 1); }

static const struct {
    const char *name;
    void (*program)(void);
    void (*look)(void);
} cases[] = {
    {"basic", basic_program, basic},       {"loading", loading_program, loading},
    {"forking", forking_program, forking}, {"signals", signals_program, signals},
    {"killed", killed_program, killed},    {"closing", closing_program, closing},
};

/// Without a daemon, with one that never answers, with one of another version: as if we were not
/// there.
static void without(const char *name, const char *const *extra) {
    pid_t daemon = extra ? start_daemon(socket_path, extra) : 0;
    int64_t start = now_us();
    CHECK(program_status(name, extra ? socket_path : "/nonexistent/socket") == 0);
    CHECK(now_us() - start < 3000000);
    if (daemon) stop_daemon(daemon);
}

int main(int count, char **values) {
    alarm(120);
    if (count < 2) puts("quiet");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (count < 2) puts(cases[i].name);
        if (count < 2 || strcmp(values[1], cases[i].name) != 0) continue;
        if (count > 2) return cases[i].program(), 0;
        snprintf(socket_path, sizeof(socket_path), "/tmp/fxo-%d.sock", (int)getpid());
        snprintf(dump_path, sizeof(dump_path), "/tmp/fxo-%d.dump", (int)getpid());
        const char *extra[] = {"--dump", dump_path, "--record", NULL};
        pid_t daemon = start_daemon(socket_path, extra);
        char text[16];
        snprintf(text, sizeof(text), "%d", (int)daemon);
        setenv("DAEMON", text, 1);
        setenv("DUMP", dump_path, 1);
        CHECK(program_status(cases[i].name, socket_path) == 0);
        cases[i].look();
        stop_daemon(daemon);
        unlink(socket_path);
        unlink(dump_path);
        return 0;
    }
    if (count == 2 && !strcmp(values[1], "quiet")) {
        snprintf(socket_path, sizeof(socket_path), "/tmp/fxo-%d.sock", (int)getpid());
        without("basic", NULL);
        without("basic", (const char *[]){"--silent", NULL});
        without("basic", (const char *[]){"--version", "9", NULL});
        without("loading", NULL);
        unlink(socket_path);
        return 0;
    }
    return count < 2 ? 0 : 2;
}
