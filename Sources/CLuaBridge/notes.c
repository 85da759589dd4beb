// The notes that a policy gives with its decisions, by number. They are kept outside of Lua: they
// are read where nothing may raise, and a decision must not allocate.
#include "policy.h"

enum { SLOTS = 2 * FXL_NOTE_LIMIT };  // a power of two, never more than half full

typedef struct {
    uint32_t hash;
    uint8_t bytes;
    char text[FXL_NOTE_BYTES];
} note;

struct fxl_notes {
    uint32_t count;
    uint16_t numbers[SLOTS];  // by hash, open addressing; 0: free
    note notes[FXL_NOTE_LIMIT];
};

_Static_assert((SLOTS & (SLOTS - 1)) == 0, "slots are found by a mask");
_Static_assert(FXL_NOTE_LIMIT < UINT16_MAX && FXL_NOTE_BYTES < UINT8_MAX, "fields are too small");

static uint32_t hash_of(const char *text, size_t bytes) {  // FNV-1a
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < bytes; i++) hash = (hash ^ (uint8_t)text[i]) * 16777619u;
    return hash;
}

/// How much of the text is kept: a character in UTF-8 that crosses the limit stays out whole.
static size_t kept_bytes(const char *text, size_t bytes) {
    if (bytes <= FXL_NOTE_BYTES) return bytes;
    size_t kept = FXL_NOTE_BYTES;
    while (kept > FXL_NOTE_BYTES - 3 && ((uint8_t)text[kept] & 0xc0) == 0x80) kept--;
    return kept;
}

static bool is_same(const note *known, uint32_t hash, const char *text, size_t bytes) {
    return known->hash == hash && known->bytes == bytes && memcmp(known->text, text, bytes) == 0;
}

/// Keeps a note that is new; 0 where no more are kept.
static uint32_t add(
    fxl_policy *policy, uint32_t slot, uint32_t hash, const char *text, size_t bytes
) {
    fxl_notes *notes = policy->notes;
    if (notes->count == FXL_NOTE_LIMIT) {
        if (!policy->notes_full) {
            fxl_note(policy, "no more notes are kept: this policy gave too many different ones");
        }
        policy->notes_full = true;
        return 0;
    }
    note *kept = &notes->notes[notes->count++];
    kept->hash = hash;
    kept->bytes = (uint8_t)bytes;
    memcpy(kept->text, text, bytes);
    notes->numbers[slot] = (uint16_t)notes->count;
    return notes->count;
}

uint32_t fxl_intern_note(fxl_policy *policy, const char *text, size_t bytes) {
    if (bytes == 0) return 0;
    if (!policy->notes) policy->notes = calloc(1, sizeof *policy->notes);
    fxl_notes *notes = policy->notes;
    if (!notes) return 0;
    bytes = kept_bytes(text, bytes);
    uint32_t hash = hash_of(text, bytes), slot = hash & (SLOTS - 1), number;
    while ((number = notes->numbers[slot]) != 0) {
        if (is_same(&notes->notes[number - 1], hash, text, bytes)) return number;
        slot = (slot + 1) & (SLOTS - 1);
    }
    return add(policy, slot, hash, text, bytes);
}

const char *fxl_note_text(const fxl_policy *policy, uint32_t number, size_t *bytes) {
    if (number == 0 || !policy->notes || number > policy->notes->count) return NULL;
    const note *note = &policy->notes->notes[number - 1];
    *bytes = note->bytes;
    return note->text;
}
