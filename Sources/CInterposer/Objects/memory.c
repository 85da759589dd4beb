#include "memory.h"

#include <stdlib.h>
#include <string.h>


// A sorted array: allocations are few (frameworks allocate large blocks and divide them themselves)
// and rare beside look-ups, of which every copy makes two.
static struct {
    struct fx_lock lock;
    struct fx_block *blocks;
    uint32_t count, limit;
} map;

/// The number of blocks that begin at or before the address.
static uint32_t upper_bound(uint64_t address) {
    uint32_t low = 0, high = map.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (map.blocks[middle].base <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int grow(void) {
    if (map.count < map.limit) return 1;
    uint32_t limit = map.limit ? map.limit * 2 : 64;
    struct fx_block *larger = realloc(map.blocks, limit * sizeof(*larger));
    if (larger == NULL) return 0;
    map.blocks = larger;
    map.limit = limit;
    return 1;
}

int fx_memory_add(const struct fx_block *block) {
    int status = -1;
    fx_lock_take(&map.lock);
    uint32_t place = upper_bound(block->base);
    int overlaps =
        (place > 0 &&
         block->base - map.blocks[place - 1].base < map.blocks[place - 1].bytes) ||
        (place < map.count && map.blocks[place].base - block->base < block->bytes);
    if (!overlaps && grow()) {
        memmove(
            &map.blocks[place + 1], &map.blocks[place],
            (map.count - place) * sizeof(*map.blocks));
        map.blocks[place] = *block;
        map.count++;
        status = 0;
    }
    fx_lock_give(&map.lock);
    return status;
}

int fx_memory_remove(uint64_t base, uint8_t kind, struct fx_block *block) {
    int found = 0;
    fx_lock_take(&map.lock);
    uint32_t place = upper_bound(base);
    if (place > 0 && map.blocks[place - 1].base == base && map.blocks[place - 1].kind == kind) {
        found = 1;
        place--;
        *block = map.blocks[place];
        map.count--;
        memmove(
            &map.blocks[place], &map.blocks[place + 1],
            (map.count - place) * sizeof(*map.blocks));
    }
    fx_lock_give(&map.lock);
    return found;
}

int fx_memory_find(uint64_t address, struct fx_block *block) {
    int found = 0;
    fx_lock_take(&map.lock);
    uint32_t place = upper_bound(address);
    if (place > 0 && address - map.blocks[place - 1].base < map.blocks[place - 1].bytes) {
        found = 1;
        *block = map.blocks[place - 1];
    }
    fx_lock_give(&map.lock);
    return found;
}

void fx_memory_forget(void) {
    fx_lock_take(&map.lock);
    map.count = 0;
    fx_lock_give(&map.lock);
}

void fx_memory_forget_device(int32_t device) {
    fx_lock_take(&map.lock);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < map.count; i++) {
        const struct fx_block *block = &map.blocks[i];
        if (block->kind == FX_MEMORY_DEVICE && block->device == device) continue;
        map.blocks[kept++] = *block;
    }
    map.count = kept;
    fx_lock_give(&map.lock);
}

void fx_memory_reset_in_child(void) {
    map.lock.word = 0;
    fx_memory_forget();
    fx_reserve_reset_in_child();
}
