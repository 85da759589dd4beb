// What happens to everything here when a session begins or ends, and in a forked child.
#include "../Objects/handles.h"
#include "../Objects/limits.h"
#include "../Objects/memory.h"
#include "../Objects/plans.h"
#include "../Observe/observe.h"
#include "../Observe/resolve.h"
#include "../Route/contexts.h"
#include "../Transport/hooks.h"
#include "../Transport/session.h"

void fx_on_connect(void) { fx_resolve_pin(); }

void fx_on_observing(const uint8_t *recorded) {
    if (recorded != NULL)
        fx_recorded_follow(recorded);
    else
        fx_recorded_forget();
}

void fx_on_session_end(void) {
    fx_handles_forget();
    fx_memory_forget();
    fx_plans_forget();
    fx_limits_forget();
}

void fx_on_fork(void) { fx_session_close_in_child(); }

void fx_on_first_call_in_child(void) {
    fx_session_close_in_child();
    fx_session_reset_in_child();
    fx_handles_reset_in_child();
    fx_memory_reset_in_child();
    fx_contexts_reset_in_child();
    fx_limits_forget();
    fx_plans_reset_in_child();
    fx_resolve_reset_in_child();
}
