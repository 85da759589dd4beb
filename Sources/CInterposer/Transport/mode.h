// mode.h: what this process does with calls: forwards, observes or routes them.
#ifndef FX_MODE_H
#define FX_MODE_H

#include "compiler.h"
#include "flexnpu_wire.h"

extern int fx_mode_known;  // FX_MODE_*, 0: forward, −1: the environment has not been read yet
int fx_mode_resolve(void);

static inline int fx_mode(void) {
    int mode = __atomic_load_n(&fx_mode_known, __ATOMIC_RELAXED);
    return fx_likely(mode >= 0) ? mode : fx_mode_resolve();
}

#endif
