// memory.h: the map of what the program has allocated: device memory and pinned host memory.
#ifndef FX_MEMORY_H
#define FX_MEMORY_H

#include "../Transport/system.h"

enum fx_memory_kind { FX_MEMORY_DEVICE = 1, FX_MEMORY_HOST = 2 };

struct fx_block {
    uint64_t base;
    uint64_t bytes;
    uint64_t id;  // host memory: the daemon's block id
    int32_t device;
    uint8_t kind;      // enum fx_memory_kind
    uint8_t reserved;  // device memory: nothing of the program's can have these addresses
};

/// Adds a block. 0, or −1 where memory is short or the range overlaps one that is there.
int fx_memory_add(const struct fx_block *block);
/// Takes out the block that begins at `base` and is of that kind. 1, or 0 where there is none.
int fx_memory_remove(uint64_t base, uint8_t kind, struct fx_block *block);
/// The block that `address` lies in. 1, or 0 where there is none.
int fx_memory_find(uint64_t address, struct fx_block *block);
/// Forgets all blocks: they belonged to a session that is no more. Host memory stays mapped: the
/// program may still read it.
void fx_memory_forget(void);

/// Forgets the device memory of a device that is reset: it is the program's no longer.
void fx_memory_forget_device(int32_t device);

/// Keeps the program's own mappings out of a range of device addresses for good, so that an address
/// is either the device's or the program's (reserve.c). 1, or 0 where something of the program's is
/// there already.
int fx_memory_reserve(uint64_t base, uint64_t bytes);

/// In a forked child: frees the locks and forgets all blocks.
void fx_memory_reset_in_child(void);

/// Of reserve.c.
void fx_reserve_reset_in_child(void);

#endif
