// What a policy finds in its world: the parts of Lua that cannot be used to get out of its bounds,
// and the scheduler's own functions. Not there: xpcall (its handler would run without the hook),
// coroutines, load and its kin, string patterns, collectgarbage, debug, io, os, utf8.
#include <lualib.h>

#include "policy.h"

void fxl_add(lua_State *lua, const luaL_Reg *functions) { luaL_setfuncs(lua, functions, 0); }

/// Copies `names` from the library that `open` makes to the table on top of the stack.
static void borrow(
    lua_State *lua, lua_CFunction open, const char *library, const char *const *names
) {
    lua_pushcfunction(lua, open);
    lua_pushstring(lua, library);
    lua_call(lua, 1, 1);
    for (; *names; names++) {
        lua_getfield(lua, -1, *names);
        lua_setfield(lua, -3, *names);
    }
    lua_pop(lua, 1);
}

const char *fxl_push_text(lua_State *lua, int index, size_t *bytes) {
    index = lua_absindex(lua, index);
    switch (lua_type(lua, index)) {
    case LUA_TNIL: lua_pushliteral(lua, "nil"); break;
    case LUA_TBOOLEAN: lua_pushstring(lua, lua_toboolean(lua, index) ? "true" : "false"); break;
    case LUA_TNUMBER:
    case LUA_TSTRING: lua_pushvalue(lua, index); break;
    default:
        if (luaL_callmeta(lua, index, "__tostring")) {
            if (lua_type(lua, -1) == LUA_TSTRING) break;
            luaL_error(lua, "__tostring must return a string");
        } else {
            // No address: it differs from run to run.
            lua_pushstring(lua, luaL_typename(lua, index));
        }
    }
    return lua_tolstring(lua, -1, bytes);
}

static int base_tostring(lua_State *lua) {
    luaL_checkany(lua, 1);
    fxl_push_text(lua, 1, NULL);
    return 1;
}

/// Long digit strings are dear to convert, and no number needs them.
static int base_tonumber(lua_State *lua) {
    luaL_checkany(lua, 1);
    if (lua_type(lua, 1) == LUA_TSTRING && lua_rawlen(lua, 1) > 100) {
        lua_pushnil(lua);
        return 1;
    }
    lua_pushvalue(lua, lua_upvalueindex(1));
    lua_insert(lua, 1);
    lua_call(lua, lua_gettop(lua) - 1, 1);
    return 1;
}

static int unknown_global(lua_State *lua) {
    return luaL_error(lua, "unknown global '%s'", lua_type(lua, 2) == LUA_TSTRING
        ? lua_tostring(lua, 2) : luaL_typename(lua, 2));
}

void fxl_open_base(lua_State *lua) {
    static const char *const borrowed[] = {
        "assert", "error", "ipairs", "pcall", "rawequal", "rawget", "rawlen", "rawset", "select",
        "tonumber", "type", NULL,
    };
    borrow(lua, luaopen_base, "_G", borrowed);
    lua_getfield(lua, -1, "tonumber");
    lua_pushcclosure(lua, base_tonumber, 1);
    lua_setfield(lua, -2, "tonumber");
    lua_pushcfunction(lua, base_tostring);
    lua_setfield(lua, -2, "tostring");
}

static uint64_t next_random(uint64_t *s) {  // xoshiro256**
    uint64_t result = s[1] * 5;
    result = ((result << 7) | (result >> 57)) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = (s[3] << 45) | (s[3] >> 19);
    return result;
}

/// A number in 0..limit, each equally likely.
static uint64_t random_up_to(uint64_t *state, uint64_t limit) {
    if (limit == UINT64_MAX) return next_random(state);
    uint64_t count = limit + 1, threshold = (0 - count) % count;
    for (;;) {
        uint64_t value = next_random(state);
        if (value >= threshold) return value % count;
    }
}

static int math_random(lua_State *lua) {
    uint64_t *state = fxl_policy_of(lua)->random;
    lua_Integer low = 1, high;
    switch (lua_gettop(lua)) {
    case 0:
        lua_pushnumber(lua, (lua_Number)(next_random(state) >> 11) * 0x1p-53);
        return 1;
    case 1: high = luaL_checkinteger(lua, 1); break;
    default:
        low = luaL_checkinteger(lua, 1);
        high = luaL_checkinteger(lua, 2);
    }
    luaL_argcheck(lua, low <= high, lua_gettop(lua) > 1 ? 2 : 1, "interval is empty");
    uint64_t value = random_up_to(state, (uint64_t)high - (uint64_t)low);
    lua_pushinteger(lua, (lua_Integer)((uint64_t)low + value));
    return 1;
}

void fxl_open_numbers(lua_State *lua) {
    static const char *const borrowed[] = {
        "abs", "acos", "asin", "atan", "ceil", "cos", "exp", "floor", "fmod", "huge", "log", "max",
        "maxinteger", "min", "mininteger", "modf", "pi", "sin", "sqrt", "tan", "tointeger", "type",
        "ult", NULL,
    };
    lua_newtable(lua);
    borrow(lua, luaopen_math, "math", borrowed);
    lua_pushcfunction(lua, math_random);
    lua_setfield(lua, -2, "random");
    lua_setfield(lua, -2, "math");
}

static void add_constants(lua_State *lua) {
    static const struct { const char *name; int value; } constants[] = {
        {"OTHER", 0}, {"PREFILL", 1}, {"DECODE", 2}, {"MIXED", 3},
        {"KERNEL", 0}, {"COPY", 1}, {"FILL", 2}, {"STEP", 3},
    };
    for (size_t i = 0; i < sizeof constants / sizeof *constants; i++) {
        lua_pushinteger(lua, constants[i].value);
        lua_setfield(lua, -2, constants[i].name);
    }
}

void fxl_open_sandbox(lua_State *lua) {
    lua_newtable(lua);
    fxl_open_base(lua);
    fxl_open_iteration(lua);
    fxl_open_metatables(lua);
    fxl_open_tables(lua);
    fxl_open_strings(lua);
    fxl_open_numbers(lua);
    fxl_open_log(lua);
    fxl_open_accessors(lua);
    fxl_open_queues(lua);
    fxl_open_maps(lua);
    fxl_open_modules(lua);
    fxl_open_options(lua);
    add_constants(lua);
    lua_newtable(lua);
    lua_pushcfunction(lua, unknown_global);
    lua_setfield(lua, -2, "__index");
    lua_setmetatable(lua, -2);
    // luaopen_base filled the state's first table of globals; this one takes its place, so that
    // nothing is found through it and every chunk starts with ours.
    lua_rawseti(lua, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
}
