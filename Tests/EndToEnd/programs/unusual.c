// unusual [queued]: AscendCL used in ways that no framework would use it, and that it allows. Prints what
// failed, then `N passed, N failed`. Links nothing; the same program runs direct and routed. `queued`: memory
// is freed while work on it is queued, which FlexNPU's route mode allows and a device library may not.
#include "unusual.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int passed, failed;

void check(int held, const char *file, int line, const char *text)
{
    pthread_mutex_lock(&lock);
    if (held) {
        passed++;
    } else {
        failed++;
        printf("%s:%d: %s\n", file, line, text);
    }
    pthread_mutex_unlock(&lock);
}

void check_equal(long long got, long long expected, const char *file, int line, const char *text)
{
    char message[300];
    snprintf(message, sizeof message, "%s is %lld, expected %lld", text, got, expected);
    check(got == expected, file, line, message);
}

float *make_floats(float value)
{
    float host[COUNT];
    void *floats = NULL;
    for (int i = 0; i < COUNT; i++) host[i] = value;
    MUST(aclrtMalloc(&floats, sizeof host, 0));
    MUST(aclrtMemcpy(floats, sizeof host, host, sizeof host, HOST_TO_DEVICE));
    return floats;
}

int all_are(const float *floats, float value)
{
    float host[COUNT];
    if (aclrtMemcpy(host, sizeof host, floats, sizeof host, DEVICE_TO_HOST) != 0) return 0;
    for (int i = 0; i < COUNT; i++)
        if (host[i] != value) return 0;
    return 1;
}

int prepare_add(float *target, const float *source, float amount, void **executor)
{
    uint64_t size = 0;
    void *to = make_line(target, TYPE_FLOAT, COUNT);
    void *from = make_line((void *)source, TYPE_FLOAT, COUNT);
    void *scalar = aclCreateScalar(&amount, TYPE_FLOAT);
    *executor = NULL;
    int status = aclnnInplaceAddGetWorkspaceSize(to, from, scalar, &size, executor);
    aclDestroyTensor(to);
    aclDestroyTensor(from);
    aclDestroyScalar(scalar);
    return status;
}

int add_on(float *target, const float *source, float amount, void *stream)
{
    void *executor = NULL;
    int status = prepare_add(target, source, amount, &executor);
    return status != 0 ? status : aclnnInplaceAdd(NULL, 0, executor, stream);
}

int main(int count, char **arguments)
{
    load_ascendcl();
    MUST(aclInit(NULL));
    MUST(aclrtSetDevice(0));
    streams_in_unusual_ways();
    events_in_unusual_ways();
    memory_in_unusual_ways(count > 1 && strcmp(arguments[1], "queued") == 0);
    tensors_in_unusual_ways();
    executors_in_unusual_ways();
    threads_in_unusual_ways();
    EQUAL(aclrtResetDevice(0), 0);
    EQUAL(aclFinalize(), 0);
    printf("%d passed, %d failed\n", passed, failed);
    return failed == 0 ? 0 : 1;
}
