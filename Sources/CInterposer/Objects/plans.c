#include "plans.h"

#include <stdlib.h>
#include <string.h>

#include "../Transport/errors.h"
#include "../Transport/session.h"

// A cache in shards, each with a lock, a table of chains and its plans in order of use. No two locks
// are held at once, and none while the daemon is asked.

enum { shard_count = 16, bucket_count = 512 };
/// What all plans may take here. A plan is some hundred bytes: only monstrous ones come near.
static const uint64_t bytes_limit = 64ull << 20;

static struct shard {
    struct fx_lock lock;
    uint32_t count;
    struct fx_plan *buckets[bucket_count];
    struct fx_plan *oldest, *newest;
} shards[shard_count];

/// Slots that no plan is in: those above `next` were never used.
static struct {
    struct fx_lock lock;
    const void *session;  // whose slots these are
    uint32_t next, free_count;
    uint16_t free[FX_PLAN_LIMIT];
} slots;
static uint64_t bytes_held;

static struct shard *shard_of(uint64_t hash) { return &shards[hash % shard_count]; }
static struct fx_plan **bucket_of(struct shard *shard, uint64_t hash) {
    return &shard->buckets[hash / shard_count % bucket_count];
}

// ---- One shard, its lock held ------------------------------------------------------------------

static void append(struct shard *shard, struct fx_plan *plan) {
    plan->older = shard->newest;
    plan->newer = NULL;
    *(shard->newest != NULL ? &shard->newest->newer : &shard->oldest) = plan;
    shard->newest = plan;
}

static void take_out_of_order(struct shard *shard, struct fx_plan *plan) {
    *(plan->older != NULL ? &plan->older->newer : &shard->oldest) = plan->newer;
    *(plan->newer != NULL ? &plan->newer->older : &shard->newest) = plan->older;
}

static void insert(struct shard *shard, struct fx_plan *plan) {
    struct fx_plan **bucket = bucket_of(shard, plan->hash);
    plan->next = *bucket;
    *bucket = plan;
    append(shard, plan);
    shard->count++;
    __atomic_add_fetch(&bytes_held, plan->byte_count, __ATOMIC_RELAXED);
}

static void take_out(struct shard *shard, struct fx_plan *plan) {
    struct fx_plan **link = bucket_of(shard, plan->hash);
    while (*link != plan) link = &(*link)->next;
    *link = plan->next;
    take_out_of_order(shard, plan);
    shard->count--;
    __atomic_sub_fetch(&bytes_held, plan->byte_count, __ATOMIC_RELAXED);
}

static struct fx_plan *find(
    struct shard *shard, const struct fx_encoding *encoding, const void *session,
    int32_t device) {
    struct fx_plan *plan = *bucket_of(shard, encoding->hash);
    for (; plan != NULL; plan = plan->next)
        if (plan->hash == encoding->hash && plan->session == session && plan->device == device &&
            plan->function == encoding->function && plan->byte_count == encoding->plan_bytes &&
            memcmp(plan->bytes, encoding->plan, encoding->plan_bytes) == 0)
            return plan;
    return NULL;
}

/// The plan that was not used for longest and that only the cache refers to, taken out; NULL where
/// there is none. A plan that was used again since the last look stays this time.
static struct fx_plan *take_oldest(struct shard *shard) {
    for (uint32_t turns = shard->count; turns > 0; turns--) {
        struct fx_plan *plan = shard->oldest;
        uint32_t unused = 1;
        if (plan->recent == 0 && __atomic_compare_exchange_n(
                                     &plan->references, &unused, 0, 0, __ATOMIC_ACQUIRE,
                                     __ATOMIC_RELAXED)) {
            take_out(shard, plan);
            return plan;
        }
        plan->recent = 0;
        take_out_of_order(shard, plan);
        append(shard, plan);
    }
    return NULL;
}

// ---- Slots -------------------------------------------------------------------------------------

/// A slot without a plan: 1, or 0 where there is none.
static int take_slot(const struct fx_session *session, uint32_t *slot) {
    uint32_t limit = session->welcome.plan_limit;
    if (limit == 0 || limit > FX_PLAN_LIMIT) limit = FX_PLAN_LIMIT;
    fx_lock_take(&slots.lock);
    // A thread may still be in a call of the session before: it gets none, and takes none over.
    if (slots.session != session && session == fx_session_current()) {
        slots.session = session;
        slots.next = slots.free_count = 0;
    }
    int found = 1;
    if (slots.session != session)
        found = 0;
    else if (slots.free_count > 0)
        *slot = slots.free[--slots.free_count];
    else if (slots.next < limit)
        *slot = slots.next++;
    else
        found = 0;
    fx_lock_give(&slots.lock);
    return found;
}

void fx_plan_give_back(const void *session, uint32_t slot) {
    fx_lock_take(&slots.lock);
    if (slots.session == session) slots.free[slots.free_count++] = (uint16_t)slot;
    fx_lock_give(&slots.lock);
}

/// Takes a plan that nothing refers to out of some shard, and answers its slot: 1, or 0 where there
/// is none. Shards take turns, so that all together age alike; twice, as the first look at a plan may
/// only have noted that it was used.
static int evict(const void *session, uint32_t *slot) {
    static uint32_t turn;
    uint32_t first = __atomic_fetch_add(&turn, 1, __ATOMIC_RELAXED);
    for (uint32_t i = 0; i < 2 * shard_count; i++) {
        struct shard *shard = &shards[(first + i) % shard_count];
        struct fx_plan *plan;
        do {
            fx_lock_take(&shard->lock);
            plan = take_oldest(shard);
            fx_lock_give(&shard->lock);
            int ours = plan != NULL && plan->session == session;
            if (ours)
                *slot = plan->slot;
            else if (plan != NULL)
                fx_plan_give_back(plan->session, plan->slot);
            free(plan);
            if (ours) return 1;
        } while (plan != NULL);
    }
    return 0;
}

int32_t fx_plan_reserve(struct fx_thread *self, uint32_t *slot) {
    if (!take_slot(self->session, slot) && !evict(self->session, slot))
        return fx_fail(
            self, FX_ERROR_OPERATION_INTERNAL,
            "as many operations as may be are prepared and were neither launched nor destroyed");
    fx_ticks_pass();  // the slot's last kernel comes before the new plan
    return 0;
}

// ---- Plans -------------------------------------------------------------------------------------

struct fx_plan *fx_plan_find(
    const struct fx_encoding *encoding, const void *session, int32_t device) {
    struct shard *shard = shard_of(encoding->hash);
    fx_lock_take(&shard->lock);
    struct fx_plan *plan = find(shard, encoding, session, device);
    if (fx_likely(plan != NULL)) {
        plan->recent = 1;
        __atomic_add_fetch(&plan->references, 1, __ATOMIC_RELAXED);
    }
    fx_lock_give(&shard->lock);
    return plan;
}

/// Where the plans take too much memory the oldest go.
static void keep_within_limit(const void *session) {
    uint32_t slot;
    while (__atomic_load_n(&bytes_held, __ATOMIC_RELAXED) > bytes_limit && evict(session, &slot))
        fx_plan_give_back(session, slot);
}

struct fx_plan *fx_plan_learn(
    const struct fx_encoding *encoding, const void *session, int32_t device, uint32_t slot) {
    struct fx_plan *plan = malloc(sizeof(*plan) + encoding->plan_bytes);
    if (plan == NULL) {
        fx_plan_give_back(session, slot);
        return NULL;
    }
    *plan = (struct fx_plan){
        .session = session,
        .hash = encoding->hash,
        .slot = slot,
        .references = 2,
        .byte_count = encoding->plan_bytes,
        .device = device,
        .function = encoding->function,
    };
    fx_copy(plan->bytes, encoding->plan, encoding->plan_bytes);
    struct shard *shard = shard_of(encoding->hash);
    fx_lock_take(&shard->lock);
    struct fx_plan *other = find(shard, encoding, session, device);
    if (other != NULL)
        __atomic_add_fetch(&other->references, 1, __ATOMIC_RELAXED);
    else
        insert(shard, plan);
    fx_lock_give(&shard->lock);
    if (other != NULL) {
        free(plan);
        fx_plan_give_back(session, slot);
        return other;
    }
    keep_within_limit(session);
    return plan;
}

void fx_plan_release(struct fx_plan *plan) {
    // Down to nothing only where the cache has let it go before.
    if (__atomic_sub_fetch(&plan->references, 1, __ATOMIC_ACQ_REL) == 0) free(plan);
}

void fx_plans_forget(void) {
    for (int i = 0; i < shard_count; i++) {
        struct fx_plan *plan;
        fx_lock_take(&shards[i].lock);
        while ((plan = shards[i].oldest) != NULL) {
            take_out(&shards[i], plan);
            fx_plan_release(plan);
        }
        fx_lock_give(&shards[i].lock);
    }
}

void fx_plans_reset_in_child(void) {
    // A chain may have been half-linked by a thread that is not here: start with empty shards. What
    // they held is not worth following pointers that may be broken.
    memset(shards, 0, sizeof(shards));
    memset(&slots, 0, sizeof(slots));
    bytes_held = 0;
}
