// fork.h: how a forked child is told from its parent, and what it forgets.
#ifndef FX_FORK_H
#define FX_FORK_H

/// Makes the page that tells (session.h). 0, or −1 where memory is short.
int fx_process_begin(void);
/// In a forked child, once: forgets the parent's session, locks and rings. Cheap when it is not
/// one.
void fx_fork_check(void);
/// Whether this is a child that has not called aclInit yet; and that it has.
int fx_process_is_fork(void);
void fx_process_adopt(void);

// What modules do in the child: nobody else runs there, and whoever held a lock does not exist.
void fx_session_close_in_child(void);
void fx_session_reset_in_child(void);
void fx_handles_reset_in_child(void);
void fx_memory_reset_in_child(void);
void fx_reserve_reset_in_child(void);
void fx_context_reset_in_child(void);
void fx_signatures_reset_in_child(void);
void fx_resolve_reset_in_child(void);

#endif
