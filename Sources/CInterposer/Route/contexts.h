// contexts.h: what the process remembers of aclInit and of the devices that it has set.
#ifndef FX_CONTEXTS_H
#define FX_CONTEXTS_H

/// In a forked child: nothing is initialised, no device is set.
void fx_contexts_reset_in_child(void);

#endif
