// Measures what a call costs, in whatever way this program is started: directly on a device
// library, observed (preloaded) or routed.
//
//   interposer_driver CALL [COUNT [ROUNDS]]
//     getdevice  aclrtGetDevice                     tensor  aclCreateTensor and aclDestroyTensor
//     copy       aclrtMemcpyAsync, 64 bytes         add     aclnnAdd, both phases, tensors made once
//     sync       copy and aclrtSynchronizeStream    addfull aclnnAdd with its three tensors made and destroyed
//     times CALL COUNT  exactly so many calls, for a counter of instructions (nothing is measured)
//     rate       copy at 1,000,000 calls a second for COUNT calls (nothing is measured)
//
// Prints nanoseconds a call: the median of ROUNDS, the least and the most. A round is small enough
// for a ring and is followed by a pause in which the daemon empties it: what is measured is the
// call, not the daemon. Libraries are opened by name, so LD_LIBRARY_PATH says which device is
// measured.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int32_t (*init)(const char *);
static int32_t (*set_device)(int32_t);
static int32_t (*get_device)(int32_t *);
static int32_t (*create_stream)(void **);
static int32_t (*synchronize)(void *);
static int32_t (*allocate)(void **, size_t, int32_t);
static int32_t (*copy)(void *, size_t, const void *, size_t, int32_t, void *);
static void *(*create_tensor)(
    const int64_t *, uint64_t, int32_t, const int64_t *, int64_t, int32_t, const int64_t *,
    uint64_t, void *);
static int32_t (*destroy_tensor)(const void *);
static void *(*create_scalar)(void *, int32_t);
static int32_t (*prepare)(
    const void *, const void *, const void *, void *, uint64_t *, void **);
static int32_t (*launch)(void *, uint64_t, void *, void *);

static void *device, *stream, *tensors[3], *alpha;
static char host[4096];

static void fail(const char *what) {
    fprintf(stderr, "interposer_driver: %s\n", what);
    exit(1);
}

static void *find(void *library, const char *name) {
    void *symbol = library != NULL ? dlsym(library, name) : NULL;
    if (symbol == NULL) fail(name);
    return symbol;
}

static int64_t nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void *tensor(int number) {
    static const int64_t shape[] = {4, 16}, strides[] = {16, 1};
    return create_tensor(shape, 2, 0, strides, 0, 2, shape, 2, (char *)device + 4096 * number);
}

// ---- What is measured --------------------------------------------------------------------------

static void call_get_device(void) {
    int32_t number;
    if (get_device(&number) != 0) fail("aclrtGetDevice");
}

static void call_copy(void) {
    if (copy(device, 64, host, 64, 1, stream) != 0) fail("aclrtMemcpyAsync");
}

static void call_sync(void) {
    call_copy();
    if (synchronize(stream) != 0) fail("aclrtSynchronizeStream");
}

static void call_tensor(void) {
    if (destroy_tensor(tensor(0)) != 0) fail("aclDestroyTensor");
}

static void call_add(void) {
    uint64_t workspace;
    void *executor;
    if (prepare(tensors[0], tensors[1], alpha, tensors[2], &workspace, &executor) != 0)
        fail("aclnnAddGetWorkspaceSize");
    if (launch(NULL, 0, executor, stream) != 0) fail("aclnnAdd");
}

static void call_add_full(void) {
    for (int i = 0; i < 3; i++) tensors[i] = tensor(i);
    call_add();
    for (int i = 0; i < 3; i++) destroy_tensor(tensors[i]);
}

static const struct {
    const char *name;
    void (*call)(void);
    int count;
} calls[] = {
    {"getdevice", call_get_device, 2000}, {"copy", call_copy, 2000},
    {"sync", call_sync, 1000},            {"tensor", call_tensor, 1000},
    {"add", call_add, 1000},              {"addfull", call_add_full, 200},
};

// ---- Running -----------------------------------------------------------------------------------

static void prepare_all(void) {
    void *runtime = dlopen("libascendcl.so", RTLD_NOW);
    void *operations = dlopen("libopapi.so", RTLD_NOW);
    init = find(runtime, "aclInit");
    set_device = find(runtime, "aclrtSetDevice");
    get_device = find(runtime, "aclrtGetDevice");
    create_stream = find(runtime, "aclrtCreateStream");
    synchronize = find(runtime, "aclrtSynchronizeStream");
    allocate = find(runtime, "aclrtMalloc");
    copy = find(runtime, "aclrtMemcpyAsync");
    create_tensor = find(operations, "aclCreateTensor");
    destroy_tensor = find(operations, "aclDestroyTensor");
    create_scalar = find(operations, "aclCreateScalar");
    prepare = find(operations, "aclnnAddGetWorkspaceSize");
    launch = find(operations, "aclnnAdd");
    float one = 1;
    if (init(NULL) != 0) fail("aclInit");
    if (set_device(0) != 0) fail("aclrtSetDevice");
    if (create_stream(&stream) != 0) fail("aclrtCreateStream");
    if (allocate(&device, 1 << 16, 0) != 0) fail("aclrtMalloc");
    alpha = create_scalar(&one, 0);
    for (int i = 0; i < 3; i++) tensors[i] = tensor(i);
}

static int by_size(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return left < right ? -1 : left > right;
}

static void measure(void (*call)(void), int count, int rounds) {
    double *results = calloc((size_t)rounds, sizeof(double));
    for (int i = 0; i < count / 10 + 1; i++) call();
    synchronize(stream);
    for (int round = 0; round < rounds; round++) {
        for (int i = 0; i < 8; i++) call();  // caches again, after the pause
        int64_t start = nanoseconds();
        for (int i = 0; i < count; i++) call();
        results[round] = (double)(nanoseconds() - start) / count;
        synchronize(stream);
        struct timespec pause = {0, 15000000};
        nanosleep(&pause, NULL);
    }
    qsort(results, (size_t)rounds, sizeof(double), by_size);
    printf("%.1f %.1f %.1f\n", results[rounds / 2], results[0], results[rounds - 1]);
    free(results);
}

static void times(const char *name, int count) {
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        if (strcmp(name, calls[i].name) != 0) continue;
        while (count-- > 0) calls[i].call();
        synchronize(stream);
        return;
    }
    fail("there is no such call");
}

/// A thousand calls each millisecond, as a busy program makes them.
static void at_rate(int64_t count) {
    int64_t next = nanoseconds();
    for (int64_t done = 0; done < count; done += 100) {
        for (int i = 0; i < 100; i++) call_copy();
        next += 100000;
        // Time in which the program had no core is not caught up: that would be another rate.
        const int64_t now = nanoseconds();
        if (now - next > 1000000) next = now;
        while (nanoseconds() < next) {
        }
    }
}

int main(int count, char **values) {
    if (count < 2) fail("which call? getdevice copy sync tensor add addfull rate");
    prepare_all();
    if (strcmp(values[1], "times") == 0 && count > 3) return times(values[2], atoi(values[3])), 0;
    if (strcmp(values[1], "rate") == 0) return at_rate(count > 2 ? atoll(values[2]) : 10000000), 0;
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        if (strcmp(values[1], calls[i].name) != 0) continue;
        int times = count > 2 ? atoi(values[2]) : calls[i].count;
        measure(calls[i].call, times, count > 3 ? atoi(values[3]) : 51);
        return 0;
    }
    fail("there is no such call");
}
