// session.h: the connection with the daemon. A process has at most one current session.
#ifndef FX_SESSION_H
#define FX_SESSION_H

#include "flexnpu_wire.h"
#include "fork.h"
#include "system.h"

/// A session. It is never unmapped while the process lives: another thread may be inside a call
/// that uses it. A session that is lost gives its memory back by being mapped over (see session.c).
struct fx_session {
    struct fx_session_page *page;
    uint8_t *staging;
    uint64_t staging_bytes;
    uint32_t staging_slots;
    uint32_t staging_sleepers;                 // threads of this process that wait for a slot
    uint32_t lost;                             // 1: the daemon is gone, or the connection is
    uint32_t staging_taken[FX_STAGING_SLOTS];  // 1: a call of this process is using the slot
    struct fx_welcome welcome;
};

static inline struct fx_session *fx_session_current(void) {
    struct fx_process *process = __atomic_load_n(&fx_process, __ATOMIC_ACQUIRE);
    return __atomic_load_n(&process->session, __ATOMIC_ACQUIRE);
}

/// The current session, or a new one if it is time for an attempt (see `fx_session_try`). NULL:
/// none.
struct fx_session *fx_session_observed(void);

/// For a routed call: the current session, also when it is lost. NULL: `why` says why there is
/// none.
struct fx_session *fx_session_routed(char *why, size_t why_bytes);

/// Forgets a lost session and everything that was made in it, so that the next call begins a new
/// one: 1 if it did. Called by aclInit.
int fx_session_renew(void);

/// Whether the daemon lives; if it does not, the session is lost from now on. A system call: for
/// slow paths.
int fx_session_alive(struct fx_session *session);
void fx_session_lose(struct fx_session *session);

static inline int fx_session_lost(const struct fx_session *session) {
    return __atomic_load_n(&session->lost, __ATOMIC_ACQUIRE) != 0;
}

/// Wakes the daemon if it sleeps. After publishing a record.
void fx_session_doorbell(struct fx_session *session);

/// One ask over the socket, with at most one descriptor in the answer (−1: none came). 0, or a
/// status: the daemon's own, or FX_SOCKET_LOST.
#define FX_SOCKET_LOST (-1)
int32_t fx_socket_request(
    struct fx_session *session, const struct fx_socket_ask *ask, struct fx_socket_answer *answer,
    int *descriptor);

/// Maps all of what the daemon sent and closes the descriptor. NULL where it is shorter than
/// `least` or could be cut short later (a read would then kill the process): only memory sealed
/// against shrinking is mapped.
void *fx_map_sealed(int descriptor, uint64_t least, uint64_t *bytes);

/// In a forked child: closes the parent's descriptors; and forgets its session.
void fx_session_close_in_child(void);
void fx_session_reset_in_child(void);

#endif
