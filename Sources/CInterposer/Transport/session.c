#include "session.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "connect.h"
#include "hooks.h"
#include "mode.h"
#include "socket.h"

/// Observe: how long the first and the later attempts may hold the program, and how far apart they
/// are.
enum { first_budget_ms = 100, later_budget_ms = 5, retry_ms = 2000, observed_ask_ms = 100 };
/// Route: the program cannot go on without the daemon, so it may be given time.
enum { routed_budget_ms = 10000, routed_retry_ms = 1000, poll_ms = 20, routed_ask_ms = 30000 };
/// Our descriptors live high, out of the way of programs that close or select on low ones.
enum { lowest_descriptor = 900 };

static struct {
    struct fx_lock lock;    // held while connecting
    struct fx_lock asking;  // held from an ask over the socket to its answer
    int socket, doorbell;
    // What the two descriptors were: a program may have closed them and opened others.
    dev_t device[2];
    ino_t inode[2];
    int64_t next_attempt_ms;
    uint32_t attempts;
    char why[256];
} state = {.socket = -1, .doorbell = -1};

// ---- Descriptors -------------------------------------------------------------------------------

static int still_ours(int descriptor, int which) {
    struct stat status;
    return descriptor >= 0 && fstat(descriptor, &status) == 0 &&
           status.st_dev == state.device[which] && status.st_ino == state.inode[which];
}

/// Puts a new descriptor in the place of an old one, or in a high place. The number then stays
/// ours, so that a thread that is about to write to it can never write into a file of the
/// program's.
static int settle(int fresh, int old, int which) {
    struct stat status;
    int place = old;
    if (still_ours(old, which)) {
        if (dup3(fresh, old, O_CLOEXEC) != old) place = -1;
        close(fresh);
    } else {
        place = fcntl(fresh, F_DUPFD_CLOEXEC, lowest_descriptor);
        if (place >= 0)
            close(fresh);
        else
            place = fresh;
    }
    if (place >= 0 && fstat(place, &status) == 0) {
        state.device[which] = status.st_dev;
        state.inode[which] = status.st_ino;
    }
    return place;
}

void fx_session_close_in_child(void) {
    if (still_ours(state.socket, 0)) close(state.socket);
    if (still_ours(state.doorbell, 1)) close(state.doorbell);
    state.socket = state.doorbell = -1;
}

void fx_session_reset_in_child(void) {
    state.lock.word = state.asking.word = 0;
    state.next_attempt_ms = 0;
    state.attempts = 0;
    fx_on_observing(NULL);
}

void *fx_map_sealed(int descriptor, uint64_t least, uint64_t *bytes) {
    struct stat status;
    void *mapped = MAP_FAILED;
    int seals = descriptor >= 0 ? fcntl(descriptor, F_GET_SEALS) : -1;
    if (seals >= 0 && (seals & F_SEAL_SHRINK) != 0 && fstat(descriptor, &status) == 0 &&
        status.st_size > 0 && (uint64_t)status.st_size >= least) {
        *bytes = (uint64_t)status.st_size;
        mapped = mmap(NULL, *bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    }
    // Not close(), at which a cancelled thread would end and leave the mapping to nobody.
    if (descriptor >= 0) syscall(SYS_close, descriptor);
    return mapped == MAP_FAILED ? NULL : mapped;
}

// ---- Making a session --------------------------------------------------------------------------

/// A session from a handshake. Takes its descriptors, whatever comes of it.
static struct fx_session *settle_session(struct fx_connection *connection) {
    const struct fx_welcome *welcome = &connection->welcome;
    uint64_t page_bytes, staging_bytes;
    struct fx_session *session = mmap(
        NULL, sizeof(*session), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct fx_session_page *page = fx_map_sealed(connection->page, sizeof(*page), &page_bytes);
    uint8_t *staging =
        fx_map_sealed(connection->staging, FX_STAGING_SLOT_BYTES, &staging_bytes);
    if (session == MAP_FAILED || page == NULL || staging == NULL || connection->doorbell < 0 ||
        page->magic != FX_MAGIC || page->version != FX_WIRE_VERSION) {
        snprintf(state.why, sizeof(state.why), "the FlexNPU daemon's shared memory is not usable");
        close(connection->socket);
        if (connection->doorbell >= 0) close(connection->doorbell);
        if (session != MAP_FAILED) munmap(session, sizeof(*session));
        if (page != NULL) munmap(page, page_bytes);
        if (staging != NULL) munmap(staging, staging_bytes);
        return NULL;
    }
    madvise(staging, staging_bytes, MADV_DONTFORK);  // a child has no use for it
    session->page = page;
    session->staging = staging;
    session->staging_bytes = staging_bytes;
    session->staging_slots = (uint32_t)(staging_bytes / FX_STAGING_SLOT_BYTES);
    if (session->staging_slots > FX_STAGING_SLOTS) session->staging_slots = FX_STAGING_SLOTS;
    session->welcome = *welcome;
    state.socket = settle(connection->socket, state.socket, 0);
    state.doorbell = settle(connection->doorbell, state.doorbell, 1);
    return session;
}

/// One attempt. The lock is held.
static struct fx_session *attempt(uint32_t mode, int64_t budget_ms) {
    int cancel;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
    fx_on_connect();
    struct fx_connection connection;
    struct fx_session *session = NULL;
    int64_t deadline = fx_milliseconds() + budget_ms;
    if (fx_process_begin() == 0 &&
        fx_connect(&connection, mode, deadline, state.why, sizeof(state.why)) == 0)
        session = settle_session(&connection);
    if (session != NULL) __atomic_store_n(&fx_process->session, session, __ATOMIC_RELEASE);
    state.attempts++;
    pthread_setcancelstate(cancel, NULL);
    return session;
}

struct fx_session *fx_session_observed(void) {
    fx_fork_check();
    struct fx_session *session = fx_session_current();
    if (session != NULL) return session;
    if (fx_milliseconds() < __atomic_load_n(&state.next_attempt_ms, __ATOMIC_RELAXED)) return NULL;
    fx_lock_take(&state.lock);
    session = fx_session_current();
    if (session == NULL && fx_milliseconds() >= state.next_attempt_ms) {
        session = attempt(FX_MODE_OBSERVE, state.attempts ? later_budget_ms : first_budget_ms);
        __atomic_store_n(&state.next_attempt_ms, fx_milliseconds() + retry_ms, __ATOMIC_RELAXED);
        if (session != NULL) fx_on_observing(session->page->recorded);
    }
    if (session == NULL) fx_on_observing(NULL);
    fx_lock_give(&state.lock);
    return session;
}

/// FLEXNPU_DAEMON_LOST: how long the first call waits for a daemon that is not there yet.
static int64_t patience_ms(void) {
    const char *setting = secure_getenv("FLEXNPU_DAEMON_LOST");
    if (setting == NULL || strncmp(setting, "wait:", 5) != 0) return 0;
    long seconds = strtol(setting + 5, NULL, 10);
    return seconds < 0 ? 0 : seconds > 3600 ? 3600000 : seconds * 1000;
}

static struct fx_session *attempt_patiently(void) {
    int64_t begun = fx_milliseconds(), until = begun + patience_ms();
    for (;;) {
        struct fx_session *session = attempt(FX_MODE_ROUTE, routed_budget_ms);
        int absent = errno == ENOENT || errno == ECONNREFUSED;
        // A daemon with a crowd before it is given the time that it has for an answer.
        int crowded = errno == EAGAIN;
        int64_t end = crowded && until < begun + routed_budget_ms ? begun + routed_budget_ms : until;
        if (session != NULL || !(absent || crowded) || fx_milliseconds() >= end) return session;
        struct timespec pause = {0, poll_ms * 1000000};
        clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
    }
}

struct fx_session *fx_session_routed(char *why, size_t why_bytes) {
    fx_fork_check();
    struct fx_session *session = fx_session_current();
    if (session != NULL) return session;
    fx_lock_take(&state.lock);
    session = fx_session_current();
    if (session == NULL && fx_process_is_fork()) {
        snprintf(
            why, why_bytes,
            "this process was forked from one that uses the device; what its parent made is not its "
            "own: call aclInit to begin anew");
    } else if (session == NULL) {
        if (fx_milliseconds() >= state.next_attempt_ms) {
            session = attempt_patiently();
            state.next_attempt_ms = fx_milliseconds() + routed_retry_ms;
        }
        if (session == NULL) snprintf(why, why_bytes, "%s", state.why);
    }
    fx_lock_give(&state.lock);
    return session;
}

int fx_session_renew(void) {
    fx_fork_check();
    fx_lock_take(&state.lock);
    struct fx_session *session = fx_session_current();
    int renew = (session != NULL && fx_session_lost(session)) || fx_process_is_fork();
    if (renew) {
        __atomic_store_n(&fx_process->session, NULL, __ATOMIC_RELEASE);
        fx_on_session_end();
        fx_process_adopt();
        state.next_attempt_ms = 0;
        // Another thread may be copying out of the lost session's staging area: its addresses stay
        // mapped, its memory goes back.
        if (session != NULL)
            mmap(
                session->staging, session->staging_bytes, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
    }
    fx_lock_give(&state.lock);
    return renew;
}

// ---- Losing it ---------------------------------------------------------------------------------

void fx_session_lose(struct fx_session *session) {
    if (__atomic_exchange_n(&session->lost, 1, __ATOMIC_ACQ_REL) != 0) return;
    if (fx_mode() == FX_MODE_ROUTE) return;  // stays current: its calls say that it is lost
    fx_on_observing(NULL);
    struct fx_session *expected = session;
    __atomic_compare_exchange_n(
        &fx_process->session, &expected, NULL, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

int fx_session_alive(struct fx_session *session) {
    if (fx_session_lost(session)) return 0;
    uint32_t daemon = __atomic_load_n(&session->page->daemon_state, __ATOMIC_ACQUIRE);
    if (daemon != FX_DAEMON_GONE && still_ours(state.socket, 0) && !fx_socket_hung_up(state.socket))
        return 1;
    fx_session_lose(session);
    return 0;
}

void fx_session_doorbell(struct fx_session *session) {
    uint32_t *sleeping = &session->page->daemon_sleeping;
    if (fx_likely(__atomic_load_n(sleeping, __ATOMIC_SEQ_CST) == 0)) return;
    // One sleep, one write: whoever takes the flag rings.
    if (__atomic_exchange_n(sleeping, 0, __ATOMIC_SEQ_CST) == 0) return;
    uint64_t one = 1;
    if (still_ours(state.doorbell, 1)) syscall(SYS_write, state.doorbell, &one, sizeof(one));
}

// ---- Asks over the socket ----------------------------------------------------------------------

int32_t fx_socket_request(
    struct fx_session *session, const struct fx_socket_ask *ask, struct fx_socket_answer *answer,
    int *descriptor) {
    int cancel;
    int32_t status = FX_SOCKET_LOST;
    *descriptor = -1;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
    fx_lock_take(&state.asking);
    if (fx_session_alive(session)) {
        int budget = fx_mode() == FX_MODE_ROUTE ? routed_ask_ms : observed_ask_ms;
        int64_t deadline = fx_milliseconds() + budget;
        if (fx_socket_send(state.socket, ask, sizeof(*ask), deadline) == 0 &&
            fx_socket_receive(state.socket, answer, sizeof(*answer), descriptor, 1, deadline) == 0)
            status = answer->status;
        else
            fx_session_lose(session);  // half an answer may still come: the stream is out of step
    }
    fx_lock_give(&state.asking);
    pthread_setcancelstate(cancel, NULL);
    answer->message[sizeof(answer->message) - 1] = 0;
    return status;
}
