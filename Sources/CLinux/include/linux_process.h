// linux_process.h: threads and processes.
#ifndef FX_LINUX_PROCESS_H
#define FX_LINUX_PROCESS_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

static inline int32_t fx_thread_id(void) { return (int32_t)syscall(SYS_gettid); }

/// Names this thread; at most 15 bytes count.
static inline void fx_thread_name(const char *_Nonnull name) { prctl(PR_SET_NAME, name); }

/// Keeps this thread on one processor. 0 or -1.
static inline int fx_thread_pin(int cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((unsigned)cpu, &set);
    return sched_setaffinity(0, sizeof(set), &set);
}

/// A descriptor that becomes readable when the process ends.
static inline int fx_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

/// The signal that this process gets when the thread that started it ends.
static inline int fx_parent_death_signal(int signal) { return prctl(PR_SET_PDEATHSIG, signal); }

/// The status of a child that has ended: its exit code, or 128 + the signal that ended it, with `killed` 1.
static inline int fx_wait_code(int status, int *_Nonnull killed) {
    *killed = WIFSIGNALED(status) ? 1 : 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// An empty signal set and a full one, for a child's mask and defaults.
static inline void fx_signals_none(sigset_t *_Nonnull set) { sigemptyset(set); }
static inline void fx_signals_all(sigset_t *_Nonnull set) { sigfillset(set); }

#endif
