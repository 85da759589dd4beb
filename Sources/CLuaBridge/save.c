// Starting with the state of the version before, and handing it on: plain data as Lua text, keys in
// their fixed order, so that equal data gives equal bytes.
#include <math.h>
#include <stdio.h>

#include "policy.h"

// MARK: Writing

static void append(lua_State *lua, const char *text, size_t bytes) {
    fxl_policy *policy = fxl_policy_of(lua);
    size_t needed = policy->save_bytes + bytes;
    if (needed > FXL_SAVE_LIMIT) {
        luaL_error(lua, "more than %d bytes of state", FXL_SAVE_LIMIT);
    }
    if (needed > policy->save_capacity) {
        size_t capacity = needed * 2;
        char *grown = realloc(policy->save_text, capacity);
        if (!grown) luaL_error(lua, "not enough memory for the state");
        policy->save_text = grown;
        policy->save_capacity = capacity;
    }
    memcpy(policy->save_text + policy->save_bytes, text, bytes);
    policy->save_bytes = needed;
}

static void append_text(lua_State *lua, const char *text) { append(lua, text, strlen(text)); }

static void write_string(lua_State *lua, int index) {
    size_t bytes;
    const char *text = lua_tolstring(lua, index, &bytes);
    append_text(lua, "\"");
    for (size_t i = 0; i < bytes; i++) {
        unsigned char byte = (unsigned char)text[i];
        char escaped[8] = {(char)byte, 0};
        if (byte == '"' || byte == '\\') snprintf(escaped, sizeof escaped, "\\%c", byte);
        // Bytes beyond ASCII too: what is not UTF-8 has to come back as it was.
        else if (byte < ' ' || byte >= 127) snprintf(escaped, sizeof escaped, "\\%03d", byte);
        append_text(lua, escaped);
    }
    append_text(lua, "\"");
}

static void write_number(lua_State *lua, int index) {
    char text[48];
    if (lua_isinteger(lua, index)) {
        long long value = lua_tointeger(lua, index);
        // The most negative integer, spelled in decimal, would be read as a float.
        if (value == LUA_MININTEGER) snprintf(text, sizeof text, "0x8000000000000000");
        else snprintf(text, sizeof text, "%lld", value);
    } else {
        double value = lua_tonumber(lua, index);
        if (isnan(value)) snprintf(text, sizeof text, "(0/0)");
        else if (isinf(value)) snprintf(text, sizeof text, value > 0 ? "1e999" : "-1e999");
        else snprintf(text, sizeof text, "%a", value);
    }
    append_text(lua, text);
}

static void write_value(lua_State *lua, int index, int depth);

static void write_table(lua_State *lua, int index, int depth) {
    if (depth > FXL_SAVE_DEPTH) {
        luaL_error(lua, "tables nested deeper than %d, or in a cycle", FXL_SAVE_DEPTH);
    }
    luaL_checkstack(lua, 8, NULL);
    int count = fxl_push_keys(lua, index), keys = lua_gettop(lua);
    append_text(lua, "{");
    for (int i = 1; i <= count; i++) {
        if (i > 1) append_text(lua, ",");
        lua_rawgeti(lua, keys, i);
        append_text(lua, "[");
        write_value(lua, keys + 1, depth);
        append_text(lua, "]=");
        lua_rawget(lua, index);
        write_value(lua, keys + 1, depth);
        lua_settop(lua, keys);
    }
    append_text(lua, "}");
    lua_settop(lua, keys - 1);
}

static void write_value(lua_State *lua, int index, int depth) {
    switch (lua_type(lua, index)) {
    case LUA_TBOOLEAN: append_text(lua, lua_toboolean(lua, index) ? "true" : "false"); break;
    case LUA_TNUMBER: write_number(lua, index); break;
    case LUA_TSTRING: write_string(lua, index); break;
    case LUA_TTABLE: write_table(lua, index, depth + 1); break;
    default: luaL_error(lua, "plain data only, not a %s", luaL_typename(lua, index));
    }
}

/// Argument: the function. It is called here, under one budget with the writing.
static int save_main(lua_State *lua) {
    fxl_policy *policy = fxl_policy_of(lua);
    lua_call(lua, 0, 1);
    policy->save_bytes = 0;
    if (lua_isnil(lua, 1)) return 0;
    write_value(lua, 1, 0);
    append(lua, "", 1);
    return 0;
}

/// What cannot be written is found after the function has returned: its place is where it begins.
static void note_function(fxl_policy *policy) {
    lua_Debug function;
    lua_pushvalue(policy->lua, FXL_SLOT_HOOKS + FXL_HOOK_SAVE);
    if (!lua_getinfo(policy->lua, ">S", &function) || function.linedefined <= 0) return;
    policy->failure.line = function.linedefined;
    snprintf(policy->failure.file, sizeof policy->failure.file, "%s", function.short_src);
}

int32_t fxl_save(fxl_policy *policy, int64_t now, const char **text, size_t *bytes) {
    *text = NULL;
    *bytes = 0;
    if (policy->dead) return fxl_fail_dead(policy);
    if (!policy->hooks[FXL_HOOK_SAVE]) return FXL_OK;
    policy->now = now;
    policy->save_bytes = 0;
    lua_pushcfunction(policy->lua, save_main);
    lua_pushvalue(policy->lua, FXL_SLOT_HOOKS + FXL_HOOK_SAVE);
    int32_t failure = fxl_call(policy, FXL_HOOK_SAVE, 1, 0);
    fxl_settle(&policy->scheduler);
    if (failure && policy->failure.line == 0) note_function(policy);
    if (failure || policy->save_bytes == 0) return failure;
    *text = policy->save_text;
    *bytes = policy->save_bytes - 1;
    return FXL_OK;
}

// MARK: Opening

typedef struct {
    const char *saved;
    size_t saved_bytes;
    const char *previous;
    int64_t previous_version;
    const int32_t *devices;
    uint32_t device_count;
} open_context;

/// Runs the saved text in a world of its own, where there is nothing to call, and leaves its value.
static void push_saved(lua_State *lua, const open_context *context) {
    static const char prefix[] = "return ";
    size_t bytes = sizeof prefix - 1 + context->saved_bytes;
    char *text = lua_newuserdatauv(lua, bytes, 0);
    memcpy(text, prefix, sizeof prefix - 1);
    memcpy(text + sizeof prefix - 1, context->saved, context->saved_bytes);
    fxl_compile_text(lua, text, bytes, "saved state");
    lua_newtable(lua);
    lua_setupvalue(lua, -2, 1);
    lua_call(lua, 0, 1);
    lua_remove(lua, -2);
}

static int open_main(lua_State *lua) {
    const open_context *context = lua_touserdata(lua, 2);
    lua_settop(lua, 1);
    lua_newtable(lua);
    fxl_push_options(lua);
    lua_setfield(lua, 2, "options");
    lua_createtable(lua, (int)context->device_count, 0);
    for (uint32_t i = 0; i < context->device_count; i++) {
        lua_pushinteger(lua, context->devices[i]);
        lua_rawseti(lua, -2, (lua_Integer)i + 1);
    }
    lua_setfield(lua, 2, "devices");
    if (context->saved) {
        push_saved(lua, context);
        lua_setfield(lua, 2, "saved");
    }
    if (context->previous) {
        lua_newtable(lua);
        lua_pushstring(lua, context->previous);
        lua_setfield(lua, -2, "name");
        lua_pushinteger(lua, context->previous_version);
        lua_setfield(lua, -2, "version");
        lua_setfield(lua, 2, "previous");
    }
    lua_call(lua, 1, 0);
    return 0;
}

int32_t fxl_open(
    fxl_policy *policy, const char *saved, size_t saved_bytes, const char *previous,
    int64_t previous_version, const int32_t *devices, uint32_t device_count, int64_t now
) {
    if (policy->dead) return fxl_fail_dead(policy);
    if (!policy->hooks[FXL_HOOK_OPEN]) return FXL_OK;
    policy->now = now;
    open_context context = {
        saved, saved_bytes, previous, previous_version, devices, device_count,
    };
    lua_pushcfunction(policy->lua, open_main);
    lua_pushvalue(policy->lua, FXL_SLOT_HOOKS + FXL_HOOK_OPEN);
    lua_pushlightuserdata(policy->lua, &context);
    int32_t failure = fxl_call(policy, FXL_HOOK_OPEN, 2, 0);
    fxl_settle(&policy->scheduler);
    return failure;
}
