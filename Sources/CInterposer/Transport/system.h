// system.h: the little of the machine that everything here stands on: time stamps, futexes, a lock.
#ifndef FX_SYSTEM_H
#define FX_SYSTEM_H

#include <errno.h>
#include <linux/futex.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "compiler.h"

// ---- Time --------------------------------------------------------------------------------------

/// A time stamp of this core's counter, which runs the same on all cores.
static inline uint64_t fx_ticks(void) {
#if defined(__x86_64__)
    return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
    uint64_t ticks;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
    return ticks;
#else
#error "FlexNPU knows x86-64 and aarch64"
#endif
}

/// A time stamp that no earlier load of this thread can pass. A routed call takes it: where one
/// call of the program happens before another, on whatever threads, its stamp is not later.
static inline uint64_t fx_ticks_ordered(void) {
#if defined(__x86_64__)
    __builtin_ia32_lfence();
    return __builtin_ia32_rdtsc();
#else
    uint64_t ticks;
    __asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(ticks)::"memory");
    return ticks;
#endif
}

static inline void fx_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#else
    __asm__ volatile("yield");
#endif
}

/// Returns when a stamp that is taken from now on is later than all that were taken before, and not
/// the same, on whatever core. Needed where two records of different rings may not change places.
static inline void fx_ticks_pass(void) {
#if defined(__aarch64__)
    // The counter may be slow: 10 to 40 ns. On x86-64 it counts faster than a stamp is taken.
    uint64_t now = fx_ticks_ordered();
    while (fx_ticks_ordered() == now) fx_pause();
#endif
}

/// Ticks of roughly a fifth of a second: 0.1 to 0.5 s at any clock that is built.
static inline uint64_t fx_ticks_fifth_second(void) {
#if defined(__x86_64__)
    return 500000000u;
#else
    uint64_t frequency;
    __asm__ volatile("mrs %0, cntfrq_el0" : "=r"(frequency));
    return frequency / 5;
#endif
}

static inline int64_t fx_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static inline int64_t fx_milliseconds(void) { return fx_nanoseconds() / 1000000; }

// ---- Memory ------------------------------------------------------------------------------------

/// memcpy that may be given NULL for nothing.
static inline void fx_copy(void *to, const void *from, size_t bytes) {
    if (bytes != 0) memcpy(to, from, bytes);
}

// ---- Futex -------------------------------------------------------------------------------------
// Raw system calls: none of them is a cancellation point, so a cancelled thread never leaves a lock
// held or a record half-written. Shared between processes where `shared` is 1.

static inline void fx_futex_wait(uint32_t *word, uint32_t value, int shared, int64_t nanoseconds) {
    struct timespec slice = {nanoseconds / 1000000000, nanoseconds % 1000000000};
    syscall(SYS_futex, word, shared ? FUTEX_WAIT : FUTEX_WAIT_PRIVATE, value, &slice, NULL, 0);
}

static inline void fx_futex_wake(uint32_t *word, int count, int shared) {
    syscall(SYS_futex, word, shared ? FUTEX_WAKE : FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
}

// ---- Lock --------------------------------------------------------------------------------------

/// A lock of one word, so that a forked child can set it free: whoever held it is not in the child.
struct fx_lock {
    uint32_t word;  // 0 free, 1 held, 2 held and somebody sleeps
};

void fx_lock_contended(struct fx_lock *lock);

static inline void fx_lock_take(struct fx_lock *lock) {
    uint32_t free = 0;
    if (!__atomic_compare_exchange_n(
            &lock->word, &free, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        fx_lock_contended(lock);
}

static inline void fx_lock_give(struct fx_lock *lock) {
    if (__atomic_exchange_n(&lock->word, 0, __ATOMIC_RELEASE) == 2)
        fx_futex_wake(&lock->word, 1, 0);
}

#endif
