#include "ring.h"

#include <string.h>

#include "../Generated/names.h"
#include "errors.h"

/// The daemon's head is read only when the last known one leaves too little room.
static uint32_t space(struct fx_thread *self, uint32_t needed) {
    uint32_t capacity = self->data_mask + 1;
    if (capacity - (self->tail - self->head) < needed) {
        uint64_t head = __atomic_load_n(&self->ring->head, __ATOMIC_ACQUIRE);
        // A head that is ahead of the tail, or far behind, is nonsense: no more to do with that
        // daemon.
        if (self->tail - head <= capacity)
            self->head = head;
        else
            fx_session_lose(self->session);
    }
    return capacity - (uint32_t)(self->tail - self->head);
}

uint8_t *fx_ring_room(struct fx_thread *self, uint32_t size) {
    uint32_t place = (uint32_t)self->tail & self->data_mask;
    uint32_t until_end = self->data_mask + 1 - place;
    uint32_t padding = size <= until_end ? 0 : until_end;
    if (fx_unlikely(space(self, size + padding) < size + padding)) return NULL;
    if (fx_unlikely(padding != 0)) {
        // There may be as little as 8 bytes: just what tells a record's size and function.
        struct fx_record *record = (struct fx_record *)(self->data + place);
        record->size = padding;
        record->function = FX_RECORD_PADDING;
        record->verb = FX_VERB_CALL;
        record->flags = 0;
        self->tail += padding;  // published with the record that follows
        place = 0;
    }
    return self->data + place;
}

void fx_ring_publish(struct fx_thread *self, uint32_t size) {
    self->tail += size;
    __atomic_store_n(&self->ring->tail, self->tail, __ATOMIC_RELEASE);
}

void fx_ring_drop(struct fx_thread *self) {
    struct fx_ring *ring = self->ring;
    if (ring != NULL) __atomic_fetch_add(&ring->dropped, 1, __ATOMIC_RELAXED);
}

/// How long a sleep lasts before it is asked whether the daemon still lives.
static const int64_t slice_nanoseconds = 100000000;

/// Waits until the ring has more space than when last looked. 0, or FX_ERROR_LOST.
static int32_t wait_for_space(struct fx_thread *self) {
    struct fx_ring *ring = self->ring;
    int32_t status = 0;
    if (fx_session_lost(self->session)) return fx_daemon_lost(self);
    // What is there must be seen to before it can become less.
    fx_session_doorbell(self->session);
    uint32_t seen = __atomic_load_n(&ring->space_freed, __ATOMIC_SEQ_CST);
    __atomic_store_n(&ring->producer_waiting, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&ring->head, __ATOMIC_SEQ_CST) == self->head) {
        fx_futex_wait(&ring->space_freed, seen, 1, slice_nanoseconds);
        if (!fx_session_alive(self->session)) status = fx_daemon_lost(self);
    }
    __atomic_store_n(&ring->producer_waiting, 0, __ATOMIC_RELAXED);
    return status;
}

static int32_t too_large(struct fx_thread *self, const struct fx_call *call) {
    return fx_fail(
        self, FX_ERROR_INTERNAL_ERROR, "%s: its arguments take more than the %u KiB of a record",
        fx_function_name(call->function), (self->data_mask + 1) / 2048);
}

static uint8_t *put_words(uint8_t *room, const uint64_t *words, uint32_t count) {
    fx_copy(room, words, 8ul * count);
    return room + 8ul * count;
}

int32_t fx_send(
    struct fx_thread *self, const struct fx_call *call, const struct fx_operands *operands) {
    uint64_t enter = fx_ticks_ordered();
    uint64_t bytes = (call->byte_count + 7) & ~7ull;
    uint64_t operand_count = (uint64_t)operands->count + operands->value_count;
    uint64_t size =
        sizeof(struct fx_record) + 8ull * call->word_count + 8 * operand_count + bytes;
    if (size > (self->data_mask + 1) / 2 || operand_count > UINT16_MAX)
        return too_large(self, call);
    uint8_t *room = fx_ring_room(self, (uint32_t)size);
    while (fx_unlikely(room == NULL)) {
        int32_t status = wait_for_space(self);
        if (status != 0) return status;
        room = fx_ring_room(self, (uint32_t)size);
    }
    *(struct fx_record *)room = (struct fx_record){
        .size = (uint32_t)size,
        .function = call->function,
        .verb = operands->verb,
        .flags = call->flags,
        .sequence = ++self->sequence,
        .ticks = enter,
        .stream = call->stream,
        .result = call->result,
        .words = (uint16_t)call->word_count,
        .operands = (uint16_t)operand_count,
        .bytes = (uint32_t)call->byte_count,
    };
    room = put_words(room + sizeof(struct fx_record), call->words, call->word_count);
    room = put_words(room, operands->words, operands->count);
    room = put_words(room, operands->values, operands->value_count);
    if (bytes != 0) {
        memset(room + bytes - 8, 0, 8);
        memcpy(room, call->bytes, call->byte_count);
    }
    self->tail += size;
    self->outcome |= FX_TOLD;
    // With the daemon's (store daemon_sleeping, then read the tails): one of the two sees the
    // other.
    __atomic_store_n(&self->ring->tail, self->tail, __ATOMIC_SEQ_CST);
    fx_session_doorbell(self->session);
    return 0;
}
