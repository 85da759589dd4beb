// Route mode: plans and values, and who may have a plan's slot.
#include <pthread.h>

#include "route_cases.h"

/// A tensor whose view offset says which plan a kernel with it belongs to: the fake daemon compares.
static void *marked_tensor(int64_t rows, void *data) {
    int64_t shape[] = {rows, 8}, strides[] = {8, 1};
    int64_t mark = (int64_t)0x9E5 << 32 | rows;
    return aclCreateTensor(shape, 2, 0, strides, mark, 2, shape, 2, data);
}

static void *prepare(int64_t rows, void *data) {
    uint64_t workspace;
    void *executor, *tensor = marked_tensor(rows, data);
    OK(aclnnAddGetWorkspaceSize(tensor, tensor, NULL, tensor, &workspace, &executor));
    OK(aclDestroyTensor(tensor));
    return executor;
}

static long resident_pages(void) {
    if (!memory_tells) return 0;
    long size, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    CHECK(file != NULL && fscanf(file, "%ld %ld", &size, &resident) == 2);
    fclose(file);
    return resident;
}

/// View offsets, scalars, probabilities and seeds that are new each call: one plan an operation.
void one_plan(void) {
    void *device, *executor;
    uint64_t workspace;
    int64_t shape[] = {4, 8}, strides[] = {8, 1};
    const char *setting = getenv("ONE_PLAN_CALLS");
    const int64_t calls = setting != NULL ? atoll(setting) : 1000000;
    OK(aclrtSetDevice(0));
    OK(aclrtMalloc(&device, 4096, 0));
    void *sizes = aclCreateIntArray(shape, 2);
    long before = 0;
    for (int64_t i = 0; i < calls; i++) {
        float alpha = (float)i;
        if (i == 1000) before = resident_pages();
        void *a = aclCreateTensor(shape, 2, 0, strides, i, 2, shape, 2, device);
        void *scalar = aclCreateScalar(&alpha, 0);
        OK(aclnnAddGetWorkspaceSize(a, a, scalar, a, &workspace, &executor));
        OK(aclDestroyScalar(scalar));
        OK(aclnnAdd(NULL, 0, executor, NULL));
        if (i % 16 == 0) {
            OK(aclnnDropoutGenMaskGetWorkspaceSize(
                sizes, 1.0 / (double)(i + 1), i, 2 * i, a, &workspace, &executor));
            OK(aclnnDropoutGenMask(NULL, 0, executor, NULL));
        }
        OK(aclDestroyTensor(a));
    }
    OK(aclrtSynchronizeDevice());
    CHECK(figure(plan_asks) == 2);
    CHECK(figure(kernels) == calls + (calls + 15) / 16);
    CHECK(resident_pages() < before + 512);
}

/// Many more plans than slots: for ever, in bounded memory, and a plan that comes back is asked again.
void many_plans(void) {
    enum { slots = 64 };
    restart_daemon("--plan-limit", "64");
    void *device;
    long before = 0;
    OK(aclrtSetDevice(0));
    OK(aclrtMalloc(&device, 4096, 0));
    for (int64_t i = 0; i < 30000; i++) {
        if (i == 1000) before = resident_pages();
        OK(aclnnAdd(NULL, 0, prepare(i + 1, device), NULL));
        if (i % 8 == 0) OK(aclnnAdd(NULL, 0, prepare(1, device), NULL));  // used often: it stays
    }
    OK(aclrtSynchronizeDevice());
    CHECK(figure(plans_held) == slots);
    const int64_t asks = figure(plan_asks);
    CHECK(asks >= 30000 && asks < 30300);  // the shards of the cache age only about alike
    CHECK(resident_pages() < before + 256);
    OK(aclnnAdd(NULL, 0, prepare(5, device), NULL));
    CHECK(figure(plan_asks) == asks + 1);
}

/// Executors that were not launched keep their plans: when they have all slots, the next is refused.
void held_plans(void) {
    enum { slots = 64 };
    restart_daemon("--plan-limit", "64");
    void *device, *held[slots], *executor;
    uint64_t workspace;
    OK(aclrtSetDevice(0));
    OK(aclrtMalloc(&device, 4096, 0));
    for (int64_t i = 0; i < slots; i++) held[i] = prepare(i + 1, device);
    void *tensor = marked_tensor(1000, device);
    CHECK(aclnnAddGetWorkspaceSize(tensor, tensor, NULL, tensor, &workspace, &executor) == 561000);
    CHECK(strstr(aclGetRecentErrMsg(), "neither launched nor destroyed") != NULL);
    OK(aclDestroyAclOpExecutor(held[7]));
    OK(aclnnAddGetWorkspaceSize(tensor, tensor, NULL, tensor, &workspace, &executor));
    OK(aclnnAdd(NULL, 0, executor, NULL));
    for (int64_t i = 0; i < slots; i++)
        if (i != 7) OK(aclnnAdd(NULL, 0, held[i], NULL));
    // A plan that the device refuses leaves its slot.
    for (int i = 0; i < 1000; i++)
        CHECK(aclnnMulGetWorkspaceSize(tensor, tensor, tensor, &workspace, &executor) == 161002);
    for (int64_t i = 0; i < 3 * slots; i++)
        OK(aclnnAdd(NULL, 0, prepare(2000 + i, device), NULL));
    OK(aclDestroyTensor(tensor));
    OK(aclrtSynchronizeDevice());
}

// ---- Races -------------------------------------------------------------------------------------

enum { racers = 4, mailboxes = 16, row_count = 60 };
static void *mailbox[mailboxes];  // executors that one thread prepared and another launches
static void *raced;

static unsigned next_random(uint64_t *state) {
    *state = *state * 6364136223846793005ull + 1442695040888963407ull;
    return (unsigned)(*state >> 33);
}

static void *race(void *seed) {
    uint64_t state = (uint64_t)seed;
    OK(aclrtSetDevice(0));
    for (int i = 0; i < 20000; i++) {
        void *executor = prepare(1 + next_random(&state) % row_count, raced);
        void **place = &mailbox[next_random(&state) % mailboxes];
        executor = __atomic_exchange_n(place, executor, __ATOMIC_ACQ_REL);
        if (executor == NULL) continue;
        if (next_random(&state) % 8 == 0)
            OK(aclDestroyAclOpExecutor(executor));
        else
            OK(aclnnAdd(NULL, 0, executor, NULL));
    }
    return NULL;
}

/// Threads that make each other's plans go: no kernel ever comes with a plan that is not its own.
void racing_plans(void) {
    const char *setting = getenv("SEED");
    uint64_t seed = setting != NULL ? strtoull(setting, NULL, 0) : (uint64_t)now_us();
    printf("    seed %llu (SEED=… repeats it)\n", (unsigned long long)seed);
    fflush(stdout);
    restart_daemon("--plan-limit", "32");
    OK(aclrtSetDevice(0));
    OK(aclrtMalloc(&raced, 4096, 0));
    pthread_t threads[racers];
    for (uint64_t i = 0; i < racers; i++)
        pthread_create(&threads[i], NULL, race, (void *)(seed + i * 7919));
    for (int i = 0; i < racers; i++) pthread_join(threads[i], NULL);
    OK(aclrtSynchronizeDevice());
    CHECK(figure(plan_asks) > 1000 && figure(plans_held) <= 32);
}

/// What was prepared in a session that is lost is not launched in the next.
void plans_of_lost_sessions(void) {
    void *device;
    OK(aclInit(NULL));
    OK(aclrtSetDevice(0));
    OK(aclrtMalloc(&device, 4096, 0));
    void *launched = prepare(3, device), *destroyed = prepare(4, device);
    restart_daemon(NULL, NULL);
    usleep(300000);
    CHECK(aclrtSynchronizeDevice() == 507899);
    OK(aclInit(NULL));
    OK(aclrtSetDevice(0));
    OK(aclrtMalloc(&device, 4096, 0));
    OK(aclnnAdd(NULL, 0, prepare(3, device), NULL));
    CHECK(aclnnAdd(NULL, 0, launched, NULL) == 507899);
    CHECK(strstr(aclGetRecentErrMsg(), "before the connection was lost") != NULL);
    OK(aclDestroyAclOpExecutor(destroyed));
    OK(aclrtSynchronizeDevice());
    CHECK(figure(plan_asks) == 1 && figure(kernels) == 1);
}
