// state.h: what one thread of the program is to FlexNPU.
#ifndef FX_STATE_H
#define FX_STATE_H

#include <stddef.h>
#include <stdint.h>

struct fx_ring;
struct fx_session;

/// More devices than any host has.
enum { FX_DEVICE_LIMIT = 64 };

// The producer's end of a ring. `session` says in which session the ring was made; another one makes
// it worthless.
#define FX_RING_END                                                                         \
    struct fx_session *session;                                                             \
    struct fx_ring *ring;                                                                   \
    uint8_t *data;                                                                          \
    uint32_t data_mask;                                                                     \
    uint32_t sequence; /* of the last record */                                             \
    uint64_t tail;     /* as published */                                                   \
    uint64_t head;     /* as last seen; the daemon may be further */                        \
    uint64_t look_at;  /* observe: the tail at which to see whether the ring fills up */    \
    size_t ring_bytes;

struct fx_ring_end {
    FX_RING_END
};

struct fx_thread {
    // The ring that it writes to now: that of one device. The rings of others wait in `parked`.
    union {
        struct fx_ring_end end;
        struct {
            FX_RING_END
        };
    };
    int32_t ring_device;  // whose ring that is
    int32_t device;       // of the current context; 0 where there is none
    // 1 while a record is being written or a routed call runs: a signal handler that comes in
    // between and calls AscendCL finds it, and does without.
    uint32_t busy;
    uint32_t depth;  // of observed calls
    uint32_t waited_long;      // route: the last wait for an answer was no short one
    uint64_t checked_ticks;    // when the daemon was last seen to live
    int64_t next_attach_ms;    // observe: no attempt to get a ring before then
    uint32_t id;               // the kernel's
    int32_t last_error;        // for aclrtGetLastError
    uint32_t outcome;          // FX_TOLD and FX_EXPLAINED of the call that runs; 0 between calls
    uint32_t missing;          // observe: the function, plus 1, that the vendor lacked last
    int saved_errno;
    uint64_t context;          // the current one, as a handle; 0: none
    uint64_t limit_stream;     // the stream whose limits of cores it uses; 0: none
    uint8_t *scratch;          // where signatures are encoded
    size_t scratch_bytes;
    char message[512];         // for aclGetRecentErrMsg; empty: none
    char returned[512];        // what it returned last
    struct fx_ring_end parked[FX_DEVICE_LIMIT];  // by device
};

/// What a failing call has left: a record for the daemon; a message.
enum { FX_TOLD = 1, FX_EXPLAINED = 2 };

/// Eight bytes of static TLS: a library that is dlopen'ed has only a little of it to share.
extern __thread struct fx_thread *fx_thread_known __attribute__((tls_model("initial-exec")));
#define FX_THREAD_MAKING ((struct fx_thread *)1)

static inline struct fx_thread *fx_thread_current(void) {
    struct fx_thread *self = fx_thread_known;
    return (uintptr_t)self > (uintptr_t)FX_THREAD_MAKING ? self : NULL;
}

#endif
