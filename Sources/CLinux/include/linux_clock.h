// linux_clock.h: the processor's counter, and waiting on a word of memory.
#ifndef FX_LINUX_CLOCK_H
#define FX_LINUX_CLOCK_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/// The counter that call records are stamped with; it runs the same on all cores.
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

/// Ticks per second where the processor says so itself, else 0.
static inline uint64_t fx_ticks_per_second(void) {
#if defined(__aarch64__)
    uint64_t frequency;
    __asm__ volatile("mrs %0, cntfrq_el0" : "=r"(frequency));
    return frequency;
#else
    return 0;
#endif
}

/// One turn of a spin loop.
static inline void fx_relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static inline int64_t fx_monotonic_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/// Sleeps while `*word == value`, at most `nanoseconds` (negative: without limit). Shared between processes.
static inline int fx_futex_wait(const void *word, uint32_t value, int64_t nanoseconds) {
    struct timespec limit = {nanoseconds / 1000000000, nanoseconds % 1000000000};
    return (int)syscall(
        SYS_futex, word, FUTEX_WAIT, value, nanoseconds < 0 ? NULL : &limit, NULL, 0);
}

static inline int fx_futex_wake(const void *word, int count) {
    return (int)syscall(SYS_futex, word, FUTEX_WAKE, count, NULL, NULL, 0);
}

/// The name of an errno, as "ENOENT"; NULL for an unknown one.
static inline const char *fx_errno_name(int code) { return strerrorname_np(code); }

#endif
