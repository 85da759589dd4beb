#include "tally.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "flexnpu_functions.h"
#include "flexnpu_wire.h"
#include "session.h"

/// The counters cannot be had; not asked again.
static struct fx_tally none;
static struct fx_tally *known;

static struct fx_tally *open_tally(void) {
    const char *path = secure_getenv("FLEXNPU_TALLY");
    int file = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
    uint64_t bytes;
    struct fx_tally *tally = file >= 0 ? fx_map_sealed(file, sizeof(*tally), &bytes) : NULL;
    // Counters of another table would be taken for those of other functions.
    if (tally == NULL || tally->magic != FX_MAGIC || tally->table_hash != FX_TABLE_HASH)
        return &none;
    return tally;
}

/// The counters, opened once. Two threads that open them at once have two mappings of the same memory,
/// of which the first stays.
static struct fx_tally *tally(void) {
    struct fx_tally *found = __atomic_load_n(&known, __ATOMIC_ACQUIRE);
    if (found != NULL) return found;
    int saved_errno = errno;
    struct fx_tally *fresh = open_tally();
    if (__atomic_compare_exchange_n(
            &known, &found, fresh, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        found = fresh;
    errno = saved_errno;
    return found;
}

static void count(uint32_t *counter) { __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED); }

void fx_tally_refused(uint16_t function) {
    struct fx_tally *found = tally();
    if (found != &none) count(&found->refused[function]);
}

int fx_tally_wanted(void) { return tally() != &none; }

void fx_tally_sought(uint16_t function) {
    struct fx_tally *found = tally();
    if (found != &none) count(&found->sought[function]);
}
