// handles.h: virtual contexts, streams and events. A handle is a number that points nowhere: a wild
// or stale one is told from a live one without a look into memory that is not ours.
#ifndef FX_HANDLES_H
#define FX_HANDLES_H

#include "../Transport/system.h"

enum fx_kind { FX_KIND_CONTEXT = 1, FX_KIND_STREAM = 2, FX_KIND_EVENT = 3 };

/// What is known of a virtual object here; the rest is the daemon's. Written before the handle is
/// given out and, but for the counters, not changed while it lives.
struct fx_handle {
    uint32_t generation;  // odd while it lives
    int32_t device;
    uint32_t flags;     // stream, event: the program's
    uint32_t priority;  // stream
    uint64_t context;   // stream: its context. context: its default stream
    uint32_t primary;   // context: made by aclrtSetDevice. stream: a context's default stream
    uint32_t next;      // of the free ones: index + 1
    uint64_t records;   // event: how often it was recorded
    uint64_t limits;    // stream: its cores, as a KERNEL carries them; 0: no limit
};

/// A new object, or 0 where there are `limit` already (or memory is short). `init` is copied into
/// it.
uint64_t fx_handle_new(enum fx_kind kind, uint32_t limit, const struct fx_handle *init);
/// The object behind a handle of that kind, or NULL. It stays readable for ever, though it may die.
struct fx_handle *fx_handle_get(enum fx_kind kind, uint64_t handle);
/// Ends the object: 1, or 0 where the handle was not live (of two that destroy it at once, one gets
/// 0).
int fx_handle_end(enum fx_kind kind, uint64_t handle);
/// The same in two steps, for a daemon that must have let go of an index before it is given out again:
/// the object ends and its index joins the list `retired` (empty: 0), whose indices are free once they
/// are recycled.
int fx_handle_retire(enum fx_kind kind, uint64_t handle, uint32_t *retired);
void fx_handles_recycle(enum fx_kind kind, uint32_t retired);
/// Calls `visit` with every live handle of the kind.
void fx_handle_each(
    enum fx_kind kind, void (*visit)(uint64_t handle, struct fx_handle *object, void *with),
    void *with);
/// Ends them all, of all kinds: they belonged to a session that is no more.
void fx_handles_forget(void);

static inline uint32_t fx_handle_index(uint64_t handle) { return (uint32_t)handle & 0xFFFFFF; }

/// In a forked child: frees the locks and ends all handles.
void fx_handles_reset_in_child(void);

#endif
