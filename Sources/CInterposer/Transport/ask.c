#include "ask.h"

#include <stdio.h>
#include <string.h>

#include "../Generated/names.h"
#include "errors.h"
#include "thread.h"

/// How long a wait spins before it sleeps: longer than a wake-up of the daemon (about 10 to 20 µs),
/// so that the usual small operation is answered without the program having slept at all.
static const int64_t spin_nanoseconds = 50000;
/// After a wait that took longer than `long_nanoseconds` the next one hardly spins: it waits for real
/// work, and somebody else may want the processor.
static const int64_t short_spin_nanoseconds = 2000, long_nanoseconds = 200000;
/// How long a sleep lasts before it is asked whether the daemon still lives.
static const int64_t slice_nanoseconds = 100000000;
/// How much later than the daemon's own time limit a wait is given up here.
enum { grace_ms = 1000 };

static int is_answered(struct fx_ring *ring, uint32_t sequence) {
    return __atomic_load_n(&ring->reply_sequence, __ATOMIC_ACQUIRE) == sequence;
}

static int spin_for_answer(struct fx_ring *ring, uint32_t sequence, int64_t until) {
    do {
        for (int turn = 0; turn < 16; turn++) {
            if (is_answered(ring, sequence)) return 1;
            fx_pause();
        }
    } while (fx_nanoseconds() < until);
    return 0;
}

/// Sleeps until the answer is there. 0, FX_ERROR_LOST, or FX_ERROR_TIMEOUT (`until_ms` 0: no
/// limit).
static int32_t sleep_for_answer(struct fx_thread *self, uint32_t sequence, int64_t until_ms) {
    struct fx_ring *ring = self->ring;
    int32_t status = 0;
    for (;;) {
        // Before the look at the sequence: the daemon stores the sequence and then looks at this.
        __atomic_store_n(&ring->reply_waiting, 1, __ATOMIC_SEQ_CST);
        uint32_t answered = __atomic_load_n(&ring->reply_sequence, __ATOMIC_SEQ_CST);
        if (answered == sequence) break;
        fx_futex_wait(&ring->reply_sequence, answered, 1, slice_nanoseconds);
        if (is_answered(ring, sequence)) break;
        if (!fx_session_alive(self->session)) {
            status = is_answered(ring, sequence) ? 0 : FX_ERROR_LOST;
            break;
        }
        if (until_ms != 0 && fx_milliseconds() > until_ms) {
            status = FX_ERROR_TIMEOUT;
            break;
        }
    }
    __atomic_store_n(&ring->reply_waiting, 0, __ATOMIC_RELAXED);
    return status;
}

/// The text of a failed ask: the daemon's, or at least which call it was.
static void keep_message(struct fx_thread *self, uint16_t function, const struct fx_reply *reply) {
    if (reply->byte_count > 0)
        fx_message(self, "%.*s", (int)reply->byte_count, (const char *)reply->bytes);
    else
        fx_message(self, "%s failed with %d", fx_function_name(function), reply->status);
}

static int32_t await(
    struct fx_thread *self, uint16_t function, uint32_t sequence, struct fx_reply *reply,
    int64_t timeout_ms) {
    struct fx_ring *ring = self->ring;
    int64_t start = fx_nanoseconds();
    int64_t spin = self->session->welcome.run_inline == 0 ? 0
                   : self->waited_long                    ? short_spin_nanoseconds
                                                          : spin_nanoseconds;
    int answered = spin_for_answer(ring, sequence, start + spin);
    if (answered) self->waited_long = 0;
    if (!answered) {
        int64_t until_ms = timeout_ms < 0 ? 0 : fx_milliseconds() + timeout_ms + grace_ms;
        int32_t status = sleep_for_answer(self, sequence, until_ms);
        self->waited_long = fx_nanoseconds() - start > long_nanoseconds;
        if (status == FX_ERROR_LOST) return fx_daemon_lost(self);
        if (status == FX_ERROR_TIMEOUT) {
            // The answer may still come, into this ring: the thread goes on with another.
            fx_thread_detach(self);
            return fx_fail(
                self, FX_ERROR_TIMEOUT, "%s: not answered within %lld ms",
                fx_function_name(function), (long long)timeout_ms);
        }
    }
    reply->status = ring->reply_status;
    uint32_t bytes = ring->reply_bytes;
    reply->byte_count = bytes <= FX_REPLY_BYTES ? bytes : FX_REPLY_BYTES;
    memcpy(reply->words, ring->reply_words, sizeof(reply->words));
    reply->bytes = ring->reply;
    if (reply->status != 0) keep_message(self, function, reply);
    return reply->status;
}

int32_t fx_ask_timeout(
    struct fx_thread *self, const struct fx_call *call, const struct fx_operands *operands,
    struct fx_reply *reply, int64_t timeout_ms) {
    struct fx_call ask = *call;
    ask.flags |= FX_FLAG_ASK;
    int32_t status = fx_send(self, &ask, operands);
    if (status != 0) return status;
    return await(self, call->function, self->sequence, reply, timeout_ms);
}

int32_t fx_ask(
    struct fx_thread *self, const struct fx_call *call, const struct fx_operands *operands,
    struct fx_reply *reply) {
    return fx_ask_timeout(self, call, operands, reply, -1);
}

int32_t fx_await(
    struct fx_thread *self, uint16_t function, uint32_t sequence, struct fx_reply *reply) {
    return await(self, function, sequence, reply, -1);
}
