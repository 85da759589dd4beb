// The least that a decision in Lua costs: three protected calls of empty functions, each under a new
// count hook, as a policy's limits want it, and with an allocator that counts. Prints nanoseconds of
// the three: the median of 51 rounds, the least and the most.
#include <lauxlib.h>
#include <lua.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { WINDOW = 100, ROUNDS = 51, COUNT = 20000, MEMORY_LIMIT = 8 << 20 };

static int64_t memory_bytes, blocks;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void *allocate(void *context, void *block, size_t old_bytes, size_t new_bytes) {
    (void)context;
    if (!block) old_bytes = 0;
    memory_bytes += (int64_t)new_bytes - (int64_t)old_bytes;
    blocks += (new_bytes != 0) - (block != NULL);
    if (new_bytes == 0) return free(block), NULL;
    return memory_bytes > MEMORY_LIMIT ? NULL : realloc(block, new_bytes);
}

static void count_hook(lua_State *lua, lua_Debug *where) {
    (void)where;
    luaL_error(lua, "too many instructions");
}

static void call(lua_State *lua, int function) {
    lua_sethook(lua, count_hook, LUA_MASKCOUNT, WINDOW);
    lua_pushvalue(lua, function);
    if (lua_pcallk(lua, 0, 0, 0, 0, NULL) != LUA_OK) exit(1);
}

static int by_size(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(void) {
    static double took[ROUNDS];
    lua_State *lua = lua_newstate(allocate, NULL);
    if (lua == NULL) return 1;
    for (int i = 0; i < 3; i++) {
        if (luaL_loadstring(lua, "return function() end") != LUA_OK) return 1;
        lua_call(lua, 0, 1);
    }
    for (int round = 0; round < ROUNDS; round++) {
        const double begun = now();
        for (int i = 0; i < COUNT; i++) {
            for (int function = 1; function <= 3; function++) call(lua, function);
        }
        took[round] = (now() - begun) * 1e9 / COUNT;
    }
    qsort(took, ROUNDS, sizeof *took, by_size);
    printf("%f %f %f\n", took[ROUNDS / 2], took[0], took[ROUNDS - 1]);
    lua_close(lua);
    return 0;
}
