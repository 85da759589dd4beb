// Records of calls that go on in this process. Nothing here may change what the program sees.
#include "observe.h"

#include <string.h>

#include "entry.h"
#include "ring.h"

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
        recorded = session != NULL && session->page->recorded[function] != 0;
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

/// Now and then: does the daemon live? If not, records stop, and calls are forwarded at full speed.
static int look(struct fx_thread *self, uint64_t now) {
    self->checked_ticks = now;
    return fx_session_alive(self->session);
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

/// Marks mean something to the daemon in this mode as well. A range's id is the call's last word,
/// and the record's one operand.
static void set_mark(struct fx_record *head) {
    switch (head->function) {
        case FX_FUNCTION_mstxMarkA:
        case FX_FUNCTION_mstxDomainMarkA: head->verb = FX_VERB_MARK; return;
        case FX_FUNCTION_mstxRangeStartA:
        case FX_FUNCTION_mstxDomainRangeStartA: head->verb = FX_VERB_RANGE_BEGIN; break;
        case FX_FUNCTION_mstxRangeEnd:
        case FX_FUNCTION_mstxDomainRangeEnd: head->verb = FX_VERB_RANGE_END; break;
        default: return;
    }
    head->operands = head->words != 0;
}

static void write_record(
    struct fx_thread *self, struct fx_record *head, const uint64_t *words,
    const struct fx_span *spans, unsigned span_count) {
    uint32_t lengths[span_limit];
    int cut = span_count > span_limit;
    if (cut) span_count = span_limit;
    uint32_t bytes = lay_out(spans, span_count, span_bytes_limit, lengths, &cut);
    uint32_t padded = (bytes + 7) & ~7u;
    uint32_t size = (uint32_t)sizeof(*head) + 8u * (head->words + head->operands) + padded;
    head->sequence = ++self->sequence;
    uint8_t *room = fx_ring_room(self, size);
    if (fx_unlikely(room == NULL)) {
        fx_ring_drop(self);
        wake_if_filling(self);
        return;
    }
    head->size = size;
    head->bytes = bytes;
    if (cut) head->flags |= FX_FLAG_TRUNCATED;
    memcpy(room, head, sizeof(*head));
    uint64_t *out = (uint64_t *)(room + sizeof(*head));
    for (unsigned i = 0; i < head->words; i++) out[i] = words[i];
    if (fx_unlikely(head->operands != 0)) out[head->words] = words[head->words - 1];
    if (bytes != 0) {
        uint8_t *text = (uint8_t *)(out + head->words + head->operands);
        uint32_t offset = 0;
        memset(text + padded - 8, 0, 8);
        for (unsigned i = 0; i < span_count; i++) {
            fx_copy(text + offset, spans[i].pointer, lengths[i]);
            if (spans[i].word < head->words)
                out[spans[i].word] = (uint64_t)offset << 32 | lengths[i];
            offset += lengths[i];
        }
    }
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
        ready = look(self, now);
        errno = saved_errno;
    }
    if (fx_likely(ready)) {
        struct fx_record head = {
            .function = function,
            .verb = FX_VERB_CALL,
            .flags = depth != 0 ? FX_FLAG_NESTED : 0,
            .result = result,
            .enter_ticks = enter,
            .duration_ticks = now - enter,
            .stream = stream,
            .words = (uint16_t)word_count,
        };
        if (fx_unlikely(function >= FX_FUNCTION_mstxMarkA)) set_mark(&head);
        write_record(self, &head, words, spans, span_count);
    }
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    __atomic_store_n(&self->busy, 0, __ATOMIC_RELAXED);
}
