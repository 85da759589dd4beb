// What went wrong, for people: file, line, message, and the way there.
#include <stdarg.h>
#include <stdio.h>

#include "policy.h"

static const char *const hook_names[FXL_HOOK_COUNT] = {
    "ready", "dispatch", "done", "drop", "open", "save",
    "attach", "detach", "changed", "classify", "tick",
};

const char *fxl_hook_name(int32_t hook) {
    return hook >= 0 && hook < FXL_HOOK_COUNT ? hook_names[hook] : "load";
}

static void copy(char *to, size_t bytes, const char *from) {
    snprintf(to, bytes, "%s", from);
}

/// Notes where the script was: the innermost Lua function, and up to eight frames.
void fxl_note_place(fxl_policy *policy, lua_State *lua) {
    fxl_failure *failure = &policy->failure;
    *failure = (fxl_failure){0};
    policy->place_noted = true;
    size_t used = 0;
    lua_Debug frame;
    for (int level = 0, shown = 0; shown < 8 && lua_getstack(lua, level, &frame); level++) {
        if (!lua_getinfo(lua, "nSl", &frame) || frame.currentline <= 0) continue;
        if (!shown++) {
            failure->line = frame.currentline;
            copy(failure->file, sizeof failure->file, frame.short_src);
        }
        int wrote = snprintf(
            failure->traceback + used, sizeof failure->traceback - used, "%s%s:%d: in %s%s",
            used ? "\n" : "", frame.short_src, frame.currentline,
            frame.name ? frame.name : frame.what,
            frame.name && *frame.namewhat ? "()" : "");
        if (wrote < 0 || (size_t)wrote >= sizeof failure->traceback - used) break;
        used += (size_t)wrote;
    }
}

static const char *limit_text(const fxl_policy *policy, char *text, size_t bytes) {
    const fxl_counters *counters = &policy->counters;
    switch (policy->over) {
    case FXL_INSTRUCTIONS:
        snprintf(text, bytes, "too many instructions in one call (limit %lld%s)",
            (long long)policy->instruction_limit, policy->loading ? " while loading" : "");
        break;
    case FXL_TIME:
        snprintf(text, bytes, "too much time in one call (limit %lld microseconds of thread CPU)",
            (long long)policy->cpu_limit / 1000);
        break;
    default:
        snprintf(text, bytes, "too much memory (%lld bytes in %lld blocks; limits %lld and %lld,"
            " %d a block, %d a string)", (long long)counters->memory_bytes,
            (long long)counters->blocks, (long long)policy->limits.memory_bytes,
            (long long)policy->limits.blocks, FXL_ALLOCATION_LIMIT, FXL_STRING_LIMIT);
    }
    return text;
}

/// Takes "file:12: " off the front of a message that already names its place.
static const char *take_place(fxl_failure *failure, const char *message) {
    const char *colon = strchr(message, ':');
    if (!colon || (size_t)(colon - message) >= sizeof failure->file) return message;
    char *end;
    long line = strtol(colon + 1, &end, 10);
    if (end == colon + 1 || *end != ':' || line <= 0) return message;
    memcpy(failure->file, message, (size_t)(colon - message));
    failure->file[colon - message] = 0;
    failure->line = (int32_t)line;
    return end[1] == ' ' ? end + 2 : end + 1;
}

int fxl_handle_error(lua_State *lua) {
    fxl_policy *policy = fxl_policy_of(lua);
    fxl_failure *failure = &policy->failure;
    if (fxl_is_over_value(lua, 1)) return 1;  // the hook noted the place
    fxl_note_place(policy, lua);
    // No __tostring here: nothing of the script's runs while its error is being handled.
    if (lua_type(lua, 1) == LUA_TSTRING) {
        copy(failure->message, sizeof failure->message,
            take_place(failure, lua_tostring(lua, 1)));
    } else if (lua_type(lua, 1) == LUA_TNUMBER) {
        snprintf(failure->message, sizeof failure->message, "error %.14g", lua_tonumber(lua, 1));
    } else {
        snprintf(failure->message, sizeof failure->message, "error object is a %s value",
            luaL_typename(lua, 1));
    }
    return 1;
}

int32_t fxl_note_failure(fxl_policy *policy, int status) {
    fxl_failure *failure = &policy->failure;
    if (policy->over) {
        if (!policy->place_noted) *failure = (fxl_failure){0};
        failure->kind = policy->over;
        limit_text(policy, failure->message, sizeof failure->message);
    } else if (status == LUA_ERRMEM) {
        // The handler did not run.
        *failure = (fxl_failure){.kind = FXL_MEMORY};
        policy->dead = true;
        copy(failure->message, sizeof failure->message, "not enough memory");
    } else if (status == LUA_ERRERR) {
        *failure = (fxl_failure){.kind = FXL_ERROR};
        copy(failure->message, sizeof failure->message, "an error while an error was handled");
    } else {
        failure->kind = FXL_ERROR;
    }
    if (!failure->file[0]) copy(failure->file, sizeof failure->file, policy->file);
    return failure->kind;
}

int32_t fxl_fail(fxl_policy *policy, int32_t kind, const char *format, ...) {
    fxl_failure *failure = &policy->failure;
    *failure = (fxl_failure){.kind = kind};
    copy(failure->file, sizeof failure->file, policy->file);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(failure->message, sizeof failure->message, format, arguments);
    va_end(arguments);
    return kind;
}

int32_t fxl_failure_kind(const fxl_policy *policy) { return policy->failure.kind; }
int32_t fxl_failure_line(const fxl_policy *policy) { return policy->failure.line; }
const char *fxl_failure_file(const fxl_policy *policy) { return policy->failure.file; }
const char *fxl_failure_message(const fxl_policy *policy) { return policy->failure.message; }
const char *fxl_failure_traceback(const fxl_policy *policy) { return policy->failure.traceback; }
bool fxl_is_dead(const fxl_policy *policy) { return policy->dead; }
