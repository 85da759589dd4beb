// map(): a table with integer keys and numbers or booleans as values, kept outside of Lua: for what
// is too much for the policy's own memory. m[k] reads (nil where there is nothing), m[k] = v
// writes, m[k] = nil removes, #m counts, and `for k, v in m:each()` visits in the order of
// insertion.
#include "policy.h"

typedef struct {
    int64_t key;
    union { int64_t integer; double number; };
    uint8_t type;  // 0 removed, 1 integer, 2 number, 3 boolean
} map_entry;

typedef struct {
    uint64_t mark;
    map_entry *entries;  // in order of insertion, removed ones included
    uint32_t *places;    // open addressing: entry + 1, 0 where free
    uint32_t used, live, capacity, place_count;
} map_box;

static const uint64_t map_mark = 0x70616dull;

static map_box *map_at(lua_State *lua) {
    map_box *map = lua_type(lua, 1) == LUA_TUSERDATA ? lua_touserdata(lua, 1) : NULL;
    if (!map || map->mark != map_mark) luaL_typeerror(lua, 1, "map");
    return map;
}

static uint64_t mix(uint64_t key) {
    key = (key ^ (key >> 30)) * 0xbf58476d1ce4e5b9ull;
    key = (key ^ (key >> 27)) * 0x94d049bb133111ebull;
    return key ^ (key >> 31);
}

/// The place of the key, or the free one where it would go. Every step is charged: keys can be
/// chosen so that they all meet.
static uint32_t place_of(lua_State *lua, const map_box *map, int64_t key) {
    uint32_t mask = map->place_count - 1, place = (uint32_t)mix((uint64_t)key) & mask;
    int64_t steps = 0;
    while (map->places[place] && map->entries[map->places[place] - 1].key != key) {
        place = (place + 1) & mask;
        steps++;
    }
    if (steps > 4) fxl_charge(fxl_policy_of(lua), steps / 2);
    return place;
}

/// Makes room for one entry more; drops what was removed.
static void make_room(lua_State *lua, map_box *map) {
    fxl_policy *policy = fxl_policy_of(lua);
    if (map->used < map->capacity) return;
    uint32_t capacity = map->capacity ? map->capacity : 16;
    if (map->live * 2 > capacity || !map->capacity) capacity = map->capacity ? capacity * 2 : 16;
    if (policy->map_entries - map->capacity + capacity > FXL_MAP_LIMIT) {
        luaL_error(lua, "more than %d entries in maps", FXL_MAP_LIMIT);
    }
    map_entry *entries = malloc(capacity * sizeof *entries);
    uint32_t *places = calloc(capacity * 2, sizeof *places);
    if (!entries || !places) {
        free(entries);
        free(places);
        luaL_error(lua, "not enough memory for a map");
    }
    policy->map_entries += capacity - map->capacity;
    uint32_t used = 0;
    for (uint32_t i = 0; i < map->used; i++) {
        if (map->entries[i].type) entries[used++] = map->entries[i];
    }
    free(map->entries);
    free(map->places);
    map->entries = entries;
    map->places = places;
    map->used = used;
    map->capacity = capacity;
    map->place_count = capacity * 2;
    for (uint32_t i = 0; i < used; i++) places[place_of(lua, map, entries[i].key)] = i + 1;
    fxl_charge(policy, capacity / 2);
}

static int push_value(lua_State *lua, const map_entry *entry) {
    switch (entry->type) {
    case 1: lua_pushinteger(lua, entry->integer); break;
    case 2: lua_pushnumber(lua, entry->number); break;
    case 3: lua_pushboolean(lua, (int)entry->integer); break;
    default: lua_pushnil(lua);
    }
    return 1;
}

static int map_each_step(lua_State *lua) {
    map_box *map = map_at(lua);
    lua_Integer at = lua_tointeger(lua, lua_upvalueindex(1)), from = at;
    while (at < map->used && !map->entries[at].type) at++;
    fxl_charge(fxl_policy_of(lua), (at - from) / 4);
    if (at >= map->used) {
        lua_pushnil(lua);
        return 1;
    }
    lua_pushinteger(lua, at + 1);
    lua_replace(lua, lua_upvalueindex(1));
    lua_pushinteger(lua, map->entries[at].key);
    push_value(lua, &map->entries[at]);
    return 2;
}

static int map_each(lua_State *lua) {
    map_at(lua);
    lua_pushinteger(lua, 0);
    lua_pushcclosure(lua, map_each_step, 1);
    lua_pushvalue(lua, 1);
    return 2;
}

static int map_index(lua_State *lua) {
    map_box *map = map_at(lua);
    if (lua_type(lua, 2) == LUA_TSTRING && strcmp(lua_tostring(lua, 2), "each") == 0) {
        lua_pushcfunction(lua, map_each);
        return 1;
    }
    int64_t key = luaL_checkinteger(lua, 2);
    uint32_t place = map->place_count ? place_of(lua, map, key) : 0;
    if (!map->place_count || !map->places[place]) {
        lua_pushnil(lua);
        return 1;
    }
    return push_value(lua, &map->entries[map->places[place] - 1]);
}

static void read_value(lua_State *lua, map_entry *entry) {
    switch (lua_type(lua, 3)) {
    case LUA_TNUMBER:
        entry->type = lua_isinteger(lua, 3) ? 1 : 2;
        if (entry->type == 1) entry->integer = lua_tointeger(lua, 3);
        else entry->number = lua_tonumber(lua, 3);
        break;
    case LUA_TBOOLEAN:
        entry->type = 3;
        entry->integer = lua_toboolean(lua, 3);
        break;
    case LUA_TNIL: entry->type = 0; break;
    default: luaL_typeerror(lua, 3, "number or boolean");
    }
}

static int map_assign(lua_State *lua) {
    map_box *map = map_at(lua);
    map_entry new = {.key = luaL_checkinteger(lua, 2)};
    read_value(lua, &new);
    uint32_t place = map->place_count ? place_of(lua, map, new.key) : 0;
    if (map->place_count && map->places[place]) {
        map_entry *entry = &map->entries[map->places[place] - 1];
        map->live += (new.type != 0) - (entry->type != 0);
        *entry = new;
    } else if (new.type) {
        make_room(lua, map);
        place = place_of(lua, map, new.key);
        map->entries[map->used++] = new;
        map->places[place] = map->used;
        map->live++;
    }
    return 0;
}

static int map_length(lua_State *lua) {
    lua_pushinteger(lua, map_at(lua)->live);
    return 1;
}

/// Native, so that it may be a finalizer: it runs no script.
static int map_collect(lua_State *lua) {
    map_box *map = lua_touserdata(lua, 1);
    if (!map) return 0;
    fxl_policy_of(lua)->map_entries -= map->capacity;
    free(map->entries);
    free(map->places);
    map->entries = NULL;
    map->places = NULL;
    map->used = map->live = map->capacity = map->place_count = 0;
    return 0;
}

static int map_new(lua_State *lua) {
    map_box *map = lua_newuserdatauv(lua, sizeof *map, 0);
    *map = (map_box){.mark = map_mark};
    lua_rawgeti(lua, LUA_REGISTRYINDEX, FXL_KEY_MAP);
    lua_setmetatable(lua, -2);
    return 1;
}

void fxl_open_maps(lua_State *lua) {
    static const luaL_Reg metamethods[] = {
        {"__index", map_index}, {"__newindex", map_assign}, {"__len", map_length},
        {"__gc", map_collect}, {NULL, NULL},
    };
    lua_newtable(lua);
    fxl_add(lua, metamethods);
    lua_pushliteral(lua, "map");
    lua_setfield(lua, -2, "__name");
    lua_rawseti(lua, LUA_REGISTRYINDEX, FXL_KEY_MAP);
    lua_pushcfunction(lua, map_new);
    lua_setfield(lua, -2, "map");
}
