#include "guard.h"

#include <string.h>

#include "../Generated/names.h"
#include "../Transport/ring.h"
#include "../Transport/tally.h"
#include "phases.h"

/// The thread has no ring in the current session: get one. Or the session is lost.
static int32_t attach(struct fx_thread *self) {
    char why[300] = "the FlexNPU daemon is gone";
    struct fx_session *session = fx_session_routed(why, sizeof(why));
    if (session == NULL) {
        fx_thread_detach(self);
        return fx_fail(self, FX_ERROR_LOST, "%s", why);
    }
    if (fx_session_lost(session)) return fx_daemon_lost(self);
    if (self->session == session && self->ring != NULL) return 0;
    // In another session than before the thread's context may be none any more.
    int64_t device = fx_device_current(self);
    self->device = device < 0 ? 0 : (int32_t)device;
    return fx_thread_switch_ring(self, session, self->device);
}

int32_t fx_begin_local(struct fx_thread **thread, uint16_t function) {
    struct fx_thread *self = fx_thread_self();
    if (fx_unlikely(self == NULL)) return FX_ERROR_BAD_ALLOCATION;
    if (fx_unlikely(self->busy != 0)) {
        // A signal handler has interrupted a call of this thread.
        return fx_fail(
            self, FX_ERROR_INTERNAL_ERROR,
            "%s was called by a signal handler that interrupted another AscendCL call",
            fx_function_name(function));
    }
    __atomic_store_n(&self->busy, 1, __ATOMIC_RELAXED);
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    self->saved_errno = errno;
    *thread = self;
    return 0;
}

/// A daemon that was killed leaves no word: look at the socket now and then, so that a program that
/// only enqueues learns of it as well.
static int32_t look(struct fx_thread *self) {
    self->checked_ticks = fx_ticks();
    return fx_session_alive(self->session) ? 0 : fx_daemon_lost(self);
}

int32_t fx_begin(struct fx_thread **thread, uint16_t function) {
    int32_t status = fx_begin_local(thread, function);
    if (fx_unlikely(status != 0)) return status;
    struct fx_thread *self = *thread;
    // In a forked child there is no current session, so this is one look for both.
    if (fx_unlikely(
            self->session != fx_session_current() || self->ring == NULL ||
            fx_session_lost(self->session)))
        status = attach(self);
    else if (fx_unlikely(fx_ticks() - self->checked_ticks > fx_ticks_fifth_second()))
        status = look(self);
    if (fx_likely(status == 0)) status = fx_thread_use_device(self, self->device);
    return fx_likely(status == 0) ? 0 : fx_end(self, status);
}

// ---- Calls that fail ---------------------------------------------------------------------------

/// Whether a record can be written now. No session is begun for it: a program that is not connected
/// has nobody who listens.
static int can_tell(struct fx_thread *self) {
    const struct fx_session *session = fx_session_current();
    if (session == NULL || fx_session_lost(session)) return 0;
    return (self->session == session && self->ring != NULL) || attach(self) == 0;
}

/// A record of a call that was answered here. The message stays the failing call's own.
static void tell(struct fx_thread *self, uint16_t function, int32_t status) {
    char message[sizeof(self->message)];
    memcpy(message, self->message, sizeof(message));
    const struct fx_call call = {.function = function, .result = status};
    const struct fx_operands operands = {.verb = FX_VERB_CALL};
    if (can_tell(self)) fx_send(self, &call, &operands);
    memcpy(self->message, message, sizeof(message));
}

int32_t fx_failed(uint16_t function, int32_t status) {
    struct fx_thread *self = fx_thread_self();
    if (self == NULL) return status;
    uint32_t outcome = self->outcome;
    self->last_error = status;
    if ((outcome & FX_EXPLAINED) == 0)
        fx_message(self, "%s failed with %d", fx_function_name(function), status);
    // A signal handler that interrupted another call leaves that call's ring alone.
    if ((outcome & FX_TOLD) == 0 && fx_begin_local(&self, function) == 0) {
        tell(self, function, status);
        fx_end(self, 0);
    }
    self->outcome = 0;
    return status;
}

int32_t fx_refuse(uint16_t function, int32_t code) {
    struct fx_thread *self = fx_thread_self();
    fx_tally_refused(function);
    if (self == NULL) return code;
    // A refusal may be all that a program ever gets: who listens is to hear of it.
    if (fx_begin(&self, function) == 0) fx_end(self, 0);
    const char *reason = fx_function_reason(function);
    fx_message(
        self, "%s is not supported under FlexNPU: %s", fx_function_name(function),
        reason != NULL ? reason : "not carried");
    self->outcome = FX_EXPLAINED;
    return fx_failed(function, code);
}
