// staging.h: slots of the staging area, through which pageable memory travels.
#ifndef FX_STAGING_H
#define FX_STAGING_H

#include "ring.h"

/// Takes a slot, waiting for one while the daemon lives. 0 and the slot's number, or an error.
int32_t fx_staging_take(struct fx_thread *self, uint32_t *slot);
/// Takes a slot that is free now: 1, or 0 where there is none.
int fx_staging_try(struct fx_session *session, uint32_t *slot);
/// The slot was named as the source of a copy that was sent: the daemon frees it.
void fx_staging_hand_over(struct fx_session *session, uint32_t slot);
/// Waits until the daemon has written the slot, the destination of a copy that was sent.
int32_t fx_staging_wait(struct fx_thread *self, uint32_t slot);
/// The slot is not needed any more.
void fx_staging_free(struct fx_session *session, uint32_t slot);

static inline uint64_t fx_staging_offset(uint32_t slot) {
    return (uint64_t)slot * FX_STAGING_SLOT_BYTES;
}

#endif
