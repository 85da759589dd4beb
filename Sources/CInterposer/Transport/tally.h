// tally.h: how often a function was refused, for the list with which `flexnpu run` closes.
#ifndef FX_TALLY_H
#define FX_TALLY_H

#include <stdint.h>

/// Counts a refused call. Does nothing where nobody asked for a list (FLEXNPU_TALLY).
void fx_tally_refused(uint16_t function);

/// Counts a look-up by name.
void fx_tally_sought(uint16_t function);

/// Whether anybody reads the counters.
int fx_tally_wanted(void);

#endif
