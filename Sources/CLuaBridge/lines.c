// Which of the policy's lines decided: the one that took the operation, or the one that held.
#include "policy.h"

/// The line that a function's frame is at; 0 where it is none of Lua's.
static uint32_t line_of(lua_State *lua, lua_Debug *frame) {
    lua_getinfo(lua, "l", frame);
    return frame->currentline > 0 ? (uint32_t)frame->currentline : 0;
}

void fxl_note_line(lua_State *lua, fxl_policy *policy, fxl_entry *entry) {
    lua_Debug caller;
    bool found = policy->records_lines && lua_getstack(lua, 1, &caller);
    entry->line = found ? line_of(lua, &caller) : 0;
}

void fxl_watch_returns(fxl_policy *policy) {
    policy->hold_line = 0;
    policy->hook_mask = LUA_MASKCOUNT | LUA_MASKRET;
}

/// A function returns. Where it is `dispatch` itself, its line is the one that decided, unless that
/// is only the `end` it ran into: then it was the last call that was made, most often a question or
/// a pop that found nothing. With an operation in hand a hold is unlikely, and looking for its line
/// would be paid by every dispatch.
void fxl_note_return(fxl_policy *policy, lua_State *lua, lua_Debug *returning) {
    if (policy->scheduler.popped != FXL_NONE) return;
    lua_Debug caller;
    if (lua_getstack(lua, 1, &caller)) {
        uint32_t line = line_of(lua, &caller);
        if (line) policy->hold_line = line;
        return;
    }
    lua_getinfo(lua, "Sl", returning);
    if (returning->currentline <= 0) return;  // a native
    if (policy->hold_line && returning->currentline == returning->lastlinedefined) return;
    policy->hold_line = (uint32_t)returning->currentline;
}

uint32_t fxl_line_of_hold(const fxl_policy *policy) {
    const fxl_scheduler *scheduler = &policy->scheduler;
    if (!policy->records_holds) return 0;
    return scheduler->popped == FXL_NONE ? policy->hold_line
                                         : scheduler->entries[scheduler->popped].line;
}
