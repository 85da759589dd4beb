#include "floor.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdlib.h>

enum { FUNCTIONS = 3, WINDOW = 100, INSTRUCTIONS = 10000, MEMORY_BYTES = 8 << 20 };

typedef struct {
    lua_State *lua;
    int64_t fuel;
    int64_t bytes;
} budget;

static void *allocate(void *context, void *block, size_t old_bytes, size_t new_bytes) {
    budget *state = context;
    if (!block) old_bytes = 0;
    if (state->bytes + (int64_t)new_bytes - (int64_t)old_bytes > MEMORY_BYTES) return NULL;
    state->bytes += (int64_t)new_bytes - (int64_t)old_bytes;
    if (new_bytes) return realloc(block, new_bytes);
    free(block);
    return NULL;
}

static void count_hook(lua_State *lua, lua_Debug *where) {
    (void)where;
    budget *state = *(budget **)lua_getextraspace(lua);
    state->fuel -= WINDOW;
    if (state->fuel <= 0) luaL_error(lua, "too many instructions");
}

static int handle_error(lua_State *lua) {
    (void)lua;
    return 1;
}

void *floor_open(void) {
    budget *state = calloc(1, sizeof *state);
    if (!state) return NULL;
    state->lua = lua_newstate(allocate, state);
    if (!state->lua) {
        free(state);
        return NULL;
    }
    *(budget **)lua_getextraspace(state->lua) = state;
    lua_pushcfunction(state->lua, handle_error);
    for (int i = 0; i < FUNCTIONS; i++) {
        if (luaL_loadstring(state->lua, "return function() end")) abort();
        if (lua_pcall(state->lua, 0, 1, 0)) abort();
    }
    return state;
}

void floor_close(void *context) {
    budget *state = context;
    lua_close(state->lua);
    free(state);
}

void floor_run(void *context, int64_t rounds) {
    budget *state = context;
    for (int64_t round = 0; round < rounds; round++) {
        for (int i = 0; i < FUNCTIONS; i++) {
            state->fuel = INSTRUCTIONS;
            lua_sethook(state->lua, count_hook, LUA_MASKCOUNT, WINDOW);
            lua_pushvalue(state->lua, 2 + i);
            if (lua_pcall(state->lua, 0, 0, 1)) abort();
        }
    }
}
