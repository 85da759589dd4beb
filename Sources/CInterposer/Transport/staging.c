#include "staging.h"

#include "ask.h"
#include "errors.h"

// A slot is free when nobody here uses it (`staging_taken`) and the daemon is done with it
// (`staging_slot`). The first is ours alone, so that what the daemon writes cannot give a slot to
// two threads.

int fx_staging_try(struct fx_session *session, uint32_t *slot) {
    // From the lowest: the slots that were used last are still in the caches.
    for (uint32_t i = 0; i < session->staging_slots; i++) {
        if (__atomic_load_n(&session->staging_taken[i], __ATOMIC_RELAXED) != 0) continue;
        if (__atomic_load_n(&session->page->staging_slot[i], __ATOMIC_ACQUIRE) != 0) continue;
        uint32_t free = 0;
        if (!__atomic_compare_exchange_n(
                &session->staging_taken[i], &free, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
            continue;
        // Between the two looks another thread may have taken it and handed it over.
        if (__atomic_load_n(&session->page->staging_slot[i], __ATOMIC_ACQUIRE) == 0) {
            __atomic_store_n(&session->page->staging_slot[i], 1, __ATOMIC_RELEASE);
            *slot = i;
            return 1;
        }
        __atomic_store_n(&session->staging_taken[i], 0, __ATOMIC_RELEASE);
    }
    return 0;
}

static const int64_t slice_nanoseconds = 100000000;
/// How often a wait looks again before it sleeps: about as long as copying a slot takes.
enum { turns_before_sleep = 4000 };

typedef int (*condition)(struct fx_session *session, uint32_t *slot);

/// Sleeps until the condition holds. Several threads may sleep here, so the flag is lowered by the
/// last.
static int32_t wait_until(struct fx_thread *self, condition holds, uint32_t *slot) {
    struct fx_session *session = self->session;
    struct fx_session_page *page = session->page;
    int32_t status = 0;
    __atomic_add_fetch(&session->staging_sleepers, 1, __ATOMIC_SEQ_CST);
    for (;;) {
        uint32_t seen = __atomic_load_n(&page->staging_freed, __ATOMIC_SEQ_CST);
        __atomic_store_n(&page->staging_waiting, 1, __ATOMIC_SEQ_CST);
        if (holds(session, slot)) break;
        fx_session_doorbell(session);
        fx_futex_wait(&page->staging_freed, seen, 1, slice_nanoseconds);
        if (holds(session, slot)) break;
        if (!fx_session_alive(session)) {
            status = fx_daemon_lost(self);
            break;
        }
    }
    if (__atomic_sub_fetch(&session->staging_sleepers, 1, __ATOMIC_SEQ_CST) == 0) {
        __atomic_store_n(&page->staging_waiting, 0, __ATOMIC_SEQ_CST);
        // Another may have begun to sleep just before that.
        if (__atomic_load_n(&session->staging_sleepers, __ATOMIC_SEQ_CST) != 0)
            __atomic_store_n(&page->staging_waiting, 1, __ATOMIC_SEQ_CST);
    }
    return status;
}

int32_t fx_staging_take(struct fx_thread *self, uint32_t *slot) {
    if (fx_staging_try(self->session, slot)) return 0;
    for (int turn = 0; turn < turns_before_sleep / 64; turn++) {
        fx_pause();
        if (fx_staging_try(self->session, slot)) return 0;
    }
    return wait_until(self, fx_staging_try, slot);
}

void fx_staging_hand_over(struct fx_session *session, uint32_t slot) {
    __atomic_store_n(&session->staging_taken[slot], 0, __ATOMIC_RELEASE);
}

static int is_written(struct fx_session *session, uint32_t *slot) {
    return __atomic_load_n(&session->page->staging_slot[*slot], __ATOMIC_SEQ_CST) == 0;
}

int32_t fx_staging_wait(struct fx_thread *self, uint32_t slot) {
    int turns = self->session->welcome.run_inline ? turns_before_sleep : 100;
    for (int turn = 0; turn < turns; turn++) {
        if (is_written(self->session, &slot)) return 0;
        fx_pause();
    }
    return wait_until(self, is_written, &slot);
}

void fx_staging_free(struct fx_session *session, uint32_t slot) {
    __atomic_store_n(&session->page->staging_slot[slot], 0, __ATOMIC_RELEASE);
    __atomic_store_n(&session->staging_taken[slot], 0, __ATOMIC_RELEASE);
    // Nobody but threads of this process waits for it: they are woken as the daemon would.
    if (__atomic_load_n(&session->staging_sleepers, __ATOMIC_SEQ_CST) != 0) {
        __atomic_add_fetch(&session->page->staging_freed, 1, __ATOMIC_SEQ_CST);
        fx_futex_wake(&session->page->staging_freed, 1 << 30, 1);
    }
}
