// The fake daemon's end of the rings: records in the order of the program's calls.
#include <string.h>
#include <sys/mman.h>

#include "fake_daemon.h"

static const struct fx_record *next_record(const struct ring *ring) {
    const uint8_t *data = (const uint8_t *)ring->head + FX_RING_DATA_OFFSET;
    return (const struct fx_record *)(data + (ring->position & (FX_RING_BYTES - 1)));
}

static void print(const struct ring *ring, const struct fx_record *record) {
    const uint64_t *words = (const uint64_t *)(record + 1);
    fprintf(
        dump, "record thread=%u sequence=%u function=%u verb=%u flags=%u result=%d words=",
        ring->head->thread, record->sequence, record->function, record->verb, record->flags,
        record->result);
    for (unsigned i = 0; i < record->words; i++)
        fprintf(dump, "%s%llx", i ? "," : "", (unsigned long long)words[i]);
    const char *bytes = (const char *)(words + record->words + record->operands);
    fprintf(dump, " bytes=%.*s\n", (int)record->bytes, bytes);
    fflush(dump);
}

/// Space is given back in batches, as a daemon that drains would.
static void give_back(struct ring *ring, int all) {
    struct fx_ring *head = ring->head;
    if (++ring->untold % 64 != 0 && !all) return;
    if (!wild) __atomic_store_n(&head->head, ring->position, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&head->producer_waiting, __ATOMIC_SEQ_CST)) {
        __atomic_add_fetch(&head->space_freed, 1, __ATOMIC_SEQ_CST);
        wake(&head->space_freed);
    }
}

static void take_record(struct session *session, struct ring *ring) {
    const struct fx_record *record = next_record(ring);
    if (record->size < 8 || record->size % 8 != 0 || record->size > ring->limit - ring->position)
        __builtin_trap();
    int ask = record->function != FX_RECORD_PADDING && (record->flags & FX_FLAG_ASK) != 0;
    if (record->function != FX_RECORD_PADDING) {
        if (dump) print(ring, record);
        if (session->mode == FX_MODE_ROUTE && !wild) check_record(session, ring, record);
        handle(session, ring, record);
    }
    ring->position += record->size;
    if (wild && session->handled++ > 2000) {
        memset((uint8_t *)ring->head + 128, 0xA5, 64);
        ring->head->reply_bytes = 0xFFFFFFFF;
    }
    give_back(ring, ask || ring->position == ring->limit);
}

static void skip_padding(struct ring *ring) {
    while (ring->position < ring->limit && next_record(ring)->function == FX_RECORD_PADDING)
        ring->position += next_record(ring)->size;
}

/// The ring whose next record is the earliest, or NULL where nothing of the first look is left.
static struct ring *earliest_ring(struct session *session) {
    struct ring *first = NULL;
    int left = 0;
    for (unsigned r = 0; r < session->ring_count; r++) {
        struct ring *ring = &session->rings[r];
        if (!ring->head) continue;
        skip_padding(ring);
        left |= ring->position < ring->known;
        if (ring->position >= ring->limit) continue;
        if (!first || next_record(ring)->ticks < next_record(first)->ticks)
            first = ring;
    }
    return left ? first : NULL;
}

static void end_ring(struct ring *ring) {
    munmap(ring->head, FX_RING_DATA_OFFSET + FX_RING_BYTES);
    *ring = (struct ring){0};
}

int take_records(struct session *session) {
    int progress = 0;
    for (unsigned r = 0; r < session->ring_count; r++) {
        struct ring *ring = &session->rings[r];
        if (!ring->head) continue;
        ring->finished = __atomic_load_n(&ring->head->finished, __ATOMIC_SEQ_CST);
        ring->known = __atomic_load_n(&ring->head->tail, __ATOMIC_SEQ_CST);
    }
    for (unsigned r = 0; r < session->ring_count; r++)
        if (session->rings[r].head)
            session->rings[r].limit =
                __atomic_load_n(&session->rings[r].head->tail, __ATOMIC_SEQ_CST);
    for (struct ring *ring; (ring = earliest_ring(session)) != NULL; progress = 1)
        take_record(session, ring);
    for (unsigned r = 0; r < session->ring_count; r++) {
        struct ring *ring = &session->rings[r];
        if (ring->head && ring->finished) end_ring(ring);
        if (ring->waiting_until && (uint64_t)now_ms() >= ring->waiting_until) {
            ring->waiting_until = 0;
            answer(ring, ring->waiting_sequence, 507046, 0, 0, "timed out", 9);
        }
    }
    return progress;
}
