// What a policy may ask: of an operation, of a device, of a client. Every answer is a number, a
// string or an operation, so that asking makes no garbage.
#include <stdio.h>

#include "policy.h"

static fxl_scheduler *scheduler_of(lua_State *lua) { return &fxl_policy_of(lua)->scheduler; }

uint32_t fxl_check_operation(lua_State *lua, int index) {
    int is_integer;
    uint64_t id = (uint64_t)lua_tointegerx(lua, index, &is_integer);
    if (!is_integer) luaL_typeerror(lua, index, "operation");
    uint32_t place = fxl_find(scheduler_of(lua), id);
    if (place == FXL_NONE) {
        luaL_argerror(lua, index,
            "no such operation: it is done, or was never given to this policy");
    }
    return place;
}

static const fxl_operation *facts_at(lua_State *lua, int index) {
    return &scheduler_of(lua)->entries[fxl_check_operation(lua, index)].facts;
}

#define OPERATION_INTEGER(accessor, field)                              \
    static int accessor(lua_State *lua) {                               \
        lua_pushinteger(lua, (lua_Integer)facts_at(lua, 1)->field);     \
        return 1;                                                       \
    }

OPERATION_INTEGER(operation_phase, phase)
OPERATION_INTEGER(operation_client, client)
OPERATION_INTEGER(operation_stream, stream)
OPERATION_INTEGER(operation_seq, sequence)
OPERATION_INTEGER(operation_tokens, tokens)
OPERATION_INTEGER(operation_bytes, bytes)
OPERATION_INTEGER(operation_flops, flops)
OPERATION_INTEGER(operation_cost, cost_ns)
OPERATION_INTEGER(operation_device, device)
OPERATION_INTEGER(operation_kind, kind)

/// cores(op): how many cube and vector cores it can use at most; 0 where that is all of them.
static int operation_cores(lua_State *lua) {
    const fxl_operation *facts = facts_at(lua, 1);
    lua_pushinteger(lua, facts->cube_cores);
    lua_pushinteger(lua, facts->vector_cores);
    return 2;
}

static int operation_age(lua_State *lua) {
    lua_pushinteger(lua, fxl_policy_of(lua)->now - facts_at(lua, 1)->enqueued_at);
    return 1;
}

static int operation_phase_source(lua_State *lua) {
    static const char *const sources[] = {"none", "mark", "label", "policy", "shape"};
    uint8_t source = facts_at(lua, 1)->phase_source;
    lua_pushstring(lua, sources[source < 5 ? source : 0]);
    return 1;
}

/// The function's name; made into a Lua string once a function.
static int operation_name(lua_State *lua) {
    fxl_policy *policy = fxl_policy_of(lua);
    uint16_t function = facts_at(lua, 1)->function;
    lua_rawgeti(lua, LUA_REGISTRYINDEX, FXL_KEY_NAMES);
    if (lua_rawgeti(lua, -1, function) == LUA_TSTRING) return 1;
    lua_pop(lua, 1);
    lua_pushstring(lua, policy->host.function_name(policy->host.context, function));
    lua_pushvalue(lua, -1);
    lua_rawseti(lua, -3, function);
    return 1;
}

// MARK: Clients

static const fxl_client *client_at(lua_State *lua, int index) {
    lua_Integer id = luaL_checkinteger(lua, index);
    uint32_t found = id >= 0 && id <= UINT32_MAX
        ? fxl_find_client(scheduler_of(lua), (uint32_t)id) : FXL_NONE;
    if (found == FXL_NONE) luaL_argerror(lua, index, "no such client");
    return &scheduler_of(lua)->clients[found];
}

static int client_weight(lua_State *lua) {
    lua_pushnumber(lua, client_at(lua, 1)->weight);
    return 1;
}

/// The label's value as given, `name` being the program's name where no label says otherwise.
static int push_label(lua_State *lua, const fxl_client *client, const char *key) {
    const char *value = fxl_client_label(client, key);
    if (!value && strcmp(key, "name") == 0) value = client->name;
    if (value) lua_pushstring(lua, value);
    else lua_pushnil(lua);
    return 1;
}

static int client_label(lua_State *lua) {
    const fxl_client *client = client_at(lua, 1);
    return push_label(lua, client, luaL_checkstring(lua, 2));
}

static const fxl_client *client_of_operation(lua_State *lua) {
    fxl_scheduler *scheduler = scheduler_of(lua);
    return &scheduler->clients[scheduler->entries[fxl_check_operation(lua, 1)].client];
}

/// What the operation was labelled with: the labels of its client.
static int operation_tag(lua_State *lua) {
    const fxl_client *client = client_of_operation(lua);
    return push_label(lua, client, luaL_checkstring(lua, 2));
}

/// Who the work is for: the label `tenant`, else the program's name.
static int operation_tenant(lua_State *lua) {
    const fxl_client *client = client_of_operation(lua);
    const char *tenant = fxl_client_label(client, "tenant");
    if (!tenant) tenant = client->name;
    lua_pushstring(lua, tenant ? tenant : "");
    return 1;
}

// MARK: Devices and phases

static int phase_at(lua_State *lua, int index) {
    lua_Integer phase = luaL_checkinteger(lua, index);
    luaL_argcheck(lua, phase >= 0 && phase <= 3, index, "no such phase");
    return (int)phase;
}

static int32_t device_at(lua_State *lua) {
    lua_Integer device = luaL_checkinteger(lua, 1);
    luaL_argcheck(lua, device >= 0 && device <= INT32_MAX, 1, "no such device");
    return (int32_t)device;
}

/// queued([device [, phase]]): ready operations that were not dispatched yet.
static int device_queued(lua_State *lua) {
    const fxl_scheduler *scheduler = scheduler_of(lua);
    if (lua_isnoneornil(lua, 1)) {
        lua_pushinteger(lua, scheduler->ready);
        return 1;
    }
    const uint32_t *counts = scheduler->ready_by[fxl_device_row(device_at(lua))];
    lua_pushinteger(lua, lua_isnoneornil(lua, 2)
        ? counts[0] + counts[1] + counts[2] + counts[3] : counts[phase_at(lua, 2)]);
    return 1;
}

/// The first of a phase's ready operations that is for the device.
static uint32_t oldest_of(lua_State *lua, int32_t device, int phase) {
    const fxl_scheduler *scheduler = scheduler_of(lua);
    uint32_t place = scheduler->phases[phase].head;
    int64_t steps = 0;
    while (place != FXL_NONE && scheduler->entries[place].facts.device != device) {
        place = scheduler->entries[place].newer;
        steps++;
    }
    fxl_charge(fxl_policy_of(lua), steps);
    return place;
}

/// oldest(device [, phase]): the operation that has been ready longest, or nil.
static int device_oldest(lua_State *lua) {
    const fxl_scheduler *scheduler = scheduler_of(lua);
    int32_t device = device_at(lua);
    bool one = !lua_isnoneornil(lua, 2);
    int first = one ? phase_at(lua, 2) : 0, last = one ? first : 3;
    uint32_t best = FXL_NONE;
    for (int phase = first; phase <= last; phase++) {
        uint32_t place = oldest_of(lua, device, phase);
        if (place == FXL_NONE) continue;
        if (best == FXL_NONE
            || scheduler->entries[place].arrival < scheduler->entries[best].arrival) best = place;
    }
    if (best == FXL_NONE) lua_pushnil(lua);
    else lua_pushinteger(lua, (lua_Integer)scheduler->entries[best].facts.id);
    return 1;
}

static const fxl_device_load *load_at(lua_State *lua) {
    static const fxl_device_load idle;
    const fxl_device_load *load = &fxl_policy_of(lua)->device_load;
    return load->device == device_at(lua) ? load : &idle;
}

/// in_flight(device [, phase]): operations that were submitted and not reported done.
static int device_in_flight(lua_State *lua) {
    const fxl_device_load *load = load_at(lua);
    if (lua_isnoneornil(lua, 2)) {
        lua_pushinteger(lua, load->in_flight);
        return 1;
    }
    int phase = phase_at(lua, 2);
    int32_t count = load->in_flight_by_phase[phase];
    if (load->in_flight > 0) {
        count += scheduler_of(lua)->reclassified[fxl_device_row(load->device)][phase];
    }
    lua_pushinteger(lua, count > 0 ? count : 0);
    return 1;
}

static int device_in_flight_ns(lua_State *lua) {
    lua_pushinteger(lua, load_at(lua)->in_flight_ns);
    return 1;
}

/// has_room(device, window_us [, operations]): whether another operation should go to the device
/// now. An empty device always has room, however long the next operation is.
static int device_has_room(lua_State *lua) {
    const fxl_device_load *load = load_at(lua);
    lua_Number window_us = luaL_checknumber(lua, 2);
    lua_Integer operations = luaL_optinteger(lua, 3, 64);
    lua_pushboolean(lua, load->in_flight <= 0
        || ((lua_Number)load->in_flight_ns < window_us * 1000 && load->in_flight < operations));
    return 1;
}

void fxl_open_accessors(lua_State *lua) {
    static const luaL_Reg functions[] = {
        {"name", operation_name}, {"phase", operation_phase},
        {"phase_source", operation_phase_source}, {"client", operation_client},
        {"tenant", operation_tenant}, {"stream", operation_stream}, {"seq", operation_seq},
        {"tokens", operation_tokens}, {"bytes", operation_bytes}, {"flops", operation_flops},
        {"cost", operation_cost}, {"age", operation_age}, {"tag", operation_tag},
        {"device_of", operation_device}, {"kind", operation_kind}, {"cores", operation_cores},
        {"queued", device_queued}, {"oldest", device_oldest},
        {"in_flight", device_in_flight}, {"in_flight_ns", device_in_flight_ns},
        {"has_room", device_has_room},
        {"weight", client_weight}, {"label", client_label}, {NULL, NULL},
    };
    fxl_add(lua, functions);
    lua_newtable(lua);
    lua_rawseti(lua, LUA_REGISTRYINDEX, FXL_KEY_NAMES);
    static const char *const reasons[FXL_REASONS] = {"client gone", "stream aborted", "failed"};
    for (int i = 0; i < FXL_REASONS; i++) {
        lua_pushstring(lua, reasons[i]);
        lua_rawseti(lua, LUA_REGISTRYINDEX, FXL_KEY_REASONS + i);
    }
}
