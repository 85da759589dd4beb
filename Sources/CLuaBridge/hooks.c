// The hooks, as the scheduler calls them. What a failed call leaves behind is put right here: what
// it popped is back in its queue, and what it was given and did not take is forgotten.
#include "policy.h"

static void push_hook(fxl_policy *policy, int32_t hook) {
    lua_pushvalue(policy->lua, FXL_SLOT_HOOKS + hook);
}

/// Calls a hook that answers nothing; the operations it popped go back.
static int32_t tell(fxl_policy *policy, int32_t hook, int arguments) {
    int32_t failure = fxl_call(policy, hook, arguments, 0);
    fxl_settle(&policy->scheduler);
    return failure;
}

// MARK: Phases

enum { SOURCE_NONE = 0, SOURCE_POLICY = 3, SOURCE_SHAPE = 4 };

static uint64_t signature_of(const fxl_operation *operation) {
    uint64_t hash = operation->function | (uint64_t)operation->kind << 16
        | (uint64_t)operation->cube_cores << 24 | (uint64_t)operation->vector_cores << 40;
    hash = (hash ^ operation->client) * 0x9e3779b97f4a7c15ull;
    hash = (hash ^ (hash >> 29) ^ operation->tokens) * 0xbf58476d1ce4e5b9ull;
    hash = (hash ^ (hash >> 31) ^ operation->bytes) * 0x94d049bb133111ebull;
    hash = (hash ^ (hash >> 30) ^ operation->flops) * 0x9e3779b97f4a7c15ull;
    return hash ^ (hash >> 32);
}

/// Asks the policy for the operation's phase, once a signature.
static int32_t classify(fxl_policy *policy, uint32_t place, int8_t *phase) {
    const fxl_operation *facts = &policy->scheduler.entries[place].facts;
    uint64_t key = signature_of(facts);
    uint32_t row = key % FXL_CLASSIFIED;
    if (policy->classified[row].phase != FXL_UNCLASSIFIED
        && policy->classified[row].key == key) {
        *phase = policy->classified[row].phase;
        return FXL_OK;
    }
    push_hook(policy, FXL_HOOK_CLASSIFY);
    lua_pushinteger(policy->lua, (lua_Integer)facts->id);
    int32_t failure = fxl_call(policy, FXL_HOOK_CLASSIFY, 1, 1);
    fxl_settle(&policy->scheduler);
    if (failure) return failure;
    int is_integer, type = lua_type(policy->lua, -1);
    lua_Integer answer = lua_tointegerx(policy->lua, -1, &is_integer);
    lua_settop(policy->lua, FXL_SLOT_LAST);
    if (type != LUA_TNIL && !(is_integer && answer >= 0 && answer <= 3)) {
        return fxl_fail(policy, FXL_ERROR,
            "classify must return PREFILL, DECODE, MIXED, OTHER or nil, not a %s",
            lua_typename(policy->lua, type));
    }
    *phase = type == LUA_TNIL ? FXL_NO_PHASE : (int8_t)answer;
    policy->classified[row].key = key;
    policy->classified[row].phase = *phase;
    return FXL_OK;
}

/// What the program or its labels say counts more than the policy, and the policy more than shapes.
static int32_t apply_phase(fxl_policy *policy, uint32_t place) {
    fxl_operation *facts = &policy->scheduler.entries[place].facts;
    if (facts->phase_source != SOURCE_NONE && facts->phase_source != SOURCE_SHAPE) return FXL_OK;
    int8_t phase;
    int32_t failure = classify(policy, place, &phase);
    if (failure || phase == FXL_NO_PHASE) return failure;
    fxl_set_phase(&policy->scheduler, place, (uint8_t)phase);
    policy->scheduler.entries[place].facts.phase_source = SOURCE_POLICY;
    return FXL_OK;
}

int32_t fxl_phase_of(const fxl_policy *policy, uint64_t operation) {
    uint32_t place = fxl_find(&policy->scheduler, operation);
    return place == FXL_NONE ? -1 : policy->scheduler.entries[place].facts.phase;
}

// MARK: Operations

static int32_t fail_insert(fxl_policy *policy, const fxl_operation *operation) {
    return fxl_fail(policy, FXL_ERROR,
        "operation %llu cannot be taken in: more than %d at a time, or memory is short",
        (unsigned long long)operation->id, FXL_OPERATION_LIMIT);
}

int32_t fxl_ready(fxl_policy *policy, const fxl_operation *operation, int64_t now) {
    if (policy->dead) return fxl_fail_dead(policy);
    policy->now = now;
    uint32_t place = fxl_insert(&policy->scheduler, operation, FXL_READY);
    if (place == FXL_NONE) return fail_insert(policy, operation);
    int32_t failure = policy->hooks[FXL_HOOK_CLASSIFY] ? apply_phase(policy, place) : FXL_OK;
    if (!failure) {
        push_hook(policy, FXL_HOOK_READY);
        lua_pushinteger(policy->lua, (lua_Integer)operation->id);
        failure = tell(policy, FXL_HOOK_READY, 1);
    }
    if (failure) fxl_erase(&policy->scheduler, place);
    return failure;
}

int32_t fxl_dispatch(
    fxl_policy *policy, const fxl_device_load *load, int64_t now, fxl_decision *decision
) {
    *decision = (fxl_decision){.wake_ns = -1};
    if (policy->dead) return fxl_fail_dead(policy);
    policy->now = now;
    policy->device_load = *load;
    if (policy->records_holds) fxl_watch_returns(policy);
    push_hook(policy, FXL_HOOK_DISPATCH);
    lua_pushinteger(policy->lua, load->device);
    lua_pushinteger(policy->lua, now);
    int32_t failure = fxl_call(policy, FXL_HOOK_DISPATCH, 2, LUA_MULTRET);
    if (!failure) {
        failure = fxl_read_answer(policy, decision);
        lua_settop(policy->lua, FXL_SLOT_LAST);
    }
    fxl_settle(&policy->scheduler);
    return failure;
}

int32_t fxl_done(fxl_policy *policy, const fxl_operation *operation, int64_t took_ns, int64_t now) {
    policy->now = now;
    fxl_scheduler *scheduler = &policy->scheduler;
    uint32_t place = fxl_find(scheduler, operation->id);
    bool wanted = policy->hooks[FXL_HOOK_DONE] && !policy->dead;
    if (place == FXL_NONE) {
        if (!wanted) return FXL_OK;
        place = fxl_insert(scheduler, operation, FXL_DISPATCHED);
        if (place == FXL_NONE) return fail_insert(policy, operation);
    }
    if (scheduler->entries[place].state == FXL_READY) fxl_forget(policy, operation->id);
    fxl_entry *entry = &scheduler->entries[place];
    if (entry->origin && entry->origin->kind == FXL_FAIR) {
        fxl_charge_flow(scheduler, entry->origin, entry->client, took_ns - entry->charged_ns);
    }
    int32_t failure = policy->dead ? fxl_fail_dead(policy) : FXL_OK;
    if (wanted) {
        push_hook(policy, FXL_HOOK_DONE);
        lua_pushinteger(policy->lua, (lua_Integer)operation->id);
        lua_pushinteger(policy->lua, took_ns);
        failure = tell(policy, FXL_HOOK_DONE, 2);
    }
    fxl_erase(scheduler, place);
    return failure;
}

int32_t fxl_drop(
    fxl_policy *policy, const fxl_operation *operation, int32_t reason, int64_t now
) {
    policy->now = now;
    fxl_scheduler *scheduler = &policy->scheduler;
    uint32_t place = fxl_find(scheduler, operation->id);
    bool wanted = policy->hooks[FXL_HOOK_DROP] && !policy->dead;
    if (place == FXL_NONE) {
        if (!wanted) return FXL_OK;
        place = fxl_insert(scheduler, operation, FXL_DISPATCHED);
        if (place == FXL_NONE) return fail_insert(policy, operation);
    }
    fxl_unlink(scheduler, place);
    int32_t failure = policy->dead ? fxl_fail_dead(policy) : FXL_OK;
    if (wanted) {
        push_hook(policy, FXL_HOOK_DROP);
        lua_pushinteger(policy->lua, (lua_Integer)operation->id);
        // Made beforehand: a string made here could raise outside of lua_pcall.
        lua_rawgeti(policy->lua, LUA_REGISTRYINDEX,
            FXL_KEY_REASONS + (reason >= 0 && reason < FXL_REASONS ? reason : FXL_REASONS - 1));
        failure = tell(policy, FXL_HOOK_DROP, 2);
    }
    fxl_erase(scheduler, place);
    return failure;
}

void fxl_forget(fxl_policy *policy, uint64_t operation) {
    uint32_t place = fxl_find(&policy->scheduler, operation);
    if (place == FXL_NONE || policy->scheduler.entries[place].state != FXL_READY) return;
    fxl_commit(&policy->scheduler, place);  // whoever ran it, its client had the device's time
    fxl_settle(&policy->scheduler);
}

// MARK: Clients and time

void fxl_introduce(
    fxl_policy *policy, uint32_t client, const char *name, double weight, uint32_t label_count,
    const char *const *keys, const char *const *values
) {
    uint32_t index = fxl_client_index(&policy->scheduler, client);
    if (index == FXL_NONE) return;
    fxl_describe_client(&policy->scheduler, index, name, weight, label_count, keys, values);
}

int32_t fxl_attach(
    fxl_policy *policy, uint32_t client, const char *name, double weight, uint32_t label_count,
    const char *const *keys, const char *const *values, int64_t now
) {
    if (policy->dead) return fxl_fail_dead(policy);
    policy->now = now;
    fxl_scheduler *scheduler = &policy->scheduler;
    uint32_t index = fxl_client_index(scheduler, client);
    if (index == FXL_NONE || !fxl_describe_client(
            scheduler, index, name, weight, label_count, keys, values)) {
        return fxl_fail(policy, FXL_ERROR, "not enough memory for client %u", client);
    }
    bool is_new = !scheduler->clients[index].attached;
    scheduler->clients[index].attached = true;
    if (!is_new || !policy->hooks[FXL_HOOK_ATTACH]) return FXL_OK;
    push_hook(policy, FXL_HOOK_ATTACH);
    lua_pushinteger(policy->lua, client);
    return tell(policy, FXL_HOOK_ATTACH, 1);
}

int32_t fxl_detach(fxl_policy *policy, uint32_t client, int64_t now) {
    policy->now = now;
    fxl_scheduler *scheduler = &policy->scheduler;
    uint32_t index = fxl_find_client(scheduler, client);
    if (index == FXL_NONE || !scheduler->clients[index].attached) return FXL_OK;
    int32_t failure = policy->dead ? fxl_fail_dead(policy) : FXL_OK;
    if (!policy->dead && policy->hooks[FXL_HOOK_DETACH]) {
        push_hook(policy, FXL_HOOK_DETACH);
        lua_pushinteger(policy->lua, client);
        failure = tell(policy, FXL_HOOK_DETACH, 1);
    }
    scheduler->clients[index].attached = false;
    fxl_release_client(scheduler, index);
    return failure;
}

int32_t fxl_tick(fxl_policy *policy, int64_t now) {
    if (policy->dead) return fxl_fail_dead(policy);
    if (!policy->hooks[FXL_HOOK_TICK]) return FXL_OK;
    policy->now = now;
    push_hook(policy, FXL_HOOK_TICK);
    lua_pushinteger(policy->lua, now);
    return tell(policy, FXL_HOOK_TICK, 1);
}
