#include "handles.h"

#include <stddef.h>
#include <sys/mman.h>


// 0x4658 << 48 | kind << 44 | generation << 24 | index. No valid address on any machine starts with
// 0x4658, so a program that takes a handle for a pointer faults at once.
static const uint64_t tag = 0x4658ull << 48;
enum { kind_shift = 44, generation_shift = 24, generation_mask = 0xFFFFF };
enum { chunk_slots = 1024, chunk_count = 1024, kinds = 4 };

/// One kind's slots. Chunks are added and never removed, so a look-up needs no lock.
struct table {
    struct fx_lock lock;
    struct fx_handle *chunks[chunk_count];
    uint32_t free;  // slots that were used and are free, a stack: index + 1
    uint32_t used;  // slots ever used
    uint32_t live;
};
static struct table tables[kinds];

static uint64_t handle_of(enum fx_kind kind, uint32_t generation, uint32_t index) {
    return tag | (uint64_t)kind << kind_shift | (uint64_t)generation << generation_shift | index;
}

static struct fx_handle *slot_at(struct table *table, uint32_t index) {
    if (index >= chunk_slots * chunk_count) return NULL;
    struct fx_handle *chunk =
        __atomic_load_n(&table->chunks[index / chunk_slots], __ATOMIC_ACQUIRE);
    return chunk == NULL ? NULL : &chunk[index % chunk_slots];
}

/// A slot that was never used. Handles never move, so memory comes in chunks.
static struct fx_handle *fresh_slot(struct table *table, uint32_t *index) {
    *index = table->used;
    if (*index >= chunk_slots * chunk_count) return NULL;
    struct fx_handle **chunk = &table->chunks[*index / chunk_slots];
    if (*chunk == NULL) {
        void *memory = mmap(
            NULL, chunk_slots * sizeof(struct fx_handle), PROT_READ | PROT_WRITE,
            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) return NULL;
        __atomic_store_n(chunk, memory, __ATOMIC_RELEASE);
    }
    __atomic_store_n(&table->used, *index + 1, __ATOMIC_RELAXED);
    return slot_at(table, *index);
}

static struct fx_handle *take_slot(struct table *table, uint32_t *index) {
    if (table->free == 0) return fresh_slot(table, index);
    *index = table->free - 1;
    struct fx_handle *slot = slot_at(table, *index);
    table->free = slot->next;
    return slot;
}

uint64_t fx_handle_new(enum fx_kind kind, uint32_t limit, const struct fx_handle *init) {
    struct table *table = &tables[kind];
    uint64_t handle = 0;
    uint32_t index;
    fx_lock_take(&table->lock);
    struct fx_handle *slot = table->live < limit ? take_slot(table, &index) : NULL;
    if (slot != NULL) {
        uint32_t generation = (slot->generation + 1) & generation_mask;
        slot->device = init->device;
        slot->flags = init->flags;
        slot->priority = init->priority;
        slot->context = init->context;
        slot->primary = init->primary;
        __atomic_store_n(&slot->records, 0, __ATOMIC_RELAXED);
        __atomic_store_n(&slot->limits, init->limits, __ATOMIC_RELAXED);
        __atomic_store_n(&slot->generation, generation, __ATOMIC_RELEASE);
        table->live++;
        handle = handle_of(kind, generation, index);
    }
    fx_lock_give(&table->lock);
    return handle;
}

struct fx_handle *fx_handle_get(enum fx_kind kind, uint64_t handle) {
    if (handle >> kind_shift != (tag >> kind_shift | kind)) return NULL;
    struct fx_handle *slot = slot_at(&tables[kind], fx_handle_index(handle));
    if (slot == NULL) return NULL;
    uint32_t generation = (uint32_t)(handle >> generation_shift) & generation_mask;
    uint32_t now = __atomic_load_n(&slot->generation, __ATOMIC_ACQUIRE);
    return generation == now && (now & 1) != 0 ? slot : NULL;
}

int fx_handle_retire(enum fx_kind kind, uint64_t handle, uint32_t *retired) {
    struct table *table = &tables[kind];
    fx_lock_take(&table->lock);
    struct fx_handle *slot = fx_handle_get(kind, handle);
    if (slot != NULL) {
        __atomic_store_n(
            &slot->generation, (slot->generation + 1) & generation_mask, __ATOMIC_RELEASE);
        slot->next = *retired;
        *retired = fx_handle_index(handle) + 1;
    }
    fx_lock_give(&table->lock);
    return slot != NULL;
}

void fx_handles_recycle(enum fx_kind kind, uint32_t retired) {
    struct table *table = &tables[kind];
    fx_lock_take(&table->lock);
    while (retired != 0) {
        struct fx_handle *slot = slot_at(table, retired - 1);
        uint32_t next = slot->next;
        slot->next = table->free;
        table->free = retired;
        table->live--;
        retired = next;
    }
    fx_lock_give(&table->lock);
}

int fx_handle_end(enum fx_kind kind, uint64_t handle) {
    uint32_t retired = 0;
    int live = fx_handle_retire(kind, handle, &retired);
    fx_handles_recycle(kind, retired);
    return live;
}

void fx_handle_each(
    enum fx_kind kind, void (*visit)(uint64_t handle, struct fx_handle *object, void *with),
    void *with) {
    struct table *table = &tables[kind];
    uint32_t used = __atomic_load_n(&table->used, __ATOMIC_RELAXED);
    for (uint32_t index = 0; index < used; index++) {
        struct fx_handle *slot = slot_at(table, index);
        if (slot == NULL) return;
        uint32_t generation = __atomic_load_n(&slot->generation, __ATOMIC_ACQUIRE);
        if ((generation & 1) == 0) continue;
        visit(handle_of(kind, generation, index), slot, with);
    }
}

static void end_one(uint64_t handle, struct fx_handle *object, void *kind) {
    (void)object;
    fx_handle_end(*(enum fx_kind *)kind, handle);
}

void fx_handles_forget(void) {
    for (enum fx_kind kind = FX_KIND_CONTEXT; kind <= FX_KIND_EVENT; kind++)
        fx_handle_each(kind, end_one, &kind);
}

void fx_handles_reset_in_child(void) {
    for (int kind = 0; kind < kinds; kind++) tables[kind].lock.word = 0;
    fx_handles_forget();
}
