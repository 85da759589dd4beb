#include "fork.h"

#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>

#include "hooks.h"
#include "mode.h"

enum { dead = 0, living = 1, reviving = 2 };

static struct fx_process nobody;
struct fx_process *fx_process = &nobody;
static uint32_t is_fork;

/// fork() calls this in the child; clone() does not, there the wiped page tells.
static void child(void) {
    fx_on_fork();
    __atomic_store_n(&fx_process->session, NULL, __ATOMIC_RELEASE);
    __atomic_store_n(&fx_process->alive, dead, __ATOMIC_RELEASE);
}

int fx_process_begin(void) {
    if (__atomic_load_n(&fx_process, __ATOMIC_ACQUIRE) != &nobody) return 0;
    struct fx_process *page =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return -1;
    madvise(page, 4096, MADV_WIPEONFORK);  // where the kernel cannot: the handler
    pthread_atfork(NULL, NULL, child);
    page->alive = living;
    __atomic_store_n(&fx_process, page, __ATOMIC_RELEASE);
    return 0;
}

void fx_fork_check(void) {
    struct fx_process *process = __atomic_load_n(&fx_process, __ATOMIC_ACQUIRE);
    if (process == &nobody) return;
    uint32_t state = __atomic_load_n(&process->alive, __ATOMIC_ACQUIRE);
    if (fx_likely(state == living)) return;
    uint32_t expected = dead;
    if (__atomic_compare_exchange_n(
            &process->alive, &expected, reviving, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        fx_on_first_call_in_child();
        __atomic_store_n(&is_fork, fx_mode() == FX_MODE_ROUTE, __ATOMIC_RELAXED);
        __atomic_store_n(&process->alive, living, __ATOMIC_RELEASE);
        return;
    }
    // Another thread of the child got here first; it does nothing that takes time.
    for (int turn = 0; turn < 1000 && expected == reviving; turn++) {
        sched_yield();
        expected = __atomic_load_n(&process->alive, __ATOMIC_ACQUIRE);
    }
}

int fx_process_is_fork(void) { return __atomic_load_n(&is_fork, __ATOMIC_RELAXED) != 0; }
void fx_process_adopt(void) { __atomic_store_n(&is_fork, 0, __ATOMIC_RELAXED); }
