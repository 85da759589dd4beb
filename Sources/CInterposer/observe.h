// observe.h: which calls are recorded.
#ifndef FX_OBSERVE_H
#define FX_OBSERVE_H

#include <stdint.h>

/// From now on the session's switches decide; or: there is no session.
void fx_recorded_follow(const uint8_t *bytes);
void fx_recorded_forget(void);

#endif
