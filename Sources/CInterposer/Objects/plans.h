// plans.h: the plans that the daemon has of this program, each in a slot whose number is chosen here.
// A slot is given to another plan only when nothing refers to the plan that it held.
#ifndef FX_PLANS_H
#define FX_PLANS_H

#include "encoding.h"

/// A plan that the daemon has. Whoever holds a reference keeps its slot.
struct fx_plan {
    struct fx_plan *next;           // in the chain of its bucket
    struct fx_plan *older, *newer;  // in order of use
    const void *session;
    uint64_t hash;
    uint32_t slot;
    uint32_t references;  // of executors, and one of the cache
    uint32_t byte_count;
    int32_t device;
    uint16_t function;
    uint8_t recent;  // used since it was last looked at for eviction
    uint8_t bytes[];
};

/// The plan, with a reference for the caller, or NULL where the daemon does not have it.
struct fx_plan *fx_plan_find(
    const struct fx_encoding *encoding, const void *session, int32_t device);

/// A slot for a new plan: a free one, or that of the plan that was not used for longest. 0, or
/// FX_ERROR_OPERATION_INTERNAL where executors refer to them all.
int32_t fx_plan_reserve(struct fx_thread *self, uint32_t *slot);

/// The daemon has the plan in that slot now: remembers it, with a reference for the caller. Another
/// thread may have been faster: then its plan is answered, and the slot is free again. NULL: memory
/// is short.
struct fx_plan *fx_plan_learn(
    const struct fx_encoding *encoding, const void *session, int32_t device, uint32_t slot);

/// The slot was not used after all.
void fx_plan_give_back(const void *session, uint32_t slot);

/// Lets a reference go.
void fx_plan_release(struct fx_plan *plan);

/// Forgets all plans: they belonged to a session that is no more.
void fx_plans_forget(void);

/// In a forked child: starts with an empty cache.
void fx_plans_reset_in_child(void);

#endif
