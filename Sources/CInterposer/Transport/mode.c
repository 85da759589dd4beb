#include <stdlib.h>
#include <string.h>

#include "mode.h"

int fx_mode_known = -1;

int fx_mode_resolve(void) {
    const char *setting = secure_getenv("FLEXNPU_MODE");
    int mode = 0;
    if (setting != NULL && strcmp(setting, "observe") == 0) mode = FX_MODE_OBSERVE;
    if (setting != NULL && strcmp(setting, "route") == 0) mode = FX_MODE_ROUTE;
    __atomic_store_n(&fx_mode_known, mode, __ATOMIC_RELAXED);
    return mode;
}
