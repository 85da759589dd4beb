// queue.fifo, queue.heap, queue.fair and queue.bucket as Lua sees them.
#include "policy.h"

/// The only other full userdata are maps, whose mark differs; scripts cannot make any.
typedef struct {
    uint64_t mark;
    fxl_queue *queue;
} queue_box;

static const uint64_t queue_mark = 0x6575657571ull;

static fxl_queue *queue_at(lua_State *lua) {
    queue_box *box = lua_touserdata(lua, 1);
    if (!box || box->mark != queue_mark) luaL_typeerror(lua, 1, "queue");
    return box->queue;
}

static fxl_queue *queue_of_kind(lua_State *lua, int32_t kind, const char *what) {
    fxl_queue *queue = queue_at(lua);
    if (queue->kind != kind) luaL_argerror(lua, 1, what);
    return queue;
}

static fxl_queue *push_queue(lua_State *lua, int32_t kind) {
    fxl_policy *policy = fxl_policy_of(lua);
    if (policy->scheduler.queue_count >= FXL_QUEUE_LIMIT) {
        luaL_error(lua, "more than %d queues", FXL_QUEUE_LIMIT);
    }
    queue_box *box = lua_newuserdatauv(lua, sizeof *box, 0);
    *box = (queue_box){queue_mark, fxl_queue_create(&policy->scheduler, kind)};
    if (!box->queue) luaL_error(lua, "not enough memory for a queue");
    lua_rawgeti(lua, LUA_REGISTRYINDEX, FXL_KEY_QUEUE);
    lua_setmetatable(lua, -2);
    fxl_charge(policy, 20);
    return box->queue;
}

static int queue_fifo(lua_State *lua) { return push_queue(lua, FXL_FIFO), 1; }
static int queue_heap(lua_State *lua) { return push_queue(lua, FXL_HEAP), 1; }
static int queue_fair(lua_State *lua) { return push_queue(lua, FXL_FAIR), 1; }

/// queue.bucket(rate, burst): at most `rate` operations a second, `burst` at once.
static int queue_bucket(lua_State *lua) {
    lua_Number rate = luaL_checknumber(lua, 1), burst = luaL_optnumber(lua, 2, 1);
    luaL_argcheck(lua, rate > 0 && rate <= 1e12, 1, "not in 0 < rate <= 1e12");
    luaL_argcheck(lua, burst >= 1 && burst <= 1e9, 2, "not in 1 <= burst <= 1e9");
    fxl_queue *queue = push_queue(lua, FXL_BUCKET);
    queue->rate = rate;
    queue->burst = queue->tokens = burst;
    queue->filled_at = fxl_policy_of(lua)->now;
    return 1;
}

static lua_Number key_at(lua_State *lua, int index) {
    lua_Number key = luaL_checknumber(lua, index);
    luaL_argcheck(lua, key == key, index, "not a number");
    return key;
}

static int queue_push(lua_State *lua) {
    fxl_policy *policy = fxl_policy_of(lua);
    fxl_queue *queue = queue_at(lua);
    uint32_t place = fxl_check_operation(lua, 2);
    fxl_entry *entry = &policy->scheduler.entries[place];
    if (entry->queue) return luaL_argerror(lua, 2, "the operation is in a queue already");
    if (entry->state != FXL_READY) return luaL_argerror(lua, 2, "the operation was dispatched");
    lua_Number key = queue->kind == FXL_HEAP ? key_at(lua, 3) : 0;
    if (!fxl_push(&policy->scheduler, queue, place, key)) {
        return luaL_error(lua, "not enough memory for the queue: all queues together take %d bytes",
            (int)policy->scheduler.queue_bytes);
    }
    return 0;
}

/// Several devices may share a queue. Passing over what is for another one runs no instructions, so
/// it is charged for.
static uint32_t next_for(
    fxl_policy *policy, fxl_queue *queue, const fxl_list *list, int32_t device
) {
    fxl_scheduler *scheduler = &policy->scheduler;
    uint32_t first = list ? list->head : fxl_peek(scheduler, queue, policy->now);
    if (first == FXL_NONE || scheduler->entries[first].facts.device == device) return first;
    fxl_charge(policy, 1 + queue->count / 4);
    return list ? fxl_first_for(scheduler, list, device)
                : fxl_peek_for(scheduler, queue, policy->now, device);
}

/// The operation that comes next: of the whole queue or, in a fair one, of the client that was
/// named. `dispatch` is asked for one device, so there only its operations count.
static uint32_t next_of(lua_State *lua, fxl_policy *policy, fxl_queue *queue) {
    bool any = lua_gettop(lua) < 2 || lua_isnil(lua, 2);
    bool for_device = policy->running && policy->hook == FXL_HOOK_DISPATCH;
    int32_t device = policy->device_load.device;
    if (any) {
        return for_device ? next_for(policy, queue, NULL, device)
                          : fxl_peek(&policy->scheduler, queue, policy->now);
    }
    if (queue->kind != FXL_FAIR) luaL_argerror(lua, 1, "only a fair queue knows clients");
    lua_Integer id = luaL_checkinteger(lua, 2);
    uint32_t client = id >= 0 && id <= UINT32_MAX
        ? fxl_find_client(&policy->scheduler, (uint32_t)id) : FXL_NONE;
    if (client >= queue->flow_count) return FXL_NONE;
    const fxl_list *list = &queue->flows[client].list;
    return for_device ? next_for(policy, queue, list, device) : list->head;
}

/// pop([client]): the operation that comes next, as a wish, or nil.
static int queue_pop(lua_State *lua) {
    fxl_policy *policy = fxl_policy_of(lua);
    uint32_t place = next_of(lua, policy, queue_at(lua));
    if (place == FXL_NONE) {
        lua_pushnil(lua);
        return 1;
    }
    fxl_take(&policy->scheduler, place);
    fxl_entry *entry = &policy->scheduler.entries[place];
    fxl_note_line(lua, policy, entry);
    lua_pushinteger(lua, (lua_Integer)entry->facts.id);
    return 1;
}

/// peek([client]): the operation that pop would return, and in a heap its key.
static int queue_peek(lua_State *lua) {
    fxl_policy *policy = fxl_policy_of(lua);
    fxl_queue *queue = queue_at(lua);
    uint32_t place = next_of(lua, policy, queue);
    if (place == FXL_NONE) {
        lua_pushnil(lua);
        return 1;
    }
    fxl_entry *entry = &policy->scheduler.entries[place];
    fxl_note_line(lua, policy, entry);
    lua_pushinteger(lua, (lua_Integer)entry->facts.id);
    if (queue->kind != FXL_HEAP) return 1;
    lua_pushnumber(lua, entry->key);
    return 2;
}

/// remove(op): whether it was in this queue. Like a pop, it is a wish.
static int queue_remove(lua_State *lua) {
    fxl_policy *policy = fxl_policy_of(lua);
    fxl_queue *queue = queue_at(lua);
    uint32_t place = fxl_check_operation(lua, 2);
    fxl_entry *entry = &policy->scheduler.entries[place];
    bool found = entry->queue == queue;
    if (found) {
        fxl_take(&policy->scheduler, place);
        fxl_note_line(lua, policy, entry);
    }
    lua_pushboolean(lua, found);
    return 1;
}

static int queue_update(lua_State *lua) {
    fxl_policy *policy = fxl_policy_of(lua);
    fxl_queue *queue = queue_of_kind(lua, FXL_HEAP, "only a heap has keys to update");
    uint32_t place = fxl_check_operation(lua, 2);
    fxl_entry *entry = &policy->scheduler.entries[place];
    lua_Number key = key_at(lua, 3);
    luaL_argcheck(lua, entry->queue == queue, 2, "the operation is not in this queue");
    entry->key = key;
    fxl_heap_update(&queue->heap, place, key);
    return 0;
}

/// charge(op, ns): counts more (or less) against the operation's client than the device reports.
static int queue_charge(lua_State *lua) {
    fxl_policy *policy = fxl_policy_of(lua);
    fxl_queue *queue = queue_of_kind(lua, FXL_FAIR, "only a fair queue charges");
    uint32_t place = fxl_check_operation(lua, 2);
    lua_Number nanoseconds = key_at(lua, 3);
    luaL_argcheck(lua, nanoseconds > -1e15 && nanoseconds < 1e15, 3, "out of range");
    fxl_charge_flow(
        &policy->scheduler, queue, policy->scheduler.entries[place].client, (int64_t)nanoseconds);
    return 0;
}

/// wait(): nanoseconds until the bucket lets the next operation out.
static int queue_wait(lua_State *lua) {
    fxl_queue *queue = queue_of_kind(lua, FXL_BUCKET, "only a bucket makes anything wait");
    lua_pushinteger(lua, fxl_bucket_wait(queue, fxl_policy_of(lua)->now));
    return 1;
}

/// lead(): by client, how far ahead of the fair queue's time it is, in nanoseconds by weight: what
/// the next version needs so that nobody gains by a swap.
static int queue_lead(lua_State *lua) {
    const fxl_scheduler *scheduler = &fxl_policy_of(lua)->scheduler;
    fxl_queue *queue = queue_of_kind(lua, FXL_FAIR, "only a fair queue keeps a lead");
    lua_newtable(lua);
    for (uint32_t i = 0; i < queue->flow_count && i < scheduler->client_count; i++) {
        double lead = queue->flows[i].virtual_time - queue->virtual_time;
        if (!scheduler->clients[i].used || lead <= 0) continue;
        lua_pushnumber(lua, lead);
        lua_rawseti(lua, -2, scheduler->clients[i].id);
    }
    fxl_charge(fxl_policy_of(lua), queue->flow_count);
    return 1;
}

/// restore(lead): what `lead()` of the version before returned.
static int queue_restore(lua_State *lua) {
    fxl_scheduler *scheduler = &fxl_policy_of(lua)->scheduler;
    fxl_queue *queue = queue_of_kind(lua, FXL_FAIR, "only a fair queue keeps a lead");
    luaL_checktype(lua, 2, LUA_TTABLE);
    lua_settop(lua, 2);
    int count = fxl_push_keys(lua, 2);
    for (int i = 1; i <= count; i++) {
        lua_rawgeti(lua, 3, i);
        lua_pushvalue(lua, -1);
        lua_rawget(lua, 2);
        lua_Integer id = lua_tointeger(lua, -2);
        lua_Number lead = lua_tonumber(lua, -1);
        lua_settop(lua, 3);
        luaL_argcheck(lua, id > 0 && id <= UINT32_MAX && lead >= 0 && lead < 1e18, 2,
            "not what lead() returned");
        // A client that is gone by now has no lead to keep.
        uint32_t client = fxl_find_client(scheduler, (uint32_t)id);
        if (client != FXL_NONE) fxl_set_lead(queue, client, lead);
    }
    return 0;
}

static int queue_length(lua_State *lua) {
    lua_pushinteger(lua, queue_at(lua)->count);
    return 1;
}

/// Native, so that it may be a finalizer: it runs no script.
static int queue_collect(lua_State *lua) {
    queue_box *box = lua_touserdata(lua, 1);
    if (box && box->queue) fxl_queue_release(&fxl_policy_of(lua)->scheduler, box->queue);
    if (box) box->queue = NULL;
    return 0;
}

void fxl_open_queues(lua_State *lua) {
    static const luaL_Reg makers[] = {
        {"fifo", queue_fifo}, {"heap", queue_heap}, {"fair", queue_fair},
        {"bucket", queue_bucket}, {NULL, NULL},
    };
    static const luaL_Reg methods[] = {
        {"push", queue_push}, {"pop", queue_pop}, {"peek", queue_peek}, {"remove", queue_remove},
        {"update", queue_update}, {"charge", queue_charge}, {"wait", queue_wait},
        {"lead", queue_lead}, {"restore", queue_restore}, {NULL, NULL},
    };
    static const luaL_Reg metamethods[] = {
        {"__len", queue_length}, {"__gc", queue_collect}, {NULL, NULL},
    };
    lua_newtable(lua);
    fxl_add(lua, makers);
    lua_setfield(lua, -2, "queue");
    lua_newtable(lua);
    fxl_add(lua, metamethods);
    lua_newtable(lua);
    fxl_add(lua, methods);
    lua_setfield(lua, -2, "__index");
    lua_pushliteral(lua, "queue");
    lua_setfield(lua, -2, "__name");
    lua_rawseti(lua, LUA_REGISTRYINDEX, FXL_KEY_QUEUE);
}
