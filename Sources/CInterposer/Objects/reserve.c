// Device addresses are the daemon's: they may be anything, also what the program's next mmap would
// get. Then nobody could tell a device pointer from a host pointer. So the address ranges are taken
// here, without memory or access; a program that follows a device pointer faults, as it does on
// hardware.
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "memory.h"

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

/// Ranges are taken in whole granules and kept: allocators use the same addresses again and again.
static const uint64_t granule = 2ull << 20;

struct range {
    uint64_t start, end;
};
static struct {
    struct fx_lock lock;
    struct range *ranges;  // sorted, not touching
    uint32_t count, limit;
} taken;

static int map_nothing(uint64_t start, uint64_t end) {
    // The system call itself: tools that hook mmap end the program over addresses that they want
    // for themselves.
    long got = syscall(
        SYS_mmap, start, end - start, PROT_NONE,
        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    if ((uint64_t)got == start) return 1;
    if (got != -1) syscall(SYS_munmap, got, end - start);  // an old kernel took it for a hint
    return 0;
}

static int insert(uint32_t place, struct range range) {
    // Grown into its neighbours where it touches them.
    int joins_left = place > 0 && taken.ranges[place - 1].end == range.start;
    int joins_right = place < taken.count && taken.ranges[place].start == range.end;
    if (joins_left) {
        taken.ranges[place - 1].end = joins_right ? taken.ranges[place].end : range.end;
        if (joins_right) {
            taken.count--;
            memmove(
                &taken.ranges[place], &taken.ranges[place + 1],
                (taken.count - place) * sizeof(struct range));
        }
        return 1;
    }
    if (joins_right) {
        taken.ranges[place].start = range.start;
        return 1;
    }
    if (taken.count == taken.limit) {
        uint32_t limit = taken.limit ? taken.limit * 2 : 16;
        struct range *larger = realloc(taken.ranges, limit * sizeof(struct range));
        if (larger == NULL) return 0;
        taken.ranges = larger;
        taken.limit = limit;
    }
    memmove(
        &taken.ranges[place + 1], &taken.ranges[place],
        (taken.count - place) * sizeof(struct range));
    taken.ranges[place] = range;
    taken.count++;
    return 1;
}

/// Takes what is missing between `start` and `end`.
static int take(uint64_t start, uint64_t end) {
    uint32_t place = 0;
    while (start < end) {
        while (place < taken.count && taken.ranges[place].end <= start) place++;
        if (place < taken.count && taken.ranges[place].start <= start) {
            start = taken.ranges[place].end;
            continue;
        }
        uint64_t stop = place < taken.count && taken.ranges[place].start < end
                            ? taken.ranges[place].start
                            : end;
        if (!map_nothing(start, stop)) return 0;
        if (!insert(place, (struct range){start, stop})) return 0;
        start = stop;
        place = 0;
    }
    return 1;
}

int fx_memory_reserve(uint64_t base, uint64_t bytes) {
    uint64_t start = base & ~(granule - 1);
    uint64_t end = (base + bytes + granule - 1) & ~(granule - 1);
    if (end <= start || bytes > 1ull << 46) return 0;
    fx_lock_take(&taken.lock);
    int status = take(start, end);
    fx_lock_give(&taken.lock);
    return status;
}

void fx_reserve_reset_in_child(void) { taken.lock.word = 0; }
