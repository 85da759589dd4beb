#include "thread.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "errors.h"

__thread struct fx_thread *fx_thread_known __attribute__((tls_model("initial-exec")));

/// The smallest ring that is worth having.
enum { least_data = 65536 };
/// Scratch memory at first: only the pages that are used take memory.
enum { least_scratch = 131072 };

static pthread_key_t key;
static uint32_t key_state;  // 0 none, 1 being made, 2 made

/// Puts the ring aside and takes that of the device up, if there is one.
static void exchange_rings(struct fx_thread *self, int32_t device) {
    self->parked[self->ring_device] = self->end;
    self->end = self->parked[device];
    self->parked[device] = (struct fx_ring_end){0};
    self->ring_device = device;
}

static void detach_all(struct fx_thread *self) {
    fx_thread_detach(self);
    for (int32_t device = 0; device < FX_DEVICE_LIMIT; device++) {
        if (self->parked[device].ring == NULL) continue;
        exchange_rings(self, device);
        fx_thread_detach(self);
    }
}

static void thread_ended(void *thread) {
    struct fx_thread *self = thread;
    if (fx_thread_known == self) fx_thread_known = NULL;
    fx_fork_check();
    detach_all(self);
    if (self->scratch != NULL) munmap(self->scratch, self->scratch_bytes);
    munmap(self, sizeof(*self));
}

/// Has the thread's end told to us. Without it the thread's ring stays until the process ends.
static void watch_end(struct fx_thread *self) {
    uint32_t none = 0;
    if (__atomic_compare_exchange_n(
            &key_state, &none, 1, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        uint32_t made = pthread_key_create(&key, thread_ended) == 0 ? 2 : 0;
        __atomic_store_n(&key_state, made, __ATOMIC_RELEASE);
    }
    for (int turn = 0; turn < 1000; turn++) {
        uint32_t state = __atomic_load_n(&key_state, __ATOMIC_ACQUIRE);
        if (state == 2) pthread_setspecific(key, self);
        if (state != 1) return;
        sched_yield();
    }
}

struct fx_thread *fx_thread_self(void) {
    struct fx_thread *self = fx_thread_known;
    if (fx_likely((uintptr_t)self > (uintptr_t)FX_THREAD_MAKING)) return self;
    if (self == FX_THREAD_MAKING) return NULL;
    fx_thread_known = FX_THREAD_MAKING;
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    // Not malloc: this may be a signal handler, and malloc may be what it interrupted.
    self = mmap(NULL, sizeof(*self), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (self == MAP_FAILED) {
        fx_thread_known = NULL;
        return NULL;
    }
    self->id = (uint32_t)syscall(SYS_gettid);
    watch_end(self);
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    fx_thread_known = self;
    return self;
}

int fx_thread_attach(struct fx_thread *self, struct fx_session *session) {
    fx_thread_detach(self);
    self->id = (uint32_t)syscall(SYS_gettid);  // a forked child's first thread has a new one
    struct fx_socket_ask ask = {
        .kind = FX_SOCKET_RING, .a = self->id, .b = (uint64_t)self->ring_device};
    prctl(PR_GET_NAME, ask.text);
    struct fx_socket_answer answer = {0};
    int descriptor;
    int32_t status = fx_socket_request(session, &ask, &answer, &descriptor);
    if (status != 0) {
        if (descriptor >= 0) close(descriptor);
        fx_message(
            self, "the daemon gave this thread no ring: %s",
            status == FX_SOCKET_LOST ? "it is gone" : answer.message);
        return -1;
    }
    uint64_t bytes;
    struct fx_ring *ring = fx_map_sealed(descriptor, FX_RING_DATA_OFFSET + least_data, &bytes);
    uint32_t data = ring != NULL ? ring->data_bytes : 0;
    if (data < least_data || (data & (data - 1)) != 0 || data > bytes - FX_RING_DATA_OFFSET ||
        ring->magic != FX_MAGIC || ring->version != FX_WIRE_VERSION) {
        fx_message(self, "the daemon's ring is not usable");
        if (ring != NULL) munmap(ring, bytes);
        return -1;
    }
    self->ring = ring;
    self->ring_bytes = bytes;
    self->data = (uint8_t *)ring + FX_RING_DATA_OFFSET;
    self->data_mask = data - 1;
    self->sequence = 0;
    self->tail = self->head = self->look_at = 0;
    self->checked_ticks = fx_ticks();
    self->session = session;
    return 0;
}

int32_t fx_thread_switch_ring(
    struct fx_thread *self, struct fx_session *session, int32_t device) {
    if (self->ring_device != device) exchange_rings(self, device);
    if (fx_likely(self->ring != NULL && self->session == session)) return 0;
    if (fx_thread_attach(self, session) == 0) return 0;
    return fx_session_lost(session) ? fx_daemon_lost(self) : FX_ERROR_INTERNAL_ERROR;
}

void fx_thread_detach(struct fx_thread *self) {
    struct fx_ring *ring = self->ring;
    self->ring = NULL;
    if (ring != NULL) {
        // In a forked child the ring is the parent's: leave it as it is.
        if (self->session == fx_session_current()) {
            __atomic_store_n(&ring->finished, 1, __ATOMIC_SEQ_CST);
            fx_session_doorbell(self->session);
        }
        munmap(ring, self->ring_bytes);
    }
    self->session = NULL;
}

uint8_t *fx_thread_scratch(struct fx_thread *self, size_t bytes) {
    if (fx_likely(bytes <= self->scratch_bytes)) return self->scratch;
    size_t rounded = self->scratch_bytes ? self->scratch_bytes : least_scratch;
    while (rounded < bytes) rounded *= 2;
    // Pages, not malloc: leak checkers do not look for pointers in this structure.
    void *larger = self->scratch != NULL
                       ? mremap(self->scratch, self->scratch_bytes, rounded, MREMAP_MAYMOVE)
                       : mmap(NULL, rounded, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (larger == MAP_FAILED) return NULL;
    self->scratch = larger;
    self->scratch_bytes = rounded;
    return larger;
}
