// setmetatable and getmetatable. A table gets a sealed copy of the metamethods that the script
// gives: so __gc, __close and __mode, which run or act when the budget does not look, can neither
// be set nor slipped in later. A table as __index or __newindex becomes a native function, and
// __call must be a function: Lua follows chains of these within one instruction.
//
// Metamethods are therefore read when setmetatable is called; changes after it have no effect.
#include "policy.h"

static const char *const allowed[] = {
    "__add", "__band", "__bnot", "__bor", "__bxor", "__call", "__concat", "__div", "__eq", "__idiv",
    "__index", "__le", "__len", "__lt", "__mod", "__mul", "__name", "__newindex", "__pow", "__shl",
    "__shr", "__sub", "__tostring", "__unm", NULL,
};

/// What following one table of a chain costs, in instructions.
enum { CHAIN_COST = 10 };

static int index_through(lua_State *lua) {
    fxl_charge(fxl_policy_of(lua), CHAIN_COST);
    lua_settop(lua, 2);
    lua_gettable(lua, lua_upvalueindex(1));
    return 1;
}

static int assign_through(lua_State *lua) {
    fxl_charge(fxl_policy_of(lua), CHAIN_COST);
    lua_settop(lua, 3);
    lua_settable(lua, lua_upvalueindex(1));
    return 0;
}

static bool is_allowed(const char *name) {
    for (int i = 0; allowed[i]; i++) {
        if (strcmp(allowed[i], name) == 0) return true;
    }
    return false;
}

/// Raises where the metatable at `index` has something that policies may not use.
static void check_fields(lua_State *lua, int index) {
    int64_t visited = 0;
    for (lua_pushnil(lua); lua_next(lua, index); lua_pop(lua, 1)) {
        visited++;
        if (lua_type(lua, -2) != LUA_TSTRING) continue;
        const char *name = lua_tostring(lua, -2);
        if (name[0] == '_' && name[1] == '_' && !is_allowed(name)) {
            luaL_error(lua, "'%s' is not available to policies", name);
        }
    }
    fxl_charge(fxl_policy_of(lua), 16 + visited);
}

/// Where a metatable keeps its sealed copy, and the copy its original: a key that no script can
/// name.
static char link_key;

/// Pushes the sealed copy that belongs to the metatable at `index`, the same one each time.
static void push_sealed(lua_State *lua, int index) {
    if (lua_rawgetp(lua, index, &link_key) == LUA_TTABLE) return;
    lua_pop(lua, 1);
    lua_newtable(lua);
    lua_pushvalue(lua, index);
    lua_rawsetp(lua, -2, &link_key);
    lua_pushvalue(lua, -1);
    lua_rawsetp(lua, index, &link_key);
}

static void copy_field(lua_State *lua, int from, int to, const char *name) {
    lua_pushstring(lua, name);
    lua_pushvalue(lua, -1);
    int type = lua_rawget(lua, from);
    bool is_index = strcmp(name, "__index") == 0;
    if (type == LUA_TTABLE && (is_index || strcmp(name, "__newindex") == 0)) {
        lua_pushcclosure(lua, is_index ? index_through : assign_through, 1);
    } else if (type != LUA_TNIL && type != LUA_TFUNCTION && strcmp(name, "__name") != 0) {
        luaL_error(lua, "'%s' must be a function, not a %s", name, lua_typename(lua, type));
    }
    lua_rawset(lua, to);
}

static int base_setmetatable(lua_State *lua) {
    luaL_checktype(lua, 1, LUA_TTABLE);
    luaL_argexpected(lua, lua_isnil(lua, 2) || lua_istable(lua, 2), 2, "nil or table");
    lua_settop(lua, 2);
    if (lua_isnil(lua, 2)) {
        lua_setmetatable(lua, 1);
        return 1;
    }
    check_fields(lua, 2);
    push_sealed(lua, 2);
    for (int i = 0; allowed[i]; i++) copy_field(lua, 2, 3, allowed[i]);
    lua_setmetatable(lua, 1);
    lua_settop(lua, 1);
    return 1;
}

/// The metatable as the script gave it. Strings and queues have one too, which is nobody's
/// business.
static int base_getmetatable(lua_State *lua) {
    luaL_checkany(lua, 1);
    if (!lua_istable(lua, 1) || !lua_getmetatable(lua, 1)) {
        lua_pushnil(lua);
        return 1;
    }
    lua_rawgetp(lua, -1, &link_key);
    return 1;
}

void fxl_open_metatables(lua_State *lua) {
    static const luaL_Reg functions[] = {
        {"setmetatable", base_setmetatable}, {"getmetatable", base_getmetatable}, {NULL, NULL},
    };
    fxl_add(lua, functions);
}
