// What `dispatch` answered: `op [, cube_cores, vector_cores [, note]]` or `nil [, wake_ns]`. All of
// it is read before any of it counts, so that an answer with a fault in it leaves its operation
// where it was.
#include <stdio.h>

#include "policy.h"

// Where the answers lie on the stack. Those that were not given are as good as nil, and what goes
// beyond them is dropped, as Lua does it.
enum {
    AT_OPERATION = FXL_SLOT_LAST + 1,
    AT_WAKE = AT_OPERATION + 1,
    AT_CUBE = AT_OPERATION + 1,
    AT_VECTOR,
    AT_NOTE,
};

/// Reads `nil [, wake_ns]`.
static int32_t read_hold(fxl_policy *policy, fxl_decision *decision) {
    decision->line = fxl_line_of_hold(policy);
    int type = lua_type(policy->lua, AT_WAKE);
    if (type <= LUA_TNIL) return FXL_OK;
    lua_Number wake = lua_tonumber(policy->lua, AT_WAKE);
    if (type != LUA_TNUMBER || !(wake >= 0)) {
        return fxl_fail(policy, FXL_HOLD,
            "dispatch returned nil and, as the nanoseconds to wait, %s",
            type == LUA_TNUMBER ? "a negative number or nan" : lua_typename(policy->lua, type));
    }
    decision->wake_ns = wake > 3.6e12 ? (int64_t)3.6e12 : (int64_t)wake;
    return FXL_OK;
}

/// The place of the operation that was returned, or FXL_NONE and why: it must be ready, and for
/// this device.
static uint32_t read_operation(fxl_policy *policy) {
    int is_integer;
    uint64_t id = (uint64_t)lua_tointegerx(policy->lua, AT_OPERATION, &is_integer);
    if (!is_integer) {
        fxl_fail(policy, FXL_NOT_READY, "dispatch returned a %s, not an operation or nil",
            lua_typename(policy->lua, lua_type(policy->lua, AT_OPERATION)));
        return FXL_NONE;
    }
    uint32_t place = fxl_find(&policy->scheduler, id);
    fxl_entry *entry = place == FXL_NONE ? NULL : &policy->scheduler.entries[place];
    if (!entry || entry->state != FXL_READY) {
        fxl_fail(policy, FXL_NOT_READY, "dispatch returned %lld, which is no ready operation",
            (long long)id);
        return FXL_NONE;
    }
    if (entry->facts.device != policy->device_load.device) {
        fxl_fail(policy, FXL_NOT_READY, "dispatch for device %d returned an operation of device %d",
            policy->device_load.device, entry->facts.device);
        return FXL_NONE;
    }
    return place;
}

/// Reads one of the two numbers of cores; nil is no limit.
static int32_t read_cores(fxl_policy *policy, int index, const char *pool, uint16_t *cores) {
    int type = lua_type(policy->lua, index), is_integer = 0;
    if (type <= LUA_TNIL) return FXL_OK;
    // Only numbers: Lua would take a string of digits for one.
    lua_Integer number =
        type == LUA_TNUMBER ? lua_tointegerx(policy->lua, index, &is_integer) : 0;
    if (is_integer && number >= 0 && number <= UINT16_MAX) {
        *cores = (uint16_t)number;
        return FXL_OK;
    }
    char what[40];
    if (type == LUA_TNUMBER) snprintf(what, sizeof what, "%.14g", lua_tonumber(policy->lua, index));
    else snprintf(what, sizeof what, "a %s", lua_typename(policy->lua, type));
    return fxl_fail(policy, FXL_ERROR,
        "dispatch returned %s as %s cores, which is no integer from 0 (no limit) to %d", what, pool,
        UINT16_MAX);
}

static int32_t read_note(fxl_policy *policy, uint32_t *note) {
    int type = lua_type(policy->lua, AT_NOTE);
    if (type <= LUA_TNIL) return FXL_OK;
    if (type != LUA_TSTRING) {
        return fxl_fail(policy, FXL_ERROR, "dispatch returned a %s as its note, which is no string",
            lua_typename(policy->lua, type));
    }
    size_t bytes;
    const char *text = lua_tolstring(policy->lua, AT_NOTE, &bytes);
    *note = fxl_intern_note(policy, text, bytes);
    return FXL_OK;
}

/// Reads `[cube_cores, vector_cores [, note]]`.
static int32_t read_terms(fxl_policy *policy, fxl_decision *decision) {
    int32_t failure = read_cores(policy, AT_CUBE, "cube", &decision->cube_cores);
    if (!failure) failure = read_cores(policy, AT_VECTOR, "vector", &decision->vector_cores);
    if (!failure) failure = read_note(policy, &decision->note);
    return failure;
}

/// Reads `op [, cube_cores, vector_cores [, note]]`.
static int32_t read_dispatch(fxl_policy *policy, fxl_decision *decision) {
    uint32_t place = read_operation(policy);
    if (place == FXL_NONE) return policy->failure.kind;
    const fxl_entry *entry = &policy->scheduler.entries[place];
    // Most answers are an operation and nothing else.
    int32_t failure =
        lua_gettop(policy->lua) > AT_OPERATION ? read_terms(policy, decision) : FXL_OK;
    if (failure) {
        policy->failure.line = (int32_t)entry->line;
        return failure;
    }
    decision->operation = entry->facts.id;
    decision->line = entry->line;
    decision->dispatched = true;
    fxl_commit(&policy->scheduler, place);
    return FXL_OK;
}

int32_t fxl_read_answer(fxl_policy *policy, fxl_decision *decision) {
    return lua_isnoneornil(policy->lua, AT_OPERATION)
        ? read_hold(policy, decision) : read_dispatch(policy, decision);
}
