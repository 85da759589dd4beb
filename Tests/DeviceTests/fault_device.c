// A device library whose device does what the test says: when work is done, which calls fail, which
// block. Loaded from a copy of its own by each test, so that tests do not meet.
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    FAULT_MANUAL,        // work is done only when fault_finish says so
    FAULT_LAUNCH,        // phase two answers this
    FAULT_PHASE_ONE,     // phase one answers this
    FAULT_QUERY,         // aclrtQueryEventStatus answers this
    FAULT_RECORD,        // aclrtRecordEvent answers this
    FAULT_WAIT,          // aclrtStreamWaitEvent answers this
    FAULT_LATE,          // the next synchronize answers this, once
    FAULT_BLOCK_LAUNCH,  // phase two waits until this is 0
    FAULT_BLOCK_INFO,    // aclrtGetMemInfo waits until this is 0
    FAULT_NOT_REPEATABLE,
    FAULT_CLOCK_OFFSET,  // seconds that the device's time stamps are off by
    FAULT_COUNT
};

// What was called how often.
enum {
    COUNT_LAUNCH, COUNT_RECORD, COUNT_WAIT, COUNT_QUERY, COUNT_TENSOR, COUNT_SCALAR, COUNT_PHASE_ONE, COUNT_LIMIT,
    COUNT_USE, COUNT_UNUSE, COUNT_INFO, COUNT_LIVE, COUNT_LIST, COUNT_EXECUTOR, COUNT_ABORT, COUNT_TOTAL
};

#define REPEATABLE 77

struct stream { uint64_t submitted, finished, finished_ns; };
struct event { struct stream *stream; uint64_t position, reached_ns; };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int32_t settings[FAULT_COUNT];
static int64_t counts[COUNT_TOTAL];
static uint64_t last_workspace;

void fault_set(int32_t what, int32_t value) {
    pthread_mutex_lock(&lock);
    settings[what] = value;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

int64_t fault_count(int32_t what) {
    pthread_mutex_lock(&lock);
    int64_t count = counts[what];
    pthread_mutex_unlock(&lock);
    return count;
}

static struct stream *streams[64];  // by priority, which is how a test names one

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/// So many tasks more of that stream are done.
void fault_finish(int32_t index, uint64_t count) {
    pthread_mutex_lock(&lock);
    struct stream *stream = streams[index];
    if (stream->finished < stream->submitted) stream->finished_ns = now_ns();
    stream->finished += count;
    if (stream->finished > stream->submitted) stream->finished = stream->submitted;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

/// Waits until the stream was given so many tasks.
void fault_wait_submitted(int32_t index, uint64_t count) {
    pthread_mutex_lock(&lock);
    while (!streams[index] || streams[index]->submitted < count) pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

/// Waits until that was called so often.
void fault_wait_count(int32_t what, int64_t count) {
    pthread_mutex_lock(&lock);
    while (counts[what] < count) pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

static int32_t setting(int what, int counted) {
    pthread_mutex_lock(&lock);
    if (counted >= 0) counts[counted]++;
    pthread_cond_broadcast(&changed);
    int32_t value = settings[what];
    pthread_mutex_unlock(&lock);
    return value;
}

static void block(int what, int counted) {
    pthread_mutex_lock(&lock);
    counts[counted]++;
    pthread_cond_broadcast(&changed);
    while (settings[what]) pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

static void submit(struct stream *stream) {
    pthread_mutex_lock(&lock);
    stream->submitted++;
    if (!settings[FAULT_MANUAL]) {
        stream->finished = stream->submitted;
        stream->finished_ns = now_ns();
    }
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

int32_t aclInit(const char *path) { return path == NULL ? 0 : 1; }
int32_t aclrtGetDeviceCount(uint32_t *count) { return *count = 1, 0; }
int32_t aclrtSetDevice(int32_t device) { return device == 0 ? 0 : 107001; }
const char *aclrtGetSocName(void) { return "Ascend910B2"; }
const char *aclGetRecentErrMsg(void) { return NULL; }
int32_t aclrtCreateStreamWithConfig(void **stream, uint32_t priority, uint32_t flags) {
    (void)flags;
    pthread_mutex_lock(&lock);
    struct stream *made = calloc(1, sizeof *made);
    streams[priority & 63] = made;
    *stream = made;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    return 0;
}
int32_t aclrtDestroyStream(void *stream) { return stream == NULL; }
int32_t aclrtSynchronizeStream(void *handle) {
    struct stream *stream = handle;
    pthread_mutex_lock(&lock);
    uint64_t target = stream->submitted;
    while (stream->finished < target) pthread_cond_wait(&changed, &lock);
    int32_t late = settings[FAULT_LATE];
    settings[FAULT_LATE] = 0;
    pthread_mutex_unlock(&lock);
    return late;
}
int32_t aclrtStreamAbort(void *handle) {
    struct stream *stream = handle;
    pthread_mutex_lock(&lock);
    stream->finished = stream->submitted;
    counts[COUNT_ABORT]++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    return 0;
}
int32_t aclrtCreateEventExWithFlag(void **event, uint32_t flag) {
    (void)flag;
    *event = calloc(1, sizeof(struct event));
    return 0;
}
int32_t aclrtDestroyEvent(void *event) { return free(event), 0; }
int32_t aclrtRecordEvent(void *handle, void *stream) {
    int32_t failure = setting(FAULT_RECORD, COUNT_RECORD);
    if (failure) return failure;
    struct event *event = handle;
    submit(stream);
    pthread_mutex_lock(&lock);
    event->stream = stream;
    event->position = event->stream->submitted;
    event->reached_ns = 0;
    pthread_mutex_unlock(&lock);
    return 0;
}
int32_t aclrtQueryEventStatus(void *handle, int32_t *status) {
    int32_t failure = setting(FAULT_QUERY, COUNT_QUERY);
    if (failure) return failure;
    struct event *event = handle;
    pthread_mutex_lock(&lock);
    *status = event->stream->finished >= event->position;
    if (*status && !event->reached_ns) event->reached_ns = event->stream->finished_ns;
    pthread_mutex_unlock(&lock);
    return 0;
}
int32_t aclrtEventGetTimestamp(void *handle, uint64_t *microseconds) {
    struct event *event = handle;
    *microseconds = event->reached_ns / 1000 + (uint64_t)setting(FAULT_CLOCK_OFFSET, -1) * 1000000u;
    return 0;
}
#ifdef EVENT_NANOSECONDS
int32_t flexnpu_device_event_ns(void *handle, uint64_t *nanoseconds) {
    struct event *event = handle;
    *nanoseconds = event->reached_ns;
    return 0;
}
#endif
int32_t aclrtStreamWaitEvent(void *stream, void *event) {
    (void)stream, (void)event;
    return setting(FAULT_WAIT, COUNT_WAIT);
}
// Small blocks are the device's own, handed out as they were left, the latest first: the C library's would
// have been other parts' of the process in between.
enum { SMALL_BYTES = 512, SMALL_COUNT = 256 };
static char small[SMALL_COUNT][SMALL_BYTES];
static int16_t small_free[SMALL_COUNT];
static int small_left = -1;

static void *small_block(void) {
    pthread_mutex_lock(&lock);
    if (small_left < 0)
        for (small_left = 0; small_left < SMALL_COUNT; small_left++) small_free[small_left] = (int16_t)small_left;
    void *block = small_left > 0 ? small[small_free[--small_left]] : NULL;
    pthread_mutex_unlock(&lock);
    return block;
}
static int give_small_back(void *pointer) {
    if ((char *)pointer < small[0] || (char *)pointer >= small[0] + sizeof small) return 0;
    pthread_mutex_lock(&lock);
    small_free[small_left++] = (int16_t)(((char *)pointer - small[0]) / SMALL_BYTES);
    pthread_mutex_unlock(&lock);
    return 1;
}
int32_t aclrtMalloc(void **pointer, size_t bytes, int32_t policy) {
    (void)policy;
    *pointer = bytes == SMALL_BYTES ? small_block() : malloc(bytes);
    return *pointer == NULL ? 207001 : 0;
}
int32_t aclrtFree(void *pointer) {
    if (!give_small_back(pointer)) free(pointer);
    return 0;
}
int32_t aclrtMemcpy(void *to, size_t most, const void *from, size_t count, int32_t kind) {
    (void)most, (void)kind;
    return memcpy(to, from, count), 0;
}
int32_t aclrtMemcpyAsync(void *to, size_t most, const void *from, size_t count, int32_t kind, void *stream) {
    aclrtMemcpy(to, most, from, count, kind);
    return submit(stream), 0;
}
int32_t aclrtMemset(void *to, size_t most, int32_t value, size_t count) {
    (void)most;
    return memset(to, value, count), 0;
}
int32_t aclrtMemsetAsync(void *to, size_t most, int32_t value, size_t count, void *stream) {
    aclrtMemset(to, most, value, count);
    return submit(stream), 0;
}
int32_t aclrtGetMemInfo(int32_t kind, size_t *left, size_t *total) {
    (void)kind;
    block(FAULT_BLOCK_INFO, COUNT_INFO);
    *left = *total = 1 << 20;
    return 0;
}
int32_t aclrtSetStreamResLimit(void *stream, int32_t kind, uint32_t value) {
    (void)stream, (void)kind, (void)value;
    return setting(FAULT_COUNT - 1, COUNT_LIMIT) < 0;
}
int32_t aclrtResetStreamResLimit(void *stream) { return stream == NULL; }
int32_t aclrtUseStreamResInCurrentThread(void *stream) {
    (void)stream;
    return setting(FAULT_COUNT - 1, COUNT_USE) < 0;
}
int32_t aclrtUnuseStreamResInCurrentThread(void *stream) {
    (void)stream;
    return setting(FAULT_COUNT - 1, COUNT_UNUSE) < 0;
}
int32_t flexnpu_device_run_inline(int32_t on) { return on == 1 ? 0 : 0; }

// Objects that are made and not destroyed: what leaks.
static void *object(int counted) {
    pthread_mutex_lock(&lock);
    counts[counted]++;
    counts[COUNT_LIVE]++;
    pthread_mutex_unlock(&lock);
    return calloc(1, 8);
}
static int32_t destroy(const void *made) {
    pthread_mutex_lock(&lock);
    counts[COUNT_LIVE]--;
    pthread_mutex_unlock(&lock);
    return free((void *)made), 0;
}
void *aclCreateTensor(
    const int64_t *shape, uint64_t dims, int32_t type, const int64_t *strides, int64_t offset, int32_t format,
    const int64_t *storage, uint64_t storage_dims, void *data) {
    (void)shape, (void)dims, (void)type, (void)strides, (void)offset, (void)format, (void)storage;
    (void)storage_dims, (void)data;
    return object(COUNT_TENSOR);
}
void *aclCreateScalar(void *value, int32_t type) { return (void)value, (void)type, object(COUNT_SCALAR); }
void *aclCreateIntArray(const int64_t *values, uint64_t count) { return (void)values, (void)count, object(COUNT_LIST); }
void *aclCreateFloatArray(const float *values, uint64_t count) { return (void)values, (void)count, object(COUNT_LIST); }
void *aclCreateBoolArray(const void *values, uint64_t count) { return (void)values, (void)count, object(COUNT_LIST); }
void *aclCreateTensorList(void *const *values, uint64_t count) { return (void)values, (void)count, object(COUNT_LIST); }
void *aclCreateScalarList(void *const *values, uint64_t count) { return (void)values, (void)count, object(COUNT_LIST); }
int32_t aclDestroyTensor(const void *made) { return destroy(made); }
int32_t aclDestroyScalar(const void *made) { return destroy(made); }
int32_t aclDestroyIntArray(const void *made) { return destroy(made); }
int32_t aclDestroyFloatArray(const void *made) { return destroy(made); }
int32_t aclDestroyBoolArray(const void *made) { return destroy(made); }
int32_t aclDestroyTensorList(const void *made) { return destroy(made); }
int32_t aclDestroyScalarList(const void *made) { return destroy(made); }
int32_t aclDestroyAclOpExecutor(void *executor) { return destroy(executor); }
int32_t aclSetAclOpExecutorRepeatable(void *executor) {
    int32_t refusal = setting(FAULT_NOT_REPEATABLE, -1);
    if (!refusal) *(int64_t *)executor = REPEATABLE;
    return refusal;
}
int32_t aclSetTensorAddr(void *executor, size_t index, void *tensor, void *address) {
    (void)executor, (void)index, (void)tensor, (void)address;
    return 0;
}
int32_t aclnnAddGetWorkspaceSize(
    const void *self, const void *other, const void *alpha, void *out, uint64_t *workspace, void **executor) {
    (void)self, (void)other, (void)alpha, (void)out;
    int32_t failure = setting(FAULT_PHASE_ONE, COUNT_PHASE_ONE);
    if (failure) return failure;
    *workspace = last_workspace += 64;
    *executor = object(COUNT_EXECUTOR);
    return 0;
}
int32_t aclnnAdd(void *workspace, uint64_t bytes, void *executor, void *stream) {
    if (bytes > 0 && workspace == NULL) return 561000;
    block(FAULT_BLOCK_LAUNCH, COUNT_LAUNCH);
    int32_t failure = setting(FAULT_LAUNCH, -1);
    // A launch takes its executor with it, unless that is to be used again.
    if (*(int64_t *)executor != REPEATABLE) destroy(executor);
    if (failure) return failure;
    submit(stream);
    return 0;
}
