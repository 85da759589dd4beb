// hooks.h: what the transport tells those that stand on it. Entry/lifecycle.c implements these.
#ifndef FX_HOOKS_H
#define FX_HOOKS_H

#include <stdint.h>

/// A first connection is about to be made.
void fx_on_connect(void);
/// An observing session began, and these are its switches; NULL: there is none any more.
void fx_on_observing(const uint8_t *recorded);
/// The session is no more: what was made in it is to be forgotten.
void fx_on_session_end(void);
/// In a forked child, at once: the parent's descriptors are to be closed.
void fx_on_fork(void);
/// In a forked child, before its first call goes on: nobody else runs here, and whoever held a lock
/// does not exist.
void fx_on_first_call_in_child(void);

#endif
