// Records of calls that go on in this process. Nothing here may change what the program sees.
#include "observe.h"

#include <string.h>

#include "../Transport/errors.h"
#include "../Transport/ring.h"
#include "flexnpu_functions.h"

// ---- Which calls are recorded ------------------------------------------------------------------

/// What the switches say without a session: ask. (Read-only pages: shared by all programs.)
#define ASK8 2, 2, 2, 2, 2, 2, 2, 2
#define ASK64 ASK8, ASK8, ASK8, ASK8, ASK8, ASK8, ASK8, ASK8
#define ASK512 ASK64, ASK64, ASK64, ASK64, ASK64, ASK64, ASK64, ASK64
#define ASK4096 ASK512, ASK512, ASK512, ASK512, ASK512, ASK512, ASK512, ASK512
static const uint8_t ask_all[FX_FUNCTION_LIMIT] = {ASK4096, ASK4096};

const uint8_t *fx_recorded_bytes = ask_all;

void fx_recorded_follow(const uint8_t *bytes) {
    __atomic_store_n(&fx_recorded_bytes, bytes, __ATOMIC_RELEASE);
}

void fx_recorded_forget(void) { fx_recorded_follow(ask_all); }

/// Without a daemon the clock is looked at now and then only.
enum { calls_between_looks = 16 };

/// Now and then: does the daemon live? If not, the session is lost, and calls ask for a new one.
static int is_alive(struct fx_thread *self, struct fx_session *session, uint64_t now) {
    if (fx_likely(now - self->checked_ticks <= fx_ticks_fifth_second())) return 1;
    self->checked_ticks = now;
    return fx_session_alive(session);
}

int fx_recorded_ask(uint16_t function) {
    static uint32_t calls;
    uint32_t count = __atomic_load_n(&calls, __ATOMIC_RELAXED);
    __atomic_store_n(&calls, count + 1, __ATOMIC_RELAXED);
    if (count % calls_between_looks != 0) return 0;
    int saved_errno = errno;
    struct fx_thread *self = fx_thread_self();
    int recorded = 0;
    if (self != NULL && self->busy == 0) {
        self->busy = 1;
        struct fx_session *session = fx_session_observed();
        recorded = session != NULL && is_alive(self, session, fx_ticks()) &&
                   session->page->recorded[function] == FX_RECORDED_ON;
        self->busy = 0;
    }
    errno = saved_errno;
    return recorded;
}

// ---- Before and after the call -----------------------------------------------------------------

uint64_t fx_enter(void) {
    struct fx_thread *self = fx_thread_self();
    if (fx_likely(self != NULL)) self->depth++;
    return fx_ticks();
}

uint64_t fx_out(const void *pointer, unsigned bytes, int ok) {
    uint64_t value = 0;
    if (pointer == NULL || !ok) return 0;
    switch (bytes) {
        case 1: return *(const uint8_t *)pointer;
        case 2: {
            uint16_t half;
            memcpy(&half, pointer, 2);
            return half;
        }
        case 4: {
            uint32_t single;
            memcpy(&single, pointer, 4);
            return single;
        }
        default: memcpy(&value, pointer, bytes < 8 ? bytes : 8); return value;
    }
}

enum { attach_retry_ms = 1000 };

/// The thread has no ring in the current session: its first record, or the session is new, or this
/// is a forked child.
static int attach(struct fx_thread *self) {
    int64_t now = fx_milliseconds();
    if (now < self->next_attach_ms) return 0;
    struct fx_session *session = fx_session_observed();
    if (session == NULL) {
        fx_thread_detach(self);
        return 0;
    }
    if (self->session == session && self->ring != NULL) return 1;
    if (fx_thread_attach(self, session) == 0) return 1;
    self->next_attach_ms = now + attach_retry_ms;
    self->message[0] = 0;
    return 0;
}

/// Where the strings and arrays go, and how many bytes they take. What would be too many is cut; a
/// length that no record could hold is left out, because a program that is wrong about it (and
/// was told so by the vendor's library) may not have that memory at all.
static uint32_t lay_out(
    const struct fx_span *spans, unsigned count, uint32_t limit, uint32_t *lengths, int *cut) {
    uint64_t used = 0;
    for (unsigned i = 0; i < count; i++) {
        uint64_t bytes = spans[i].pointer != NULL ? spans[i].bytes : 0;
        if (bytes > limit - used) {
            bytes = bytes > limit ? 0 : limit - used;
            *cut = 1;
        }
        lengths[i] = (uint32_t)bytes;
        used += bytes;
    }
    return (uint32_t)used;
}

/// Spans of one record, and the bytes that they may have together: a record is not to fill the
/// ring.
enum { span_limit = 16, span_bytes_limit = 32768 };

/// The daemon looks at observed rings by itself, every 10 ms at least: a wake-up a record would
/// cost more than all the rest. Only a ring that fills up faster wakes it.
static void wake_if_filling(struct fx_thread *self) {
    uint32_t capacity = self->data_mask + 1;
    self->look_at = self->tail + capacity / 32;
    if (self->tail - __atomic_load_n(&self->ring->head, __ATOMIC_RELAXED) < capacity / 8) return;
    int saved_errno = errno;
    fx_session_doorbell(self->session);
    errno = saved_errno;
}

/// Writes the strings and arrays behind the words, whose places in the record the words then are.
static void write_spans(
    uint64_t *out, unsigned word_count, const struct fx_span *spans, unsigned span_count,
    const uint32_t *lengths, uint32_t padded) {
    uint8_t *text = (uint8_t *)(out + word_count);
    uint32_t offset = 0;
    if (padded != 0) memset(text + padded - 8, 0, 8);
    for (unsigned i = 0; i < span_count; i++) {
        uint64_t place = lengths[i] != 0 ? (uint64_t)offset << 32 | lengths[i] : 0;
        if (spans[i].word < word_count) out[spans[i].word] = place;
        fx_copy(text + offset, spans[i].pointer, lengths[i]);
        offset += lengths[i];
    }
}

/// A record's head but for its size, its bytes and its number.
struct call_head {
    uint64_t now, duration, stream;
    int32_t result;
    uint16_t function;
    uint8_t flags;
};

static void write_record(
    struct fx_thread *self, struct call_head head, const uint64_t *words, unsigned word_count,
    const struct fx_span *spans, unsigned span_count) {
    uint32_t lengths[span_limit];
    uint32_t bytes = 0;
    if (span_count != 0) {
        int cut = span_count > span_limit;
        if (cut) span_count = span_limit;
        bytes = lay_out(spans, span_count, span_bytes_limit, lengths, &cut);
        if (cut) head.flags |= FX_FLAG_TRUNCATED;
    }
    uint32_t padded = (bytes + 7) & ~7u;
    uint32_t size = (uint32_t)sizeof(struct fx_record) + 8u * word_count + padded;
    uint32_t sequence = ++self->sequence;
    uint8_t *room = fx_ring_room(self, size);
    if (fx_unlikely(room == NULL)) {
        fx_ring_drop(self);
        wake_if_filling(self);
        return;
    }
    struct fx_record *record = (struct fx_record *)room;
    record->function = head.function;
    record->verb = FX_VERB_CALL;
    record->flags = head.flags;
    record->size = size;
    record->ticks = head.now;
    record->duration_ticks = head.duration;
    record->stream = head.stream;
    record->sequence = sequence;
    record->result = head.result;
    record->bytes = bytes;
    record->operands = 0;
    record->words = (uint16_t)word_count;
    uint64_t *out = (uint64_t *)(record + 1);
    for (unsigned i = 0; i < word_count; i++) out[i] = words[i];
    if (fx_unlikely(span_count != 0))
        write_spans(out, word_count, spans, span_count, lengths, padded);
    fx_ring_publish(self, size);
    if (fx_unlikely(self->tail >= self->look_at)) wake_if_filling(self);
}

void fx_leave(
    uint16_t function, uint64_t enter, int32_t result, uint64_t stream, const uint64_t *words,
    unsigned word_count, const struct fx_span *spans, unsigned span_count) {
    uint64_t now = fx_ticks();
    struct fx_thread *self = fx_thread_current();
    if (fx_unlikely(self == NULL)) return;
    uint32_t depth = self->depth - 1;
    self->depth = depth;
    if (fx_unlikely(self->busy != 0)) {
        // A signal handler that interrupted this very function.
        fx_ring_drop(self);
        return;
    }
    __atomic_store_n(&self->busy, 1, __ATOMIC_RELAXED);
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    int ready = 1;
    // One look tells a new session, a lost one, and a forked child, where there is none.
    if (fx_unlikely(self->session != fx_session_current() || self->ring == NULL)) {
        int saved_errno = errno;
        ready = attach(self);
        errno = saved_errno;
    } else if (fx_unlikely(now - self->checked_ticks > fx_ticks_fifth_second())) {
        int saved_errno = errno;
        ready = is_alive(self, self->session, now);
        errno = saved_errno;
    }
    if (fx_likely(ready)) {
        const struct call_head head = {
            .now = now,
            .duration = now - enter,
            .stream = stream,
            .result = result,
            .function = function,
            .flags = depth != 0 ? FX_FLAG_NESTED : 0,
        };
        write_record(self, head, words, word_count, spans, span_count);
    }
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    __atomic_store_n(&self->busy, 0, __ATOMIC_RELAXED);
}
