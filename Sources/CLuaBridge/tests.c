// test(name, options, timeline): what a test file declares, collected for `policy test`.
#include "policy.h"

struct fxl_test {
    char *name, *options, *timeline;
    int32_t line;
};

/// test(name, options, timeline). Options become "key=value" lines, keys in order.
static int declare(lua_State *lua) {
    fxl_policy *policy = fxl_policy_of(lua);
    const char *name = luaL_checkstring(lua, 1);
    luaL_checktype(lua, 2, LUA_TTABLE);
    const char *timeline = luaL_checkstring(lua, 3);
    lua_settop(lua, 3);
    if (policy->test_count >= FXL_TEST_LIMIT) {
        return luaL_error(lua, "more than %d tests", FXL_TEST_LIMIT);
    }
    lua_pushliteral(lua, "");
    int count = fxl_push_keys(lua, 2);
    for (int i = 1; i <= count; i++) {
        lua_rawgeti(lua, 5, i);
        lua_pushvalue(lua, -1);
        lua_rawget(lua, 2);
        fxl_push_text(lua, -1, NULL);
        fxl_push_text(lua, 6, NULL);
        lua_pushfstring(lua, "%s%s=%s\n", lua_tostring(lua, 4), lua_tostring(lua, 9),
            lua_tostring(lua, 8));
        lua_replace(lua, 4);
        lua_settop(lua, 5);
    }
    lua_Debug caller;
    fxl_test *test = &policy->tests[policy->test_count];
    bool found = lua_getstack(lua, 1, &caller) && lua_getinfo(lua, "l", &caller);
    *test = (fxl_test){
        strdup(name), strdup(lua_tostring(lua, 4)), strdup(timeline),
        found ? caller.currentline : 0,
    };
    policy->test_count++;
    return 0;
}

typedef struct {
    const char *source, *file;
    size_t bytes;
} test_file;

static int tests_main(lua_State *lua) {
    const test_file *file = lua_touserdata(lua, 1);
    lua_pushcfunction(lua, declare);
    lua_rawgeti(lua, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
    lua_insert(lua, -2);
    lua_setfield(lua, -2, "test");
    fxl_compile_text(lua, file->source, file->bytes, file->file);
    lua_call(lua, 0, 0);
    return 0;
}

int32_t fxl_load_tests(fxl_policy *policy, const char *source, size_t bytes, const char *file) {
    test_file argument = {source, file, bytes};
    if (!policy->tests) policy->tests = calloc(FXL_TEST_LIMIT, sizeof *policy->tests);
    if (!policy->tests) return fxl_fail(policy, FXL_ERROR, "not enough memory");
    fxl_begin(policy, policy->limits.open_instructions, policy->limits.open_cpu_ns);
    return fxl_run(policy, tests_main, &argument, 0);
}

static const char *text_or_empty(const char *text) { return text ? text : ""; }

uint32_t fxl_test_count(const fxl_policy *policy) { return policy->test_count; }

const char *fxl_test_name(const fxl_policy *policy, uint32_t index) {
    return text_or_empty(policy->tests[index].name);
}

const char *fxl_test_options(const fxl_policy *policy, uint32_t index) {
    return text_or_empty(policy->tests[index].options);
}

const char *fxl_test_timeline(const fxl_policy *policy, uint32_t index) {
    return text_or_empty(policy->tests[index].timeline);
}

int32_t fxl_test_line(const fxl_policy *policy, uint32_t index) {
    return policy->tests[index].line;
}

void fxl_free_tests(fxl_policy *policy) {
    for (uint32_t i = 0; i < policy->test_count; i++) {
        free(policy->tests[i].name);
        free(policy->tests[i].options);
        free(policy->tests[i].timeline);
    }
    free(policy->tests);
}
