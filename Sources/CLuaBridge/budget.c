// What one call may cost. Instructions decide, so that a replay is exact; memory is counted by the
// allocator; thread CPU time is the backstop for instructions that are dear.
//
// Once a limit is passed the hook fires at every instruction and raises each time, so that a loop
// around pcall ends as well: the error reaches the host after at most one instruction a frame.
//
// The allocator does not refuse what is over the policy's limits (a refusal makes Lua collect
// everything, and at length): it grants it, notes the breach and lets the next instruction raise.
// It refuses only what would be dear in itself: a huge block, or a hash part whose rehash, with
// keys that all collide, would take milliseconds within one instruction.
#include <time.h>

#include "policy.h"

enum { HARD_ALLOCATION_LIMIT = 2 << 20, HARD_MEMORY_MARGIN = 4 << 20 };

void fxl_standard_limits(fxl_limits *limits) {
    *limits = (fxl_limits){
        .call_instructions = 10000,
        .open_instructions = 2000000,
        .call_cpu_ns = 200000,
        .open_cpu_ns = 50000000,
        .memory_bytes = 8 << 20,
        .blocks = 32768,
    };
}

static int64_t thread_cpu_ns(void) {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/// The light userdata that is raised once a limit is passed; raising it allocates nothing.
bool fxl_is_over_value(lua_State *lua, int index) {
    return lua_islightuserdata(lua, index)
        && lua_touserdata(lua, index) == fxl_policy_of(lua);
}

static void count_hook(lua_State *lua, lua_Debug *where) {
    fxl_policy *policy = fxl_policy_of(lua);
    if (where->event == LUA_HOOKRET) {
        fxl_note_return(policy, lua, where);
        return;
    }
    policy->fuel -= FXL_WINDOW;
    policy->counters.windows++;
    policy->bytes_to_clock = FXL_CLOCK_BYTES;
    if (!policy->over) {
        if (policy->fuel <= 0) {
            policy->over = FXL_INSTRUCTIONS;
        } else {
            int64_t now = thread_cpu_ns();
            if (!policy->cpu_start) policy->cpu_start = now;
            else if (now - policy->cpu_start > policy->cpu_limit) policy->over = FXL_TIME;
        }
    }
    int step = policy->over ? 1 : FXL_WINDOW;
    if (step != policy->step) {
        policy->step = step;
        lua_sethook(lua, count_hook, policy->hook_mask, step);
    }
    if (policy->over) {
        if (!policy->place_noted) fxl_note_place(policy, lua);
        lua_pushlightuserdata(lua, policy);
        lua_error(lua);
    }
}

void fxl_check_clock(fxl_policy *policy) {
    int64_t now = thread_cpu_ns();
    if (!policy->cpu_start) policy->cpu_start = now;
    if (!policy->over && now - policy->cpu_start > policy->cpu_limit) policy->over = FXL_TIME;
    if (!policy->over) return;
    lua_pushlightuserdata(policy->lua, policy);
    lua_error(policy->lua);
}

void fxl_look_soon(fxl_policy *policy) {
    if (!policy->running || policy->step == 1) return;
    policy->step = 1;
    lua_sethook(policy->lua, count_hook, policy->hook_mask, 1);
}

void fxl_charge(fxl_policy *policy, int64_t instructions) {
    policy->fuel -= instructions;
    policy->bytes_to_clock -= instructions * FXL_BYTES_PER_INSTRUCTION;
    if (policy->fuel <= 0 || policy->bytes_to_clock <= 0) fxl_look_soon(policy);
}

void fxl_begin(fxl_policy *policy, int64_t instructions, int64_t cpu_ns) {
    policy->fuel = policy->instruction_limit = instructions;
    policy->cpu_start = 0;
    policy->cpu_limit = cpu_ns;
    policy->bytes_to_clock = FXL_CLOCK_BYTES;
    policy->over = FXL_OK;
    policy->step = FXL_WINDOW;
    policy->running = true;
    policy->place_noted = false;
    policy->counters.calls++;
    // Every call starts its first window anew: what it may do does not depend on the calls before.
    lua_sethook(policy->lua, count_hook, policy->hook_mask, FXL_WINDOW);
}

void fxl_end(fxl_policy *policy) {
    policy->running = false;
    policy->hook_mask = LUA_MASKCOUNT;
    if (policy->over == FXL_MEMORY) policy->dead = true;
}

/// Whether the block is a table's hash part that is too large: the only fresh blocks without a kind
/// whose size is 24 times a power of two.
static bool is_large_hash_part(size_t kind, size_t bytes) {
    if (kind != 0 || bytes <= FXL_HASH_BYTES_LIMIT || bytes % 24) return false;
    size_t nodes = bytes / 24;
    return (nodes & (nodes - 1)) == 0;
}

/// Counts a growth against the limits; false refuses it.
static bool admit(fxl_policy *policy, bool fresh, size_t kind, size_t bytes, size_t growth) {
    const fxl_limits *limits = &policy->limits;
    int64_t total = policy->counters.memory_bytes + (int64_t)growth;
    bool hash_part = fresh && is_large_hash_part(kind, bytes);
    bool over = hash_part || bytes > FXL_ALLOCATION_LIMIT || total > limits->memory_bytes
        || (fresh && policy->counters.blocks >= limits->blocks)
        || (fresh && kind == LUA_TSTRING && bytes > FXL_STRING_LIMIT + 64);
    if (over && policy->lua) {
        if (!policy->over) policy->over = FXL_MEMORY;
        fxl_look_soon(policy);
    }
    if (policy->running) {
        fxl_charge(policy, (int64_t)(growth / FXL_BYTES_PER_INSTRUCTION) + 1);
    }
    return !hash_part && bytes <= HARD_ALLOCATION_LIMIT
        && total <= limits->memory_bytes + HARD_MEMORY_MARGIN;
}

void *fxl_allocate(void *context, void *block, size_t old_bytes, size_t new_bytes) {
    fxl_policy *policy = context;
    fxl_counters *counters = &policy->counters;
    if (new_bytes == 0) {
        if (!block) return NULL;
        counters->memory_bytes -= (int64_t)old_bytes;
        counters->blocks--;
        free(block);
        return NULL;
    }
    size_t kind = block ? 0 : old_bytes;  // Lua passes the kind of object where there is no block
    if (!block) old_bytes = 0;
    if (new_bytes > old_bytes
        && !admit(policy, block == NULL, kind, new_bytes, new_bytes - old_bytes)) {
        return NULL;
    }
    void *moved = realloc(block, new_bytes);
    if (!moved) return NULL;
    if (!block) counters->blocks++;
    counters->memory_bytes += (int64_t)new_bytes - (int64_t)old_bytes;
    if (counters->memory_bytes > counters->memory_peak_bytes) {
        counters->memory_peak_bytes = counters->memory_bytes;
    }
    return moved;
}
