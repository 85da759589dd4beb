// P.options: what a policy declares, and `opt`, where it reads the values that hold now.
#include <ctype.h>
#include <math.h>
#include <stdio.h>

#include "policy.h"

static void refuse(lua_State *lua, const char *key, const char *why) {
    luaL_error(lua, "option `%s`: %s", key, why);
}

/// A number of an option can be told and set again as it is: finite, and where it is whole, exact.
static void check_number(lua_State *lua, const char *key, const char *field, int index) {
    lua_Number value = lua_tonumber(lua, index);
    if (isfinite(value) && fabs(value) <= FXL_OPTION_NUMBER_LIMIT) return;
    luaL_error(lua, "option `%s`: `%s` is %s; it must be a number from -2^53 to 2^53", key, field,
        isnan(value) ? "nan" : isinf(value) ? "infinite" : "too large");
}

/// How many bytes follow the first one of a character in UTF-8; -1: none begins so.
static int following_bytes(unsigned char first) {
    if (first < 0x80) return 0;
    if (first < 0xc0) return -1;
    if (first < 0xe0) return 1;
    if (first < 0xf0) return 2;
    return first < 0xf8 ? 3 : -1;
}

/// What people type and terminals show: no control characters, and whole characters of UTF-8.
static bool is_plain_text(const char *text, size_t bytes) {
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    const unsigned char *at = (const unsigned char *)text, *end = at + bytes;
    while (at < end) {
        int more = following_bytes(*at);
        if (more < 0 || end - at <= more) return false;
        uint32_t character = more ? *at & (0x3f >> more) : *at;
        at++;
        for (int i = 0; i < more; i++, at++) {
            if ((*at & 0xc0) != 0x80) return false;
            character = character << 6 | (*at & 0x3f);
        }
        bool is_control = character < ' ' || (character >= 127 && character < 160);
        bool is_surrogate = character >= 0xd800 && character < 0xe000;
        if (is_control || is_surrogate || character < least[more] || character > 0x10ffff) {
            return false;
        }
    }
    return true;
}

/// `policy set` takes key=value, and listings have a column for it.
static bool is_option_name(const char *name, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) {
        if (!isalnum((unsigned char)name[i]) && !strchr("_-.", name[i])) return false;
    }
    return bytes > 0;
}

/// A bound of the option at the top of the stack; false where it has none.
static bool read_bound(
    lua_State *lua, const char *key, const char *field, int32_t type, double *bound
) {
    int found = lua_getfield(lua, -1, field);
    bool has = found != LUA_TNIL;
    if (has) {
        if (type != FXL_OPTION_INTEGER && type != FXL_OPTION_NUMBER) {
            refuse(lua, key, "only a number has `min` and `max`");
        }
        if (found != LUA_TNUMBER) refuse(lua, key, "`min` and `max` must be numbers");
        check_number(lua, key, field, -1);
        *bound = lua_tonumber(lua, -1);
    }
    lua_pop(lua, 1);
    return has;
}

static void check_fields(lua_State *lua, const char *key) {
    static const char *const known[] = {"default", "min", "max", "doc"};
    for (lua_pushnil(lua); lua_next(lua, -2); lua_pop(lua, 1)) {
        bool found = false;
        const char *name = lua_type(lua, -2) == LUA_TSTRING ? lua_tostring(lua, -2) : "";
        for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
            found = found || strcmp(known[i], name) == 0;
        }
        if (!found) refuse(lua, key, "it has `default`, `min`, `max` and `doc`, nothing else");
    }
}

/// Reads `default`, which decides the option's type, and leaves it on the stack.
static void read_default(lua_State *lua, fxl_option *option) {
    switch (lua_getfield(lua, -1, "default")) {
    case LUA_TNUMBER:
        option->type = lua_isinteger(lua, -1) ? FXL_OPTION_INTEGER : FXL_OPTION_NUMBER;
        check_number(lua, option->key, "default", -1);
        break;
    case LUA_TBOOLEAN: option->type = FXL_OPTION_BOOLEAN; break;
    case LUA_TSTRING: option->type = FXL_OPTION_TEXT; break;
    default: refuse(lua, option->key, "`default` must be a number, a boolean or a string");
    }
    size_t bytes;
    const char *text = fxl_push_text(lua, -1, &bytes);
    if (bytes >= sizeof option->text) refuse(lua, option->key, "`default` is too long");
    if (!is_plain_text(text, bytes)) {
        refuse(lua, option->key, "`default` must be text in UTF-8 without control characters");
    }
    snprintf(option->text, sizeof option->text, "%s", text);
    lua_pop(lua, 1);
}

/// Reads the option at the top of the stack and leaves its standard value above it.
static void read_option(lua_State *lua, fxl_option *option) {
    if (!lua_istable(lua, -1)) refuse(lua, option->key, "it must be a table with a `default`");
    check_fields(lua, option->key);
    if (lua_getfield(lua, -1, "doc") == LUA_TSTRING) {
        snprintf(option->doc, sizeof option->doc, "%s", lua_tostring(lua, -1));
    } else if (!lua_isnil(lua, -1)) {
        refuse(lua, option->key, "`doc` must be a string");
    }
    lua_pop(lua, 1);
    read_default(lua, option);
    lua_insert(lua, -2);
    const char *key = option->key;
    option->has_minimum = read_bound(lua, key, "min", option->type, &option->minimum);
    option->has_maximum = read_bound(lua, key, "max", option->type, &option->maximum);
    lua_insert(lua, -2);
    double value = lua_tonumber(lua, -1);
    bool low = option->has_minimum && value < option->minimum;
    bool high = option->has_maximum && value > option->maximum;
    if (low || high) refuse(lua, key, "`default` is not between `min` and `max`");
}

void fxl_push_options(lua_State *lua) {
    lua_rawgeti(lua, LUA_REGISTRYINDEX, FXL_KEY_OPTIONS);
}

void fxl_read_options(lua_State *lua, int index) {
    fxl_policy *policy = fxl_policy_of(lua);
    int top = lua_gettop(lua), type = lua_getfield(lua, index, "options");
    policy->option_count = 0;
    if (type != LUA_TNIL) {
        if (type != LUA_TTABLE) {
            luaL_error(lua, "`options` must be a table, not a %s", lua_typename(lua, type));
        }
        int count = fxl_push_keys(lua, -1);
        if (count > FXL_OPTION_LIMIT) luaL_error(lua, "more than %d options", FXL_OPTION_LIMIT);
        for (int i = 1; i <= count; i++) {
            lua_settop(lua, top + 2);
            fxl_option *option = &policy->options[policy->option_count];
            *option = (fxl_option){0};
            if (lua_rawgeti(lua, top + 2, i) != LUA_TSTRING) {
                luaL_error(lua, "the names of options are strings");
            }
            size_t bytes;
            const char *key = lua_tolstring(lua, -1, &bytes);
            if (!is_option_name(key, bytes)) {
                luaL_error(lua, "the names of options are letters, digits, `_`, `-` and `.`");
            }
            if (bytes >= sizeof option->key) refuse(lua, key, "its name is too long");
            snprintf(option->key, sizeof option->key, "%s", key);
            lua_rawget(lua, top + 1);
            read_option(lua, option);
            fxl_push_options(lua);
            lua_pushstring(lua, option->key);
            lua_pushvalue(lua, -3);
            lua_rawset(lua, -3);
            policy->option_count++;
        }
    }
    lua_settop(lua, top);
    policy->options_ready = true;
}

static int unknown_option(lua_State *lua) {
    const char *key = lua_type(lua, 2) == LUA_TSTRING ? lua_tostring(lua, 2) : "?";
    if (!fxl_policy_of(lua)->options_ready) {
        return luaL_error(lua, "opt.%s: options can be read in hooks, once the file has returned",
            key);
    }
    return luaL_error(lua, "opt.%s: P.options declares no such option", key);
}

static int assign_option(lua_State *lua) {
    return luaL_error(lua, "options are set from outside; `opt` is for reading");
}

void fxl_open_options(lua_State *lua) {
    lua_newtable(lua);
    lua_newtable(lua);
    lua_pushcfunction(lua, unknown_option);
    lua_setfield(lua, -2, "__index");
    lua_pushcfunction(lua, assign_option);
    lua_setfield(lua, -2, "__newindex");
    lua_setmetatable(lua, -2);
    lua_pushvalue(lua, -1);
    lua_rawseti(lua, LUA_REGISTRYINDEX, FXL_KEY_OPTIONS);
    lua_setfield(lua, -2, "opt");
    lua_pushboolean(lua, false);  // the place exists from now on: writing to it allocates nothing
    lua_rawseti(lua, LUA_REGISTRYINDEX, FXL_KEY_OLD_VALUE);
}

// MARK: Reading

uint32_t fxl_option_count(const fxl_policy *policy) { return policy->option_count; }

const char *fxl_option_key(const fxl_policy *policy, uint32_t index) {
    return policy->options[index].key;
}

const char *fxl_option_standard(const fxl_policy *policy, uint32_t index) {
    return policy->options[index].text;
}

const char *fxl_option_doc(const fxl_policy *policy, uint32_t index) {
    return policy->options[index].doc;
}

int32_t fxl_option_type(const fxl_policy *policy, uint32_t index) {
    return policy->options[index].type;
}

bool fxl_option_minimum(const fxl_policy *policy, uint32_t index, double *bound) {
    *bound = policy->options[index].minimum;
    return policy->options[index].has_minimum;
}

bool fxl_option_maximum(const fxl_policy *policy, uint32_t index, double *bound) {
    *bound = policy->options[index].maximum;
    return policy->options[index].has_maximum;
}

// MARK: Setting

typedef struct {
    const fxl_option *option;
    double number;
    bool boolean;
    const char *text;
} new_value;

/// Puts the value in and leaves the old one.
static int assign_main(lua_State *lua) {
    const new_value *value = lua_touserdata(lua, 1);
    fxl_push_options(lua);
    lua_pushstring(lua, value->option->key);
    lua_pushvalue(lua, -1);
    lua_rawget(lua, 2);
    lua_insert(lua, 2);
    switch (value->option->type) {
    case FXL_OPTION_INTEGER: lua_pushinteger(lua, (lua_Integer)value->number); break;
    case FXL_OPTION_NUMBER: lua_pushnumber(lua, value->number); break;
    case FXL_OPTION_BOOLEAN: lua_pushboolean(lua, value->boolean); break;
    default: lua_pushstring(lua, value->text);
    }
    lua_rawset(lua, 3);
    lua_settop(lua, 2);
    return 1;
}

/// Takes the option's key and its old value, and puts that back.
static int restore_main(lua_State *lua) {
    const new_value *value = lua_touserdata(lua, 1);
    fxl_push_options(lua);
    lua_pushstring(lua, value->option->key);
    lua_rawgeti(lua, LUA_REGISTRYINDEX, FXL_KEY_OLD_VALUE);
    lua_rawset(lua, -3);
    return 0;
}

static int changed_main(lua_State *lua) {
    const new_value *value = lua_touserdata(lua, 1);
    lua_pushstring(lua, value->option->key);
    return 1;
}

static int32_t run(fxl_policy *policy, lua_CFunction function, new_value *value, int64_t now) {
    policy->now = now;
    fxl_begin(policy, policy->limits.call_instructions, policy->limits.call_cpu_ns);
    return fxl_run(policy, function, value, function == restore_main ? 0 : 1);
}

static int32_t set(fxl_policy *policy, new_value value, int64_t now) {
    if (policy->dead) return fxl_fail_dead(policy);
    int32_t failure = run(policy, assign_main, &value, now);
    if (failure) return failure;
    if (!policy->hooks[FXL_HOOK_CHANGED]) {
        lua_settop(policy->lua, FXL_SLOT_LAST);
        return FXL_OK;
    }
    lua_rawseti(policy->lua, LUA_REGISTRYINDEX, FXL_KEY_OLD_VALUE);
    lua_pushvalue(policy->lua, FXL_SLOT_HOOKS + FXL_HOOK_CHANGED);
    failure = run(policy, changed_main, &value, now);
    if (!failure) failure = fxl_call(policy, FXL_HOOK_CHANGED, 1, 0);
    if (failure) {
        fxl_failure noted = policy->failure;
        run(policy, restore_main, &value, now);
        policy->failure = noted;
    }
    return failure;
}

int32_t fxl_set_number(fxl_policy *policy, uint32_t index, double value, int64_t now) {
    return set(policy, (new_value){.option = &policy->options[index], .number = value}, now);
}

int32_t fxl_set_boolean(fxl_policy *policy, uint32_t index, bool value, int64_t now) {
    return set(policy, (new_value){.option = &policy->options[index], .boolean = value}, now);
}

int32_t fxl_set_text(fxl_policy *policy, uint32_t index, const char *value, int64_t now) {
    return set(policy, (new_value){.option = &policy->options[index], .text = value}, now);
}
