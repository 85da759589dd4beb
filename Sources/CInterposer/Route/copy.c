#include "copy.h"

#include <string.h>
#include <sys/uio.h>

#include "../Generated/names.h"
#include "../Generated/senders.h"
#include "../Objects/memory.h"
#include "../Transport/errors.h"
#include "../Transport/staging.h"

enum { host_to_host, host_to_device, device_to_host, device_to_device, by_address };

/// One end of a copy, once it is known what it is.
struct end {
    uint64_t space;  // FX_SPACE_*; FX_SPACE_STAGING: pageable memory at `at`
    uint64_t at;     // as the space wants it
    uint64_t pitch;
};

// ---- What the ends are -------------------------------------------------------------------------

/// Whether the rows lie in the block.
static int inside(const struct fx_block *block, uint64_t at, uint64_t extent) {
    return extent <= block->bytes && at - block->base <= block->bytes - extent;
}

static int32_t bad(struct fx_thread *self, const struct fx_copy *copy, const char *what) {
    return fx_fail(self, FX_ERROR_INVALID_PARAMETER, "%s: %s", fx_function_name(copy->function), what);
}

static int32_t device_end(
    struct fx_thread *self, const struct fx_copy *copy, struct end *end, uint64_t extent) {
    struct fx_block block;
    if (!fx_memory_find(end->at, &block) || block.kind != FX_MEMORY_DEVICE ||
        !inside(&block, end->at, extent))
        return bad(self, copy, "an address is not within device memory of this program");
    end->space = FX_SPACE_DEVICE;
    return 0;
}

/// Whether the program has memory there at all. Asked only where the answer is in doubt: it is a
/// system call.
static int is_mapped(uint64_t at, uint64_t extent) {
    char bytes[2];
    struct iovec here[] = {{bytes, 1}, {bytes + 1, 1}};
    struct iovec there[] = {{(void *)at, 1}, {(void *)(at + extent - 1), 1}};
    ssize_t got = process_vm_readv(getpid(), here, 2, there, 2, 0);
    return got == 2 || (got < 0 && errno != EFAULT);
}

static int32_t host_end(
    struct fx_thread *self, const struct fx_copy *copy, struct end *end, uint64_t extent) {
    struct fx_block block;
    end->space = FX_SPACE_STAGING;
    if (!fx_memory_find(end->at, &block)) return 0;
    // Where the addresses were reserved, nothing of the program's can be there.
    if (block.kind == FX_MEMORY_DEVICE && (block.reserved || !is_mapped(end->at, extent)))
        return bad(self, copy, "device memory where host memory belongs");
    if (block.kind == FX_MEMORY_DEVICE) return 0;
    if (!inside(&block, end->at, extent)) return 0;
    end->space = FX_SPACE_HOST;
    end->at = block.id << 40 | (end->at - block.base);
    return 0;
}

/// aclrtMemcpyKind as one of the four directions; −1 for none.
static int direction_of(const struct fx_copy *copy) {
    struct fx_block block;
    switch (copy->kind) {
        case 0: return host_to_host;
        case 1:
        case 5: return host_to_device;  // 5: through a buffer of the library's
        case 2: return device_to_host;
        case 3:
        case 6:
        case 7: return device_to_device;  // 6 within a device, 7 between two
        case 4: break;
        default: return -1;
    }
    int to_device = fx_memory_find(copy->to, &block) && block.kind == FX_MEMORY_DEVICE;
    int from_device = fx_memory_find(copy->from, &block) && block.kind == FX_MEMORY_DEVICE;
    return to_device ? (from_device ? device_to_device : host_to_device)
                     : (from_device ? device_to_host : host_to_host);
}

static int32_t classify(
    struct fx_thread *self, const struct fx_copy *copy, struct end *to, struct end *from) {
    int direction = direction_of(copy);
    uint64_t rows = copy->height - 1;
    *to = (struct end){0, copy->to, copy->to_pitch};
    *from = (struct end){0, copy->from, copy->from_pitch};
    int to_device = direction == host_to_device || direction == device_to_device;
    int from_device = direction == device_to_host || direction == device_to_device;
    int32_t status =
        (to_device ? device_end : host_end)(self, copy, to, rows * to->pitch + copy->width);
    if (status != 0) return status;
    return (from_device ? device_end : host_end)(
        self, copy, from, rows * from->pitch + copy->width);
}

/// Whether its rows take more than there are addresses, by either pitch.
static int is_too_large(const struct fx_copy *copy) {
    const uint64_t most = 1ull << 47;
    uint64_t pitch = copy->to_pitch > copy->from_pitch ? copy->to_pitch : copy->from_pitch;
    if (pitch < copy->width) pitch = copy->width;  // of a copy that is one row
    uint64_t area;
    return __builtin_mul_overflow(pitch, copy->height, &area) || area >= most;
}

// ---- Records -----------------------------------------------------------------------------------

/// One record of a copy. The first carries the call's words; the last is an ask where the copy is
/// to be done when the call returns.
static int32_t send_part(
    struct fx_thread *self, const struct fx_copy *copy, int first, int ask, uint64_t to_space,
    uint64_t to, uint64_t from_space, uint64_t from, uint64_t count, const void *bytes) {
    struct fx_call call = {
        .function = copy->function,
        .flags = (uint8_t)((first ? 0 : FX_FLAG_QUIET) | (ask ? FX_FLAG_ASK : 0)),
        .stream = copy->stream,
        .words = copy->words,
        .word_count = first ? copy->word_count : 0,
        .bytes = bytes,
        .byte_count = bytes != NULL ? count : 0,
    };
    return fx_send_copy(self, &call, to_space, to, from_space, from, count);
}

/// Both ends are the daemon's to reach: a record a row.
static int32_t copy_direct(
    struct fx_thread *self, const struct fx_copy *copy, const struct end *to,
    const struct end *from) {
    int32_t status = 0;
    for (uint64_t row = 0; row < copy->height && status == 0; row++) {
        int ask = copy->stream == 0 && row + 1 == copy->height;
        status = send_part(
            self, copy, row == 0, ask, to->space, to->at + row * to->pitch, from->space,
            from->at + row * from->pitch, copy->width, NULL);
    }
    struct fx_reply reply;
    if (status == 0 && copy->stream == 0)
        status = fx_await(self, copy->function, self->sequence, &reply);
    return status;
}

// ---- Through the staging area ------------------------------------------------------------------
// In parts of at most a slot, none across two rows.

struct part {
    uint64_t to, from, count;
};

static uint64_t parts_per_row(const struct fx_copy *copy) {
    return (copy->width + FX_STAGING_SLOT_BYTES - 1) / FX_STAGING_SLOT_BYTES;
}

static struct part part_at(
    const struct fx_copy *copy, const struct end *to, const struct end *from, uint64_t index) {
    uint64_t row = index / parts_per_row(copy);
    uint64_t offset = index % parts_per_row(copy) * FX_STAGING_SLOT_BYTES;
    uint64_t left = copy->width - offset;
    return (struct part){
        .to = to->at + row * to->pitch + offset,
        .from = from->at + row * from->pitch + offset,
        .count = left < FX_STAGING_SLOT_BYTES ? left : FX_STAGING_SLOT_BYTES,
    };
}

static int32_t copy_from_pageable(
    struct fx_thread *self, const struct fx_copy *copy, const struct end *to,
    const struct end *from) {
    uint64_t parts = copy->height * parts_per_row(copy);
    int32_t status = 0;
    for (uint64_t i = 0; i < parts && status == 0; i++) {
        struct part part = part_at(copy, to, from, i);
        int ask = copy->stream == 0 && i + 1 == parts;
        uint32_t slot;
        if (part.count <= FX_INLINE_LIMIT) {
            status = send_part(
                self, copy, i == 0, ask, to->space, part.to, FX_SPACE_INLINE, 0, part.count,
                (const void *)part.from);
            continue;
        }
        if ((status = fx_staging_take(self, &slot)) != 0) break;
        uint64_t place = fx_staging_offset(slot);
        memcpy(self->session->staging + place, (const void *)part.from, part.count);
        status = send_part(
            self, copy, i == 0, ask, to->space, part.to, FX_SPACE_STAGING, place, part.count, NULL);
        if (status == 0)
            fx_staging_hand_over(self->session, slot);
        else
            fx_staging_free(self->session, slot);
    }
    struct fx_reply reply;
    if (status == 0 && copy->stream == 0)
        status = fx_await(self, copy->function, self->sequence, &reply);
    return status;
}

/// How many parts are on their way at once: enough for the daemon to write one while we read
/// another.
enum { window = 8 };

/// A copy to pageable memory: parts are sent ahead, and each is copied out when the daemon has
/// written it.
struct inbound {
    const struct fx_copy *copy;
    const struct end *to, *from;
    uint64_t parts, sent, received;
    uint32_t last_sequence;
    uint32_t slots[window];
};

static int32_t send_ahead(struct fx_thread *self, struct inbound *inbound) {
    while (inbound->sent < inbound->parts && inbound->sent - inbound->received < window) {
        uint32_t *slot = &inbound->slots[inbound->sent % window];
        // Whoever holds slots does not wait for another: two that did could wait for each other.
        if (inbound->sent > inbound->received) {
            if (!fx_staging_try(self->session, slot)) return 0;
        } else {
            int32_t status = fx_staging_take(self, slot);
            if (status != 0) return status;
        }
        struct part part = part_at(inbound->copy, inbound->to, inbound->from, inbound->sent);
        int last = inbound->sent + 1 == inbound->parts;
        int32_t status = send_part(
            self, inbound->copy, inbound->sent == 0, last, FX_SPACE_STAGING,
            fx_staging_offset(*slot), inbound->from->space, part.from, part.count, NULL);
        if (status != 0) {
            fx_staging_free(self->session, *slot);
            return status;
        }
        inbound->last_sequence = self->sequence;
        inbound->sent++;
    }
    return 0;
}

static int32_t receive(struct fx_thread *self, struct inbound *inbound) {
    struct fx_session *session = self->session;
    uint32_t slot = inbound->slots[inbound->received % window];
    struct part part = part_at(inbound->copy, inbound->to, inbound->from, inbound->received);
    struct fx_reply reply;
    int32_t status = inbound->received + 1 == inbound->parts
                         ? fx_await(self, inbound->copy->function, inbound->last_sequence, &reply)
                         : fx_staging_wait(self, slot);
    if (status == 0)
        memcpy((void *)part.to, session->staging + fx_staging_offset(slot), part.count);
    inbound->received++;
    fx_staging_free(session, slot);
    return status;
}

static int32_t copy_to_pageable(
    struct fx_thread *self, const struct fx_copy *copy, const struct end *to,
    const struct end *from) {
    struct inbound inbound = {
        .copy = copy,
        .to = to,
        .from = from,
        .parts = copy->height * parts_per_row(copy),
    };
    while (inbound.received < inbound.parts) {
        int32_t status = send_ahead(self, &inbound);
        if (status == 0) status = receive(self, &inbound);
        if (status == 0) continue;
        // What is on its way may still be written into: those slots stay taken.
        return status;
    }
    return 0;
}

// ---- On the host -------------------------------------------------------------------------------

/// Both ends are the program's. On a stream it is done in the stream's order, by waiting for it.
static int32_t copy_on_host(struct fx_thread *self, const struct fx_copy *copy) {
    if (copy->stream != 0) {
        struct fx_call call = {
            .function = copy->function,
            .stream = copy->stream,
            .words = copy->words,
            .word_count = copy->word_count,
        };
        int32_t status = fx_ask_wait_stream(self, &call, -1);
        if (status != 0) return status;
    }
    for (uint64_t row = 0; row < copy->height; row++)
        memmove(
            (void *)(copy->to + row * copy->to_pitch),
            (const void *)(copy->from + row * copy->from_pitch), copy->width);
    return 0;
}

int32_t fx_copy_run(struct fx_thread *self, struct fx_copy *copy) {
    if (direction_of(copy) < 0) return bad(self, copy, "there is no such kind of copy");
    if (copy->width == 0 || copy->height == 0) return 0;
    if (copy->to == 0 || copy->from == 0) return bad(self, copy, "an address is NULL");
    if (is_too_large(copy)) return bad(self, copy, "it is larger than any memory");
    if (copy->height > 1 && copy->to_pitch == copy->width && copy->from_pitch == copy->width &&
        copy->height <= UINT64_MAX / 2 / copy->width) {
        copy->width *= copy->height;
        copy->height = 1;
    }
    struct end to, from;
    int32_t status = classify(self, copy, &to, &from);
    if (status != 0) return status;
    if (to.space != FX_SPACE_DEVICE && from.space != FX_SPACE_DEVICE)
        return copy_on_host(self, copy);
    if (from.space == FX_SPACE_STAGING) return copy_from_pageable(self, copy, &to, &from);
    if (to.space == FX_SPACE_STAGING) return copy_to_pageable(self, copy, &to, &from);
    return copy_direct(self, copy, &to, &from);
}
