#include "system.h"

/// Ten times the longest that a lock is held while the daemon is asked; the time limit only bounds
/// how long a lost wake-up (a holder killed by a debugger, say) could go unnoticed.
static const int64_t recheck_nanoseconds = 100000000;

void fx_lock_contended(struct fx_lock *lock) {
    for (int spin = 0; spin < 100; spin++) {
        uint32_t free = 0;
        if (__atomic_compare_exchange_n(
                &lock->word, &free, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
            return;
        fx_pause();
    }
    while (__atomic_exchange_n(&lock->word, 2, __ATOMIC_ACQUIRE) != 0)
        fx_futex_wait(&lock->word, 2, 0, recheck_nanoseconds);
}
