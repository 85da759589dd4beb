// What the fake daemon does with a record: at once, in its own memory.
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "fake_daemon.h"

void answer(
    struct ring *ring, uint32_t sequence, int32_t status, uint64_t word0, uint64_t word1,
    const void *bytes, uint32_t count) {
    struct fx_ring *head = ring->head;
    head->reply_status = status;
    head->reply_words[0] = word0;
    head->reply_words[1] = word1;
    head->reply_bytes = count;
    if (count) memcpy(head->reply, bytes, count);
    __atomic_store_n(&head->reply_sequence, sequence, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&head->reply_waiting, __ATOMIC_SEQ_CST)) wake(&head->reply_sequence);
}

static void free_slot(struct session *session, uint64_t offset) {
    __atomic_store_n(
        &session->page->staging_slot[offset / FX_STAGING_SLOT_BYTES], 0, __ATOMIC_SEQ_CST);
    __atomic_add_fetch(&session->page->staging_freed, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&session->page->staging_waiting, __ATOMIC_SEQ_CST))
        wake(&session->page->staging_freed);
}

static uint8_t *place_of(struct session *session, uint64_t space, uint64_t at, const uint8_t *own) {
    switch (space) {
        case FX_SPACE_DEVICE: return (uint8_t *)at;
        case FX_SPACE_STAGING: return session->staging + at;
        case FX_SPACE_HOST: return session->host[at >> 40].memory + (at & ((1ull << 40) - 1));
        default: return (uint8_t *)own;
    }
}

static void copy(struct session *session, const uint64_t *operands, const uint8_t *bytes) {
    memcpy(
        place_of(session, operands[0], operands[1], NULL),
        place_of(session, operands[2], operands[3], bytes), operands[4]);
    if (operands[0] == FX_SPACE_STAGING) free_slot(session, operands[1]);
    if (operands[2] == FX_SPACE_STAGING) free_slot(session, operands[3]);
}

/// Device memory: whole 2 MiB granules at addresses of its own, as a device library would have
/// them.
static uint64_t allocate(struct session *session, uint64_t bytes) {
    static uint64_t next = 0x200000000000ull;
    uint64_t rounded = (bytes + (2 << 20) - 1) & ~((2ull << 20) - 1);
    void *memory = mmap(
        (void *)next, rounded, PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
    if (memory == MAP_FAILED || session->device_blocks == block_limit) return 0;
    next += rounded;
    session->device[session->device_blocks++] = (struct block){memory, rounded};
    return (uint64_t)memory;
}

static int is_stuck(struct session *session, uint64_t stream) {
    for (unsigned i = 0; i < session->stuck_count; i++)
        if (session->stuck[i] == stream) return 1;
    return 0;
}

/// aclnnMul stands for an operation that refuses its arguments.
static int32_t plan(
    struct session *session, const uint64_t *operands, const uint8_t *bytes, uint32_t count) {
    session->plan_asks++;
    if (operands[1] == FX_FUNCTION_aclnnMulGetWorkspaceSize) return 161002;
    const struct fx_item *item = (const struct fx_item *)bytes;
    int has_rows = count >= sizeof(*item) + 8 && item->kind == 'T' && item->null == 0;
    session->plans[operands[0]] = (struct plan){
        .function = (uint16_t)operands[1],
        .rows = has_rows && item->view_dims > 0 ? *(const int64_t *)(item + 1) : 0,
        .bytes = count,
    };
    return 0;
}

static void count_kernel(
    struct session *session, const struct fx_record *record, const uint64_t *operands) {
    session->kernels++;
    session->last_limits = operands[1];
    // A test of plans says in the first tensor's view offset which plan it means (see plan_cases.c).
    const struct plan *plan = &session->plans[operands[0]];
    if (record->operands < 4 || operands[3] >> 32 != 0x9E5) return;
    if ((int64_t)(uint32_t)operands[3] == plan->rows) return;
    fprintf(
        stderr, "fake daemon: a kernel for %u rows came with the plan of slot %llu for %lld\n",
        (uint32_t)operands[3], (unsigned long long)operands[0], (long long)plan->rows);
    abort();
}

/// aclrtGetDeviceInfo answers figures of the daemon's own for attributes from 1000 on.
static uint64_t figure(const struct session *session, uint64_t attribute) {
    uint64_t rings = 0, plans = 0;
    switch (attribute) {
        case 2: return 24;
        case 3: return 48;
        case 1000: return session->plan_asks;
        case 1001: return session->kernels;
        case 1002: return session->last_limits;
        case 1003: return session->last_number;
        case 1004:
            for (unsigned r = 0; r < session->ring_count; r++) rings += session->rings[r].head != 0;
            return rings;
        case 1005:
            for (unsigned p = 0; p < FX_PLAN_LIMIT; p++) plans += session->plans[p].function != 0;
            return plans;
        default: return 0;
    }
}

void handle(struct session *session, struct ring *ring, const struct fx_record *record) {
    const uint64_t *words = (const uint64_t *)(record + 1);
    const uint64_t *operands = words + record->words;
    const uint8_t *bytes = (const uint8_t *)(operands + record->operands);
    int ask = record->flags & FX_FLAG_ASK;
    int32_t status = 0;
    uint64_t word0 = 0, word1 = 0;
    char text[64] = "";
    switch (record->verb) {
        case FX_VERB_MALLOC:
            word0 = operands[1] > 1ull << 40 ? 0 : allocate(session, operands[1]);
            if (word0 == 0) status = 207001, strcpy(text, "out of device memory");
            break;
        case FX_VERB_STREAM_CREATE:
            if (operands[3] == 0x77) session->stuck[session->stuck_count++ % 64] = operands[0];
            break;
        case FX_VERB_PLAN:
            status = plan(session, operands, bytes, record->bytes);
            if (status != 0) strcpy(text, "the device refuses");
            break;
        case FX_VERB_KERNEL: count_kernel(session, record, operands); break;
        case FX_VERB_COPY: copy(session, operands, bytes); break;
        case FX_VERB_FILL: memset((void *)operands[0], (int)operands[1], operands[2]); break;
        case FX_VERB_QUERY:
            word0 = operands[1];
            word1 = 42;
            if (operands[0] == FX_FUNCTION_aclrtGetDeviceInfo) word0 = figure(session, operands[3]);
            snprintf(text, sizeof(text), "text of %llu", (unsigned long long)operands[0]);
            break;
        case FX_VERB_EVENT_WAIT:
        case FX_VERB_WAIT_EVENT:
        case FX_VERB_QUERY_EVENT: session->last_number = operands[1]; break;
        case FX_VERB_QUERY_STREAM: word0 = (uint64_t)is_stuck(session, record->stream); break;
        case FX_VERB_WAIT_STREAM:
            if (!is_stuck(session, record->stream)) break;
            ring->waiting_sequence = record->sequence;
            ring->waiting_until = UINT64_MAX;
            if ((int64_t)operands[0] >= 0) ring->waiting_until = (uint64_t)now_ms() + operands[0];
            return;
        default: break;
    }
    if (ask) answer(ring, record->sequence, status, word0, word1, text, (uint32_t)strlen(text));
}
