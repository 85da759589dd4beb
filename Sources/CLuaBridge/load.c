// From text to hooks: compiling, `require`, and reading the table that a policy returns.
#include <stdio.h>

#include "policy.h"

// MARK: Compiling

enum { PIECE = 512 };

typedef struct {
    const char *source;
    size_t left;
} source_reader;

/// Hands the text out in pieces, because the parser runs no instructions that the budget would see.
static const char *read_piece(lua_State *lua, void *context, size_t *bytes) {
    source_reader *reader = context;
    fxl_check_clock(fxl_policy_of(lua));
    *bytes = reader->left < PIECE ? reader->left : PIECE;
    const char *piece = reader->source;
    reader->source += *bytes;
    reader->left -= *bytes;
    return *bytes ? piece : NULL;
}

/// The length of an escape that stands for NUL, from its backslash on, or 0.
static size_t nul_escape(const char *at, const char *end) {
    const char *digit = at + 1;
    if (digit < end && *digit == 'x') {
        return end - digit > 2 && digit[1] == '0' && digit[2] == '0' ? 4 : 0;
    }
    bool braces = end - digit > 2 && digit[0] == 'u' && digit[1] == '{';
    if (braces) digit += 2;
    const char *first = digit;
    while (digit < end && *digit == '0' && (braces || digit - first < 3)) digit++;
    if (digit == first) return 0;
    if (braces) return digit < end && *digit == '}' ? (size_t)(digit - at) : 0;
    bool goes_on = digit < end && digit - first < 3 && *digit >= '0' && *digit <= '9';
    return goes_on ? 0 : (size_t)(digit - at);
}

/// The line of the first NUL in the text, spelled out or escaped; 0 where there is none.
static int line_of_nul(const char *source, size_t bytes) {
    const char *end = source + bytes;
    int line = 1;
    for (const char *at = source; at < end; at++) {
        if (*at == '\n') line++;
        if (*at == 0) return line;
        if (*at != '\\') continue;
        if (nul_escape(at, end)) return line;
        if (at + 1 < end && at[1] != '\n') at++;
    }
    return 0;
}

void fxl_compile_text(lua_State *lua, const char *source, size_t bytes, const char *file) {
    if (bytes > FXL_SOURCE_LIMIT) {
        luaL_error(lua, "%s:1: the file is longer than %d bytes", file, FXL_SOURCE_LIMIT);
    }
    int line = line_of_nul(source, bytes);
    if (line) luaL_error(lua, "%s:%d: strings of a policy hold no NUL", file, line);
    source_reader reader = {source, bytes};
    char chunk[80];
    snprintf(chunk, sizeof chunk, "@%s", file);
    int status = lua_load(lua, read_piece, &reader, chunk, "t");
    fxl_check_clock(fxl_policy_of(lua));
    if (status == LUA_ERRSYNTAX && lua_type(lua, -1) == LUA_TSTRING) {
        fxl_policy_of(lua)->syntax = true;
    }
    if (status != LUA_OK) lua_error(lua);
}

// MARK: require

static bool is_module_name(const char *name) {
    if (!*name || strlen(name) > 60) return false;
    for (const char *at = name; *at; at++) {
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", *at)) {
            return false;
        }
    }
    return true;
}

/// require(name): `name`.lua of the policy's own folder, run once. Only while the policy loads:
/// what a policy does later must not depend on files.
static int base_require(lua_State *lua) {
    fxl_policy *policy = fxl_policy_of(lua);
    const char *name = luaL_checkstring(lua, 1);
    if (!policy->loading) return luaL_error(lua, "require works only while the policy loads");
    if (!is_module_name(name)) {
        return luaL_error(lua, "require takes the name of a file in the policy's own folder");
    }
    lua_settop(lua, 1);
    lua_rawgeti(lua, LUA_REGISTRYINDEX, FXL_KEY_MODULES);
    lua_pushvalue(lua, 1);
    if (lua_rawget(lua, 2) != LUA_TNIL) {
        if (lua_isboolean(lua, -1)) return luaL_error(lua, "'%s' requires itself", name);
        return 1;
    }
    if (++policy->modules > FXL_MODULE_LIMIT) {
        return luaL_error(lua, "more than %d files", FXL_MODULE_LIMIT);
    }
    size_t bytes = 0;
    const char *why = NULL;
    const char *source = policy->host.module_source(policy->host.context, name, &bytes, &why);
    if (!source && why) return luaL_error(lua, "'%s.lua' cannot be read: %s", name, why);
    if (!source) return luaL_error(lua, "no file '%s.lua' in the policy's folder", name);
    char file[72];
    snprintf(file, sizeof file, "%s.lua", name);
    lua_pushvalue(lua, 1);
    lua_pushboolean(lua, true);
    lua_rawset(lua, 2);
    fxl_compile_text(lua, source, bytes, file);
    lua_pushvalue(lua, 1);
    lua_call(lua, 1, 1);
    if (lua_isnil(lua, -1) || lua_isboolean(lua, -1)) {
        return luaL_error(lua, "'%s.lua' returns no table or function", name);
    }
    lua_pushvalue(lua, 1);
    lua_pushvalue(lua, -2);
    lua_rawset(lua, 2);
    return 1;
}

void fxl_open_modules(lua_State *lua) {
    static const luaL_Reg functions[] = {{"require", base_require}, {NULL, NULL}};
    fxl_add(lua, functions);
    lua_newtable(lua);
    lua_rawseti(lua, LUA_REGISTRYINDEX, FXL_KEY_MODULES);
}

// MARK: The policy's table

/// In the interface, and not built yet: refused, because a hook that is never called is a lie.
static const char *const unsupported[] = {
    "place", "request", "admit", "step", "graph", "hint", "promises", NULL,
};

static void read_identity(lua_State *lua, fxl_policy *policy, int index) {
    if (lua_getfield(lua, index, "api") != LUA_TNIL) {
        if (!lua_isinteger(lua, -1) || lua_tointeger(lua, -1) != 1) {
            luaL_error(lua, "`api` is %s; this version speaks 1", fxl_push_text(lua, -1, NULL));
        }
    }
    if (lua_getfield(lua, index, "name") == LUA_TSTRING) {
        // Without one it is called what its file is called.
        const char *name = lua_tostring(lua, -1);
        if (*name) snprintf(policy->name, sizeof policy->name, "%s", name);
    } else if (!lua_isnil(lua, -1)) {
        luaL_error(lua, "`name` must be a string, not a %s", luaL_typename(lua, -1));
    }
    policy->version = 1;
    if (lua_getfield(lua, index, "version") != LUA_TNIL) {
        if (!lua_isinteger(lua, -1)) {
            luaL_error(lua, "`version` must be an integer, not a %s", luaL_typename(lua, -1));
        }
        policy->version = lua_tointeger(lua, -1);
    }
    if (lua_getfield(lua, index, "tick_us") != LUA_TNIL) {
        lua_Number microseconds = lua_tonumber(lua, -1);
        if (lua_type(lua, -1) != LUA_TNUMBER || !(microseconds >= 10 && microseconds <= 1e9)) {
            luaL_error(lua, "`tick_us` must be a number from 10 to 1e9");
        }
        policy->tick_ns = (int64_t)(microseconds * 1000);
    }
    if (lua_getfield(lua, index, "starvation_ms") != LUA_TNIL) {
        lua_Number milliseconds = lua_tonumber(lua, -1);
        if (lua_type(lua, -1) != LUA_TNUMBER
            || !(milliseconds >= 1 && milliseconds <= FXL_STARVATION_LIMIT_MS)) {
            luaL_error(lua, "`starvation_ms` must be a number from 1 to %d",
                FXL_STARVATION_LIMIT_MS);
        }
        policy->starvation_ns = (int64_t)(milliseconds * 1000000);
    }
    lua_pop(lua, 5);
}

static void read_hooks(lua_State *lua, fxl_policy *policy, int index) {
    for (int i = 0; unsupported[i]; i++) {
        if (lua_getfield(lua, index, unsupported[i]) != LUA_TNIL) {
            luaL_error(lua, "`%s` is not supported by this version", unsupported[i]);
        }
        lua_pop(lua, 1);
    }
    for (int hook = 0; hook < FXL_HOOK_COUNT; hook++) {
        int type = lua_getfield(lua, index, fxl_hook_name(hook));
        policy->hooks[hook] = type == LUA_TFUNCTION;
        if (type == LUA_TFUNCTION) continue;
        if (type != LUA_TNIL) {
            luaL_error(lua, "`%s` must be a function, not a %s", fxl_hook_name(hook),
                lua_typename(lua, type));
        }
        if (hook == FXL_HOOK_READY || hook == FXL_HOOK_DISPATCH) {
            luaL_error(lua, "the policy has no function `%s`", fxl_hook_name(hook));
        }
    }
    if (policy->hooks[FXL_HOOK_TICK] && !policy->tick_ns) {
        luaL_error(lua, "the policy has a function `tick` but no `tick_us`");
    }
    if (!policy->hooks[FXL_HOOK_TICK]) policy->tick_ns = 0;
}

/// Runs the file and leaves its hooks. The argument is a `source_reader` over the text.
static int load_main(lua_State *lua) {
    fxl_policy *policy = fxl_policy_of(lua);
    source_reader *source = lua_touserdata(lua, 1);
    fxl_compile_text(lua, source->source, source->left, policy->file);
    lua_call(lua, 0, 1);
    if (!lua_istable(lua, -1)) {
        return luaL_error(lua, "the file must return the policy's table, not a %s (is `return P` "
            "missing at its end?)", luaL_typename(lua, -1));
    }
    int index = lua_gettop(lua);
    lua_pushvalue(lua, index);
    lua_rawseti(lua, LUA_REGISTRYINDEX, FXL_KEY_POLICY);
    fxl_read_options(lua, index);
    read_identity(lua, policy, index);
    read_hooks(lua, policy, index);
    return FXL_HOOK_COUNT;
}

int32_t fxl_load(fxl_policy *policy, const char *source, size_t bytes, const char *file) {
    snprintf(policy->file, sizeof policy->file, "%s", file);
    snprintf(policy->name, sizeof policy->name, "%s", file);
    char *suffix = strrchr(policy->name, '.');
    if (suffix && suffix != policy->name) *suffix = 0;
    source_reader reader = {source, bytes};
    policy->loading = true;
    policy->syntax = false;
    fxl_begin(policy, policy->limits.open_instructions, policy->limits.open_cpu_ns);
    int32_t failure = fxl_run(policy, load_main, &reader, FXL_HOOK_COUNT);
    policy->loading = false;
    if (failure == FXL_ERROR && policy->syntax) policy->failure.kind = failure = FXL_SYNTAX;
    return failure;
}

// MARK: Bytecode, for `policy check`

typedef struct {
    char *bytes;
    size_t used, capacity;
    source_reader source;
    const char *file;
} code_buffer;

static int append_code(lua_State *lua, const void *piece, size_t bytes, void *context) {
    (void)lua;
    code_buffer *code = context;
    if (code->used + bytes > code->capacity) {
        size_t capacity = (code->used + bytes) * 2;
        char *grown = realloc(code->bytes, capacity);
        if (!grown) return 1;
        code->bytes = grown;
        code->capacity = capacity;
    }
    memcpy(code->bytes + code->used, piece, bytes);
    code->used += bytes;
    return 0;
}

static int compile_main(lua_State *lua) {
    code_buffer *code = lua_touserdata(lua, 1);
    fxl_compile_text(lua, code->source.source, code->source.left, code->file);
    if (lua_dump(lua, append_code, code, 0)) return luaL_error(lua, "not enough memory");
    return 0;
}

void *fxl_compile(
    fxl_policy *policy, const char *source, size_t bytes, const char *file, size_t *code_bytes
) {
    code_buffer code = {.source = {source, bytes}, .file = file};
    policy->syntax = false;
    fxl_begin(policy, policy->limits.open_instructions, policy->limits.open_cpu_ns);
    if (fxl_run(policy, compile_main, &code, 0)) {
        free(code.bytes);
        return NULL;
    }
    *code_bytes = code.used;
    return code.bytes;
}

void fxl_free_code(void *code) { free(code); }
