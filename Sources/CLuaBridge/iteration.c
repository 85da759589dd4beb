// pairs and next in a fixed order: numbers ascending, then strings by their bytes, then false,
// true. Lua's own order depends on a seed that differs from run to run, and a policy has to decide
// the same way each time.
//
// `pairs` puts the keys in order when the loop starts: keys that the loop adds are not visited,
// keys that it removes are skipped. `next(t, k)` looks for the key after k among all of them.
#include "policy.h"

typedef struct {
    int type;  // 0 integer, 1 float, 2 string, 3 boolean
    union {
        lua_Integer integer;
        lua_Number number;
        struct { const char *bytes; size_t count; } text;
        int boolean;
    };
} key_value;

static key_value key_at(lua_State *lua, int index) {
    key_value key = {0};
    switch (lua_type(lua, index)) {
    case LUA_TNUMBER:
        key.type = lua_isinteger(lua, index) ? 0 : 1;
        if (key.type == 0) key.integer = lua_tointeger(lua, index);
        else key.number = lua_tonumber(lua, index);
        break;
    case LUA_TSTRING:
        key.type = 2;
        key.text.bytes = lua_tolstring(lua, index, &key.text.count);
        break;
    case LUA_TBOOLEAN:
        key.type = 3;
        key.boolean = lua_toboolean(lua, index);
        break;
    default:
        luaL_error(lua, "a key is a %s: such keys have no fixed order, so the table cannot be "
            "iterated", luaL_typename(lua, index));
    }
    return key;
}

static int compare_numbers(const key_value *a, const key_value *b) {
    if (a->type == 0 && b->type == 0) return (a->integer > b->integer) - (a->integer < b->integer);
    lua_Number x = a->type == 0 ? (lua_Number)a->integer : a->number;
    lua_Number y = b->type == 0 ? (lua_Number)b->integer : b->number;
    return x != y ? (x > y) - (x < y) : a->type - b->type;
}

static int compare_keys(const void *left, const void *right) {
    const key_value *a = left, *b = right;
    if (a->type <= 1 && b->type <= 1) return compare_numbers(a, b);
    if (a->type != b->type) return a->type - b->type;
    if (a->type == 3) return a->boolean - b->boolean;
    size_t shared = a->text.count < b->text.count ? a->text.count : b->text.count;
    int order = memcmp(a->text.bytes, b->text.bytes, shared);
    return order ? order : (a->text.count > b->text.count) - (a->text.count < b->text.count);
}

static void push_key(lua_State *lua, const key_value *key) {
    switch (key->type) {
    case 0: lua_pushinteger(lua, key->integer); break;
    case 1: lua_pushnumber(lua, key->number); break;
    case 2: lua_pushlstring(lua, key->text.bytes, key->text.count); break;
    default: lua_pushboolean(lua, key->boolean);
    }
}

/// Like lua_next, without the keys that are the sandbox's own (metatables.c).
static int next_key(lua_State *lua, int index) {
    while (lua_next(lua, index)) {
        if (lua_type(lua, -2) != LUA_TLIGHTUSERDATA) return 1;
        lua_pop(lua, 1);
    }
    return 0;
}

int fxl_push_keys(lua_State *lua, int index) {
    index = lua_absindex(lua, index);
    int count = 0;
    size_t bytes = 0;
    for (lua_pushnil(lua); next_key(lua, index); lua_pop(lua, 1)) {
        if (++count > FXL_PAIRS_LIMIT) {
            luaL_error(lua, "more than %d keys to put in order; use a map()", FXL_PAIRS_LIMIT);
        }
        // Each is compared with many others, and copied.
        if (lua_type(lua, -2) == LUA_TSTRING) bytes += lua_rawlen(lua, -2);
        if (bytes > FXL_PAIRS_BYTES) {
            luaL_error(lua, "keys of more than %d bytes to put in order; use shorter ones",
                FXL_PAIRS_BYTES);
        }
    }
    fxl_charge(fxl_policy_of(lua), 16 + count * 8 + (int64_t)bytes / FXL_BYTES_PER_INSTRUCTION);
    // In a block of Lua's, so that an error below leaks nothing.
    key_value *keys = lua_newuserdatauv(lua, (size_t)(count ? count : 1) * sizeof *keys, 0);
    int at = 0;
    for (lua_pushnil(lua); next_key(lua, index); lua_pop(lua, 1)) keys[at++] = key_at(lua, -2);
    qsort(keys, (size_t)count, sizeof *keys, compare_keys);
    lua_createtable(lua, count, 0);
    for (int i = 0; i < count; i++) {
        push_key(lua, &keys[i]);
        lua_rawseti(lua, -2, i + 1);
    }
    lua_remove(lua, -2);
    return count;
}

/// Upvalues: the keys in order, how many were visited, how many there are.
static int pairs_step(lua_State *lua) {
    luaL_checktype(lua, 1, LUA_TTABLE);
    lua_Integer at = lua_tointeger(lua, lua_upvalueindex(2));
    lua_Integer count = lua_tointeger(lua, lua_upvalueindex(3));
    while (at < count) {
        lua_rawgeti(lua, lua_upvalueindex(1), ++at);
        lua_pushvalue(lua, -1);
        if (lua_rawget(lua, 1) != LUA_TNIL) {
            lua_pushinteger(lua, at);
            lua_replace(lua, lua_upvalueindex(2));
            return 2;
        }
        lua_settop(lua, 1);
        fxl_charge(fxl_policy_of(lua), 1);
    }
    lua_pushnil(lua);
    return 1;
}

static int base_pairs(lua_State *lua) {
    luaL_checktype(lua, 1, LUA_TTABLE);
    int count = fxl_push_keys(lua, 1);
    lua_pushinteger(lua, 0);
    lua_pushinteger(lua, count);
    lua_pushcclosure(lua, pairs_step, 3);
    lua_pushvalue(lua, 1);
    lua_pushnil(lua);
    return 3;
}

static int base_next(lua_State *lua) {
    luaL_checktype(lua, 1, LUA_TTABLE);
    lua_settop(lua, 2);
    bool first = lua_isnil(lua, 2), found = false;
    key_value after = {0}, best = {0};
    if (!first) after = key_at(lua, 2);
    int64_t visited = 0;
    for (lua_pushnil(lua); next_key(lua, 1); lua_pop(lua, 1)) {
        visited++;
        key_value key = key_at(lua, -2);
        if (!first && compare_keys(&key, &after) <= 0) continue;
        if (!found || compare_keys(&key, &best) < 0) best = key;
        found = true;
    }
    // Empty places are passed over as well, and how many there are cannot be asked.
    fxl_charge(fxl_policy_of(lua), 16 + visited);
    if (visited < 16) fxl_policy_of(lua)->bytes_to_clock -= FXL_CLOCK_BYTES / 16;
    if (!found) {
        lua_pushnil(lua);
        return 1;
    }
    push_key(lua, &best);
    lua_pushvalue(lua, -1);
    lua_rawget(lua, 1);
    return 2;
}

void fxl_open_iteration(lua_State *lua) {
    static const luaL_Reg functions[] = {{"pairs", base_pairs}, {"next", base_next}, {NULL, NULL}};
    fxl_add(lua, functions);
}
