// table.*: on raw tables, each charged for the elements it touches, so that none can loop unseen
// over a length that lies.
#include <stdio.h>

#include "policy.h"

enum { UNPACK_LIMIT = 250, COMPARE_COST = 4 };

static lua_Integer length_of(lua_State *lua, int index) {
    luaL_checktype(lua, index, LUA_TTABLE);
    return (lua_Integer)lua_rawlen(lua, index);
}

static void charge(lua_State *lua, lua_Integer elements) {
    fxl_charge(fxl_policy_of(lua), 2 + elements);
}

static int table_insert(lua_State *lua) {
    lua_Integer end = length_of(lua, 1) + 1, at = end;
    switch (lua_gettop(lua)) {
    case 2: break;
    case 3:
        at = luaL_checkinteger(lua, 2);
        luaL_argcheck(lua, at >= 1 && at <= end, 2, "position out of bounds");
        charge(lua, end - at);
        for (lua_Integer i = end; i > at; i--) {
            lua_rawgeti(lua, 1, i - 1);
            lua_rawseti(lua, 1, i);
        }
        break;
    default: return luaL_error(lua, "wrong number of arguments to 'insert'");
    }
    lua_rawseti(lua, 1, at);
    return 0;
}

static int table_remove(lua_State *lua) {
    lua_Integer count = length_of(lua, 1), at = luaL_optinteger(lua, 2, count);
    if (count + 1 == at || (count == 0 && at == 0)) {
        lua_rawgeti(lua, 1, at);
    } else {
        luaL_argcheck(lua, at >= 1 && at <= count, 2, "position out of bounds");
        charge(lua, count - at);
        lua_rawgeti(lua, 1, at);
        for (lua_Integer i = at; i < count; i++) {
            lua_rawgeti(lua, 1, i + 1);
            lua_rawseti(lua, 1, i);
        }
        at = count;
    }
    lua_pushnil(lua);
    lua_rawseti(lua, 1, at);
    return 1;
}

static int table_move(lua_State *lua) {
    luaL_checktype(lua, 1, LUA_TTABLE);
    lua_Integer from = luaL_checkinteger(lua, 2), end = luaL_checkinteger(lua, 3);
    lua_Integer to = luaL_checkinteger(lua, 4);
    int target = lua_isnoneornil(lua, 5) ? 1 : 5;
    luaL_checktype(lua, target, LUA_TTABLE);
    if (end >= from) {
        // No table is longer than one allocation; what lies beyond is nil.
        luaL_argcheck(lua, (uint64_t)end - (uint64_t)from < FXL_ALLOCATION_LIMIT / 8, 3,
            "too many elements to move");
        luaL_argcheck(lua, to <= LUA_MAXINTEGER - (end - from), 4, "destination wrap around");
        charge(lua, 2 * (end - from + 1));
        bool forwards = to > end || to <= from || target != 1;
        for (lua_Integer i = 0; i <= end - from; i++) {
            lua_Integer offset = forwards ? i : end - from - i;
            lua_rawgeti(lua, 1, from + offset);
            lua_rawseti(lua, target, to + offset);
        }
    }
    lua_pushvalue(lua, target);
    return 1;
}

static int table_concat(lua_State *lua) {
    char text[FXL_STRING_LIMIT];
    size_t used = 0, separator_bytes, bytes;
    lua_Integer count = length_of(lua, 1);
    const char *separator = luaL_optlstring(lua, 2, "", &separator_bytes);
    lua_Integer from = luaL_optinteger(lua, 3, 1), end = luaL_optinteger(lua, 4, count);
    for (lua_Integer i = from; i <= end; i++) {
        if (lua_rawgeti(lua, 1, i) != LUA_TSTRING && !lua_isnumber(lua, -1)) {
            return luaL_error(lua, "invalid value (a %s) at index %I in table for 'concat'",
                luaL_typename(lua, -1), (LUAI_UACINT)i);
        }
        const char *part = lua_tolstring(lua, -1, &bytes);
        size_t gap = i < end ? separator_bytes : 0;
        if (used + bytes + gap > sizeof text) {
            return luaL_error(lua, "a string holds at most %d bytes", FXL_STRING_LIMIT);
        }
        memcpy(text + used, part, bytes);
        memcpy(text + used + bytes, separator, gap);
        used += bytes + gap;
        // Empty parts add nothing to `text`, so they are counted as they go by.
        if ((i & 255) == 0) charge(lua, 256);
        if (i - from >= FXL_ALLOCATION_LIMIT / 8 || i == LUA_MAXINTEGER) break;
        lua_pop(lua, 1);
    }
    lua_pushlstring(lua, text, used);
    return 1;
}

static int table_unpack(lua_State *lua) {
    luaL_checktype(lua, 1, LUA_TTABLE);
    lua_Integer from = luaL_optinteger(lua, 2, 1);
    lua_Integer end = luaL_opt(lua, luaL_checkinteger, 3, (lua_Integer)lua_rawlen(lua, 1));
    if (from > end) return 0;
    uint64_t count = (uint64_t)end - (uint64_t)from + 1;
    if (count > UNPACK_LIMIT || !lua_checkstack(lua, (int)count)) {
        return luaL_error(lua, "more than %d results to unpack", UNPACK_LIMIT);
    }
    charge(lua, (lua_Integer)count);
    for (uint64_t i = 0; i < count; i++) lua_rawgeti(lua, 1, (lua_Integer)((uint64_t)from + i));
    return (int)count;
}

static int table_pack(lua_State *lua) {
    int count = lua_gettop(lua);
    charge(lua, count);
    lua_createtable(lua, count, 1);
    lua_insert(lua, 1);
    for (int i = count; i >= 1; i--) lua_rawseti(lua, 1, i);
    lua_pushinteger(lua, count);
    lua_setfield(lua, 1, "n");
    return 1;
}

/// Whether element `a` comes before `b`; both are pushed and popped.
static bool comes_before(lua_State *lua, lua_Integer a, lua_Integer b) {
    charge(lua, COMPARE_COST - 2);
    if (lua_isnoneornil(lua, 2)) {
        lua_rawgeti(lua, 1, a);
        lua_rawgeti(lua, 1, b);
        bool result = lua_compare(lua, -2, -1, LUA_OPLT);
        lua_pop(lua, 2);
        return result;
    }
    lua_pushvalue(lua, 2);
    lua_rawgeti(lua, 1, a);
    lua_rawgeti(lua, 1, b);
    lua_call(lua, 2, 1);
    bool result = lua_toboolean(lua, -1);
    lua_pop(lua, 1);
    return result;
}

static void swap(lua_State *lua, lua_Integer a, lua_Integer b) {
    lua_rawgeti(lua, 1, a);
    lua_rawgeti(lua, 1, b);
    lua_rawseti(lua, 1, a);
    lua_rawseti(lua, 1, b);
}

static void sink(lua_State *lua, lua_Integer at, lua_Integer count) {
    for (lua_Integer child; (child = 2 * at) <= count; at = child) {
        if (child < count && comes_before(lua, child, child + 1)) child++;
        if (!comes_before(lua, at, child)) return;
        swap(lua, at, child);
    }
}

/// Heap sort: its number of steps does not depend on what the comparison answers. Comparing without
/// a function runs no instruction that the budget could stop, so what it costs is looked at before.
static int table_sort(lua_State *lua) {
    lua_Integer count = length_of(lua, 1), levels = 1;
    if (!lua_isnoneornil(lua, 2)) luaL_checktype(lua, 2, LUA_TFUNCTION);
    lua_settop(lua, 2);
    while ((count >> levels) > 0) levels++;
    if (count * 2 * levels * COMPARE_COST > fxl_policy_of(lua)->fuel) {
        return luaL_error(lua, "%I elements are too many to sort with what is left of the budget",
            (LUAI_UACINT)count);
    }
    for (lua_Integer i = count / 2; i >= 1; i--) sink(lua, i, count);
    for (lua_Integer end = count; end > 1; end--) {
        swap(lua, 1, end);
        sink(lua, 1, end - 1);
    }
    return 0;
}

void fxl_open_tables(lua_State *lua) {
    static const luaL_Reg functions[] = {
        {"concat", table_concat}, {"insert", table_insert}, {"move", table_move},
        {"pack", table_pack}, {"remove", table_remove}, {"sort", table_sort},
        {"unpack", table_unpack}, {NULL, NULL},
    };
    lua_newtable(lua);
    fxl_add(lua, functions);
    lua_setfield(lua, -2, "table");
}
