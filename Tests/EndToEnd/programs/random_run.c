// Runs a plan: one thread a planned thread, each doing its own steps in order and waiting for the steps
// of others only where the plan says so.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ascendcl.h"
#include "random_plan.h"

static struct {
    const struct plan *plan;
    pthread_mutex_t lock;
    pthread_cond_t moved;
    uint32_t progress[THREADS_MAX];
    uint32_t mismatches;
    int free_while_queued;
    void *contexts[DEVICES_MAX], *streams[STREAMS], *events[EVENTS];
    char *blocks[BLOCKS];
} run = {.lock = PTHREAD_MUTEX_INITIALIZER, .moved = PTHREAD_COND_INITIALIZER};

static void wait_for_others(const struct step *step)
{
    pthread_mutex_lock(&run.lock);
    for (int i = 0; i < run.plan->threads; i++)
        while (i != step->thread && run.progress[i] < step->needs[i])
            pthread_cond_wait(&run.moved, &run.lock);
    pthread_mutex_unlock(&run.lock);
}

static void advance(int thread, uint32_t past, uint32_t mismatches)
{
    pthread_mutex_lock(&run.lock);
    run.progress[thread] = past;
    run.mismatches += mismatches;
    pthread_cond_broadcast(&run.moved);
    pthread_mutex_unlock(&run.lock);
}

static void *address(int block, uint32_t at) { return run.blocks[block] + at * 4; }

/// Launches what phase one prepared, and lets go of what it was given before phase two.
static void launch(int (*second)(void *, uint64_t, void *, void *), uint64_t size, void *executor,
                   void *a, void *b, void *scalar, void *stream)
{
    MUST(aclDestroyTensor(a));
    if (b != NULL) MUST(aclDestroyTensor(b));
    if (scalar != NULL) MUST(aclDestroyScalar(scalar));
    void *workspace = NULL;
    if (size > 0) MUST(aclrtMalloc(&workspace, size, 0));
    MUST(second(workspace, size, executor, stream));
    if (workspace != NULL) {
        MUST(aclrtSynchronizeStream(stream));
        MUST(aclrtFree(workspace));
    }
}

static void operate(const struct step *step, void *stream)
{
    uint64_t size = 0;
    void *executor = NULL, *scalar = NULL, *from = NULL;
    int32_t value = step->value;
    void *to = make_line(address(step->to, step->to_at), TYPE_INT32, step->count);
    if (step->kind == STEP_TRANSPOSE) {
        int64_t rows = value, columns = step->count / value;
        int64_t shape[] = {columns, rows}, along[] = {1, columns}, across[] = {rows, 1};
        MUST(aclDestroyTensor(to));
        to = make_view(address(step->to, step->to_at), TYPE_INT32, 2, shape, across, 0);
        // The offset is the tensor's own here, not the address's.
        from = make_view(run.blocks[step->from], TYPE_INT32, 2, shape, along, step->from_at);
        MUST(aclnnInplaceCopyGetWorkspaceSize(to, from, &size, &executor));
        launch(aclnnInplaceCopy, size, executor, to, from, NULL, stream);
        return;
    }
    if (step->kind == STEP_FILL) {
        scalar = aclCreateScalar(&value, TYPE_INT32);
        MUST(aclnnInplaceFillScalarGetWorkspaceSize(to, scalar, &size, &executor));
        launch(aclnnInplaceFillScalar, size, executor, to, NULL, scalar, stream);
        return;
    }
    from = make_line(address(step->from, step->from_at), TYPE_INT32, step->count);
    if (step->kind == STEP_ADD) {
        scalar = aclCreateScalar(&value, TYPE_INT32);
        MUST(aclnnInplaceAddGetWorkspaceSize(to, from, scalar, &size, &executor));
        launch(aclnnInplaceAdd, size, executor, to, from, scalar, stream);
    } else {
        MUST(aclnnMulGetWorkspaceSize(to, from, to, &size, &executor));
        launch(aclnnMul, size, executor, to, from, NULL, stream);
    }
}

static void copy(const struct step *step, void *stream)
{
    uint32_t bytes = step->count * 4u;
    int source_on_host = device_of_block(run.plan, step->from) < 0;
    int target_on_host = device_of_block(run.plan, step->to) < 0;
    int kind = source_on_host ? HOST_TO_DEVICE
                              : target_on_host ? DEVICE_TO_HOST : DEVICE_TO_DEVICE;
    MUST(aclrtMemcpyAsync(address(step->to, step->to_at), bytes,
                          address(step->from, step->from_at), bytes, kind, stream));
}

static void upload(const struct step *step, void *stream)
{
    uint32_t words[WORDS], bytes = step->count * 4u;
    for (uint32_t i = 0; i < step->count; i++) words[i] = upload_word(step->value, i);
    MUST(aclrtMemcpyAsync(address(step->to, step->to_at), bytes, words, bytes, HOST_TO_DEVICE,
                          stream));
    // Pageable memory may be used again as soon as the call is back.
    memset(words, 0x5A, sizeof words);
}

/// Reads a block; 1 where it is not what was planned.
static uint32_t read_block(const struct step *step, void *stream)
{
    uint32_t words[WORDS], bytes = step->count * 4u;
    memset(words, 0xA5, sizeof words);
    if (step->kind == STEP_READ_NOW) {
        MUST(aclrtMemcpy(words, bytes, address(step->from, 0), bytes, DEVICE_TO_HOST));
    } else {
        MUST(aclrtMemcpyAsync(words, bytes, address(step->from, 0), bytes, DEVICE_TO_HOST, stream));
        MUST(aclrtSynchronizeStream(stream));
    }
    if (hash_words(words, step->count, 0) == step->expected) return 0;
    printf("step %u: block %u is not what it should be\n", (uint32_t)(step - run.plan->steps),
           step->from);
    return 1;
}

static void renew_block(const struct step *step, void *stream)
{
    void *fresh = NULL;
    if (!run.free_while_queued) MUST(aclrtSynchronizeDevice());
    MUST(aclrtFree(run.blocks[step->to]));
    MUST(aclrtMalloc(&fresh, WORDS * 4, 0));
    run.blocks[step->to] = fresh;
    MUST(aclrtMemsetAsync(fresh, WORDS * 4, step->value, WORDS * 4, stream));
}

static uint32_t perform(const struct step *step)
{
    void **stream = &run.streams[step->stream], **event = &run.events[step->event];
    int status = -1;
    switch ((enum step_kind)step->kind) {
    case STEP_SET:
        MUST(aclrtMemsetAsync(address(step->to, step->to_at), step->count * 4u, step->value,
                              step->count * 4u, *stream));
        break;
    case STEP_COPY: copy(step, *stream); break;
    case STEP_UPLOAD: upload(step, *stream); break;
    case STEP_ADD:
    case STEP_MULTIPLY:
    case STEP_TRANSPOSE:
    case STEP_FILL: operate(step, *stream); break;
    case STEP_RECORD: MUST(aclrtRecordEvent(*event, *stream)); break;
    case STEP_WAIT: MUST(aclrtStreamWaitEvent(*stream, *event)); break;
    case STEP_RESET: MUST(aclrtResetEvent(*event, *stream)); break;
    case STEP_DOWNLOAD:
    case STEP_READ_NOW: return read_block(step, *stream);
    case STEP_SYNC_STREAM: MUST(aclrtSynchronizeStream(*stream)); break;
    case STEP_SYNC_EVENT: MUST(aclrtSynchronizeEvent(*event)); break;
    case STEP_QUERY_STREAM: MUST(aclrtStreamQuery(*stream, &status)); break;
    case STEP_QUERY_EVENT: MUST(aclrtQueryEventStatus(*event, &status)); break;
    case STEP_RENEW_EVENT:
        MUST(aclrtDestroyEvent(*event));
        MUST(aclrtCreateEventExWithFlag(event, 8));
        break;
    case STEP_RENEW_STREAM:
        MUST(aclrtDestroyStream(*stream));
        MUST(aclrtCreateStream(stream));
        break;
    case STEP_RENEW_BLOCK: renew_block(step, *stream); break;
    }
    return 0;
}

static void *perform_all(void *argument)
{
    int thread = (int)(intptr_t)argument, current = -1;
    for (uint32_t i = 0; i < run.plan->count; i++) {
        const struct step *step = &run.plan->steps[i];
        if (step->thread != thread) continue;
        wait_for_others(step);
        int device = device_of_stream(run.plan, step->stream);
        if (device != current) MUST(aclrtSetCurrentContext(run.contexts[device]));
        current = device;
        advance(thread, i + 1, perform(step));
    }
    return NULL;
}

static void set_up(void)
{
    MUST(aclInit(NULL));
    for (int device = 0; device < run.plan->devices; device++) {
        MUST(aclrtSetDevice(device));
        MUST(aclrtGetCurrentContext(&run.contexts[device]));
    }
    for (int i = 0; i < STREAMS; i++) {
        MUST(aclrtSetCurrentContext(run.contexts[device_of_stream(run.plan, i)]));
        if (i >= run.plan->devices) MUST(aclrtCreateStream(&run.streams[i]));
    }
    for (int i = 0; i < EVENTS; i++) MUST(aclrtCreateEventExWithFlag(&run.events[i], 8));
    for (int i = 0; i < BLOCKS; i++) {
        int device = device_of_block(run.plan, i);
        void *block = NULL;
        if (device < 0) {
            MUST(aclrtMallocHost(&block, WORDS * 4));
            memset(block, 0, WORDS * 4);
        } else {
            MUST(aclrtSetCurrentContext(run.contexts[device]));
            MUST(aclrtMalloc(&block, WORDS * 4, 0));
            MUST(aclrtMemset(block, WORDS * 4, 0, WORDS * 4));
        }
        run.blocks[i] = block;
    }
}

static uint64_t tear_down(void)
{
    uint32_t words[WORDS];
    uint64_t hash = 0;
    for (int device = 0; device < run.plan->devices; device++) {
        MUST(aclrtSetCurrentContext(run.contexts[device]));
        MUST(aclrtSynchronizeDevice());
    }
    for (int i = 0; i < BLOCKS; i++) {
        int device = device_of_block(run.plan, i);
        if (device >= 0) {
            MUST(aclrtSetCurrentContext(run.contexts[device]));
            MUST(aclrtMemcpy(words, sizeof words, run.blocks[i], sizeof words, DEVICE_TO_HOST));
            MUST(aclrtFree(run.blocks[i]));
        } else {
            memcpy(words, run.blocks[i], sizeof words);
            MUST(aclrtFreeHost(run.blocks[i]));
        }
        hash = hash_words(words, WORDS, hash);
    }
    for (int i = run.plan->devices; i < STREAMS; i++) MUST(aclrtDestroyStream(run.streams[i]));
    for (int i = 0; i < EVENTS; i++) MUST(aclrtDestroyEvent(run.events[i]));
    for (int device = 0; device < run.plan->devices; device++) MUST(aclrtResetDevice(device));
    MUST(aclFinalize());
    return hash;
}

uint32_t run_plan(const struct plan *plan, int free_while_queued, uint64_t *hash)
{
    pthread_t threads[THREADS_MAX];
    run.plan = plan;
    run.free_while_queued = free_while_queued;
    set_up();
    for (int i = 0; i < plan->threads; i++)
        pthread_create(&threads[i], NULL, perform_all, (void *)(intptr_t)i);
    for (int i = 0; i < plan->threads; i++) pthread_join(threads[i], NULL);
    *hash = tear_down();
    return run.mismatches;
}
