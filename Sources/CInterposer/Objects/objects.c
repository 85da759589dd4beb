#include "objects.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "../Transport/compiler.h"

// The arena is a reservation of addresses; memory comes as slots are first used. Where addresses
// are limited (ulimit -v) a smaller one does. Free slots are a stack whose head carries a count, so
// that a slot that leaves and comes back in between is noticed (ABA). No locks: objects work in
// signal handlers and in forked children.
static const size_t arena_sizes[] = {1ull << 32, 1ull << 28, 1ull << 24};

static struct {
    uint8_t *base;
    uint64_t slots;
    uint64_t used;  // slots ever used
    uint64_t free;  // count << 32 | index + 1
} arena;

static int make_arena(void) {
    for (size_t i = 0; i < sizeof(arena_sizes) / sizeof(arena_sizes[0]); i++) {
        void *memory = mmap(
            NULL, arena_sizes[i], PROT_READ | PROT_WRITE,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory == MAP_FAILED) continue;
        uint64_t slots = arena_sizes[i] / FX_OBJECT_SLOT_BYTES, none = 0;
        // The number first: whoever sees the base sees it. All who race here store the same or give
        // up.
        uint8_t *empty = NULL;
        __atomic_compare_exchange_n(
            &arena.slots, &none, slots, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
        if (!__atomic_compare_exchange_n(
                &arena.base, &empty, memory, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
            munmap(memory, arena_sizes[i]);
        return 1;
    }
    return 0;
}

static struct fx_object *slot_at(uint64_t index) {
    return (struct fx_object *)(arena.base + index * FX_OBJECT_SLOT_BYTES);
}

static uint64_t index_of(const struct fx_object *object) {
    return (uint64_t)((const uint8_t *)object - arena.base) / FX_OBJECT_SLOT_BYTES;
}

static struct fx_object *take_free(void) {
    uint64_t head = __atomic_load_n(&arena.free, __ATOMIC_ACQUIRE);
    while ((uint32_t)head != 0) {
        struct fx_object *object = slot_at((uint32_t)head - 1);
        // May be stale where another thread has taken the slot meanwhile: then the exchange fails.
        uint32_t next = __atomic_load_n(&object->next, __ATOMIC_RELAXED);
        uint64_t popped = ((head >> 32) + 1) << 32 | next;
        if (__atomic_compare_exchange_n(
                &arena.free, &head, popped, 1, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
            return object;
    }
    return NULL;
}

static struct fx_object *take_fresh(void) {
    if (__atomic_load_n(&arena.base, __ATOMIC_ACQUIRE) == NULL && !make_arena()) return NULL;
    uint64_t index = __atomic_fetch_add(&arena.used, 1, __ATOMIC_ACQ_REL);
    if (index < arena.slots) return slot_at(index);
    __atomic_fetch_sub(&arena.used, 1, __ATOMIC_ACQ_REL);
    return NULL;
}

struct fx_object *fx_object_new(size_t bytes) {
    if (bytes > UINT32_MAX) return NULL;
    uint8_t *payload = NULL;
    if (bytes > FX_OBJECT_INLINE_BYTES && (payload = malloc(bytes)) == NULL) return NULL;
    struct fx_object *object = take_free();
    if (object == NULL) object = take_fresh();
    if (object == NULL) {
        free(payload);
        return NULL;
    }
    object->bytes = (uint32_t)bytes;
    object->payload = payload != NULL ? payload : object->inside;
    return object;
}

void fx_object_open(struct fx_object *object, enum fx_object_kind kind) {
    uint32_t generation = (object->state >> 8) + 1;
    __atomic_store_n(&object->state, generation << 8 | kind, __ATOMIC_RELEASE);
}

struct fx_object *fx_object_get(enum fx_object_kind kind, const void *pointer) {
    uint64_t offset = (uint64_t)pointer - (uint64_t)arena.base;
    uint64_t used = __atomic_load_n(&arena.used, __ATOMIC_ACQUIRE);
    if (fx_unlikely(offset >= used * FX_OBJECT_SLOT_BYTES || offset % FX_OBJECT_SLOT_BYTES != 0))
        return NULL;
    struct fx_object *object = slot_at(offset / FX_OBJECT_SLOT_BYTES);
    uint32_t state = __atomic_load_n(&object->state, __ATOMIC_ACQUIRE);
    return fx_likely((state & 0xFF) == (uint32_t)kind) ? object : NULL;
}

int fx_object_claim(enum fx_object_kind kind, const void *pointer) {
    struct fx_object *object = fx_object_get(kind, pointer);
    if (object == NULL) return 0;
    uint32_t state = __atomic_load_n(&object->state, __ATOMIC_ACQUIRE);
    return (state & 0xFF) == (uint32_t)kind &&
           __atomic_compare_exchange_n(
               &object->state, &state, state & ~0xFFu, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

void fx_object_free(struct fx_object *object) {
    if (object->payload != object->inside) free(object->payload);
    object->payload = object->inside;
    uint64_t head = __atomic_load_n(&arena.free, __ATOMIC_RELAXED);
    uint64_t pushed;
    do {
        __atomic_store_n(&object->next, (uint32_t)head, __ATOMIC_RELAXED);
        pushed = ((head >> 32) + 1) << 32 | (index_of(object) + 1);
    } while (!__atomic_compare_exchange_n(
        &arena.free, &head, pushed, 1, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
}

int fx_object_end(enum fx_object_kind kind, const void *pointer) {
    if (!fx_object_claim(kind, pointer)) return 0;
    fx_object_free((struct fx_object *)pointer);
    return 1;
}

uint64_t fx_object_reference(const struct fx_object *object) {
    uint32_t state = __atomic_load_n(&object->state, __ATOMIC_RELAXED);
    return index_of(object) << 32 | state;
}

struct fx_object *fx_object_referred(uint64_t reference) {
    struct fx_object *object = slot_at(reference >> 32);
    uint32_t state = __atomic_load_n(&object->state, __ATOMIC_ACQUIRE);
    return state == (uint32_t)reference ? object : NULL;
}
