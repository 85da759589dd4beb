// What is there, by name: for `policy check`, which says what an unknown name might have meant.
#include "policy.h"

typedef struct {
    fxl_policy *policy;
    bool fields;  // of the policy's table, else of the globals
} listing;

static void add(lua_State *lua, const char *text) {
    fxl_policy *policy = fxl_policy_of(lua);
    size_t bytes = strlen(text), needed = policy->save_bytes + bytes + 1;
    if (needed > FXL_SAVE_LIMIT) return;
    if (needed > policy->save_capacity) {
        char *grown = realloc(policy->save_text, needed * 2);
        if (!grown) return;
        policy->save_text = grown;
        policy->save_capacity = needed * 2;
    }
    memcpy(policy->save_text + policy->save_bytes, text, bytes + 1);
    policy->save_bytes += bytes;
}

/// Adds a line for each string key of the table at `index`: prefix, key, separator and type of
/// value.
static void add_keys(lua_State *lua, int index, const char *prefix, bool goes_deeper) {
    int count = fxl_push_keys(lua, index), keys = lua_gettop(lua);
    for (int i = 1; i <= count; i++) {
        if (lua_rawgeti(lua, keys, i) == LUA_TSTRING) {
            const char *key = lua_tostring(lua, -1);
            lua_pushvalue(lua, -1);
            lua_rawget(lua, index);
            add(lua, prefix);
            add(lua, key);
            add(lua, " ");
            add(lua, luaL_typename(lua, -1));
            add(lua, "\n");
            if (goes_deeper && lua_istable(lua, -1)) {
                const char *inner = lua_pushfstring(lua, "%s.", key);
                add_keys(lua, keys + 2, inner, false);
            }
        }
        lua_settop(lua, keys);
    }
    lua_settop(lua, keys - 1);
}

static int list_main(lua_State *lua) {
    const listing *what = lua_touserdata(lua, 1);
    lua_rawgeti(lua, LUA_REGISTRYINDEX, what->fields ? FXL_KEY_POLICY : LUA_RIDX_GLOBALS);
    if (lua_istable(lua, 2)) add_keys(lua, 2, "", !what->fields);
    return 0;
}

static const char *list(fxl_policy *policy, bool fields) {
    listing what = {policy, fields};
    policy->save_bytes = 0;
    fxl_begin(policy, policy->limits.open_instructions, policy->limits.open_cpu_ns);
    return fxl_run(policy, list_main, &what, 0) || !policy->save_bytes ? "" : policy->save_text;
}

const char *fxl_list_globals(fxl_policy *policy) { return list(policy, false); }
const char *fxl_list_fields(fxl_policy *policy) { return list(policy, true); }
