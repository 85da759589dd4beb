// fork.h: how a forked child is told from its parent, and what it forgets.
#ifndef FX_FORK_H
#define FX_FORK_H

#include <stdint.h>

struct fx_session;

/// What the process knows of itself, on a page that the kernel wipes in a forked child: there
/// `session` is NULL and `alive` 0, and nothing of the parent's session is used.
struct fx_process {
    struct fx_session *session;  // the current one; NULL: none
    uint32_t alive;              // 1 in the process that made the page
};
extern struct fx_process *fx_process;

/// Makes the page that tells (session.h). 0, or −1 where memory is short.
int fx_process_begin(void);
/// In a forked child, once: forgets the parent's session, locks and rings. Cheap when it is not
/// one.
void fx_fork_check(void);
/// Whether this is a child that has not called aclInit yet; and that it has.
int fx_process_is_fork(void);
void fx_process_adopt(void);

#endif
