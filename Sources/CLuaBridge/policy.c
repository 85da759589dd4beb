// A policy's life, and the one way into it: every entry goes through lua_pcall here.
#include "policy.h"

static int open_sandbox(lua_State *lua) {
    fxl_open_sandbox(lua);
    return 0;
}

/// Expands one number to a generator's state (splitmix64).
static void seed_random(uint64_t *state, uint64_t seed) {
    for (int i = 0; i < 4; i++) {
        uint64_t z = (seed += 0x9e3779b97f4a7c15ull);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
        state[i] = z ^ (z >> 31);
    }
}

fxl_policy *fxl_create(const fxl_host *host, const fxl_limits *limits, uint64_t seed) {
    fxl_policy *policy = calloc(1, sizeof *policy);
    if (!policy) return NULL;
    policy->host = *host;
    policy->limits = *limits;
    policy->records_lines = true;
    policy->hook_mask = LUA_MASKCOUNT;
    policy->hook = -1;
    for (int i = 0; i < FXL_CLASSIFIED; i++) policy->classified[i].phase = FXL_UNCLASSIFIED;
    seed_random(policy->random, seed);
    fxl_scheduler_init(&policy->scheduler);
    lua_State *lua = lua_newstate(fxl_allocate, policy);
    if (!lua) {
        free(policy);
        return NULL;
    }
    policy->lua = lua;
    *(fxl_policy **)lua_getextraspace(lua) = policy;
    // Collecting keeps up closely: garbage is what could reach the memory limit without being kept.
    lua_gc(lua, LUA_GCINC, 150, 200, 12);
    lua_pushcfunction(lua, fxl_handle_error);
    lua_pushcfunction(lua, open_sandbox);
    if (lua_pcall(lua, 0, 0, 0) != LUA_OK || !lua_checkstack(lua, LUA_MINSTACK + FXL_SLOT_LAST)) {
        fxl_destroy(policy);
        return NULL;
    }
    lua_settop(lua, FXL_SLOT_LAST);
    return policy;
}

void fxl_destroy(fxl_policy *policy) {
    lua_close(policy->lua);
    fxl_scheduler_free(&policy->scheduler);
    fxl_free_tests(policy);
    free(policy->save_text);
    free(policy->notes);
    free(policy);
}

static int32_t finish(fxl_policy *policy, int arguments, int results) {
    int status = lua_pcall(policy->lua, arguments, results, FXL_SLOT_HANDLER);
    fxl_end(policy);
    if (status == LUA_OK && !policy->over) return FXL_OK;
    int32_t kind = fxl_note_failure(policy, status);
    lua_settop(policy->lua, FXL_SLOT_LAST);
    return kind;
}

int32_t fxl_run(fxl_policy *policy, lua_CFunction function, void *argument, int results) {
    // `load` puts the hooks where they stay; everything else leaves its results above them.
    if (policy->loading) lua_settop(policy->lua, FXL_SLOT_HOOKS - 1);
    lua_pushcfunction(policy->lua, function);
    lua_pushlightuserdata(policy->lua, argument);
    return finish(policy, 1, results);
}

int32_t fxl_call(fxl_policy *policy, int32_t hook, int arguments, int results) {
    const fxl_limits *limits = &policy->limits;
    policy->hook = hook;
    if (hook == FXL_HOOK_OPEN) {
        fxl_begin(policy, limits->open_instructions, limits->open_cpu_ns);
    } else {
        // `save` runs once, between two decisions of the loop that waits for it.
        int64_t calls = hook == FXL_HOOK_SAVE ? 10 : 1;
        fxl_begin(policy, limits->call_instructions * calls, limits->call_cpu_ns * calls);
    }
    return finish(policy, arguments, results);
}

int32_t fxl_fail_dead(fxl_policy *policy) {
    return fxl_fail(policy, FXL_MEMORY,
        "the policy passed its memory limit in an earlier call and is not called again");
}

const char *fxl_name(const fxl_policy *policy) { return policy->name; }
int64_t fxl_version(const fxl_policy *policy) { return policy->version; }
int64_t fxl_tick_interval(const fxl_policy *policy) { return policy->tick_ns; }
int64_t fxl_starvation_bound(const fxl_policy *policy) { return policy->starvation_ns; }
void fxl_record_lines(fxl_policy *policy, bool on) { policy->records_lines = on; }
void fxl_record_holds(fxl_policy *policy, bool on) { policy->records_holds = on; }

bool fxl_has_hook(const fxl_policy *policy, int32_t hook) {
    return hook >= 0 && hook < FXL_HOOK_COUNT && policy->hooks[hook];
}

void fxl_read_counters(const fxl_policy *policy, fxl_counters *counters) {
    *counters = policy->counters;
    counters->operations = policy->scheduler.known;
    counters->ready = policy->scheduler.ready;
}
