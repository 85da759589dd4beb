// Measures how work goes through, directly or routed: the program is the same, `flexnpu run` says which.
//
//   route_driver sync [COUNT]      one 64-byte set and a synchronise: p50 and p99, microseconds
//   route_driver sustained [COUNT] sets enqueued without waiting, then one synchronise: ns an operation
//   route_driver copies            256 MiB to the device, pageable and pinned: GB/s
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void *find(const char *name) {
    static void *library;
    if (library == NULL) library = dlopen("libascendcl.so", RTLD_NOW);
    void *symbol = library != NULL ? dlsym(library, name) : NULL;
    if (symbol == NULL) {
        fprintf(stderr, "route_driver: no %s\n", name);
        exit(2);
    }
    return symbol;
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static int compare(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void check(int32_t status, const char *what) {
    if (status == 0) return;
    fprintf(stderr, "route_driver: %s failed with %d\n", what, status);
    exit(1);
}

int main(int count, char **arguments) {
    int32_t (*init)(const char *) = find("aclInit");
    int32_t (*set_device)(int32_t) = find("aclrtSetDevice");
    int32_t (*create_stream)(void **) = find("aclrtCreateStream");
    int32_t (*allocate)(void **, size_t, int32_t) = find("aclrtMalloc");
    int32_t (*pin)(void **, size_t) = find("aclrtMallocHost");
    int32_t (*set)(void *, size_t, int32_t, size_t, void *) = find("aclrtMemsetAsync");
    int32_t (*copy)(void *, size_t, const void *, size_t, int32_t) = find("aclrtMemcpy");
    int32_t (*synchronize)(void *) = find("aclrtSynchronizeStream");
    const char *what = count > 1 ? arguments[1] : "sync";
    const int rounds = count > 2 ? atoi(arguments[2]) : 20000;
    void *stream, *memory;
    check(init(NULL), "aclInit");
    check(set_device(0), "aclrtSetDevice");
    check(create_stream(&stream), "aclrtCreateStream");
    if (strcmp(what, "copies") == 0) {
        const size_t bytes = 256u << 20;
        void *pinned, *pageable = malloc(bytes);
        check(allocate(&memory, bytes, 0), "aclrtMalloc");
        check(pin(&pinned, bytes), "aclrtMallocHost");
        memset(pageable, 1, bytes);
        memset(pinned, 1, bytes);
        double best[2] = {1e9, 1e9};
        for (int i = 0; i < 5; i++) {
            for (int which = 0; which < 2; which++) {
                const double begun = now();
                check(copy(memory, bytes, which ? pinned : pageable, bytes, 1), "aclrtMemcpy");
                const double took = now() - begun;
                if (i > 0 && took < best[which]) best[which] = took;
            }
        }
        printf("%f %f\n", (double)bytes / best[0] * 1e-9, (double)bytes / best[1] * 1e-9);
        return 0;
    }
    check(allocate(&memory, 4096, 0), "aclrtMalloc");
    for (int i = 0; i < 200; i++) check(set(memory, 64, 0, 64, stream), "aclrtMemsetAsync");
    check(synchronize(stream), "aclrtSynchronizeStream");
    if (strcmp(what, "sustained") == 0) {
        const double begun = now();
        for (int i = 0; i < rounds; i++) check(set(memory, 64, i, 64, stream), "aclrtMemsetAsync");
        check(synchronize(stream), "aclrtSynchronizeStream");
        printf("%f\n", (now() - begun) / rounds * 1e9);
        return 0;
    }
    double *times = malloc(sizeof(double) * (size_t)rounds);
    for (int i = 0; i < rounds; i++) {
        const double begun = now();
        check(set(memory, 64, i, 64, stream), "aclrtMemsetAsync");
        check(synchronize(stream), "aclrtSynchronizeStream");
        times[i] = (now() - begun) * 1e6;
    }
    qsort(times, (size_t)rounds, sizeof(double), compare);
    printf("%f %f\n", times[rounds / 2], times[rounds / 100 * 99]);
    return 0;
}
