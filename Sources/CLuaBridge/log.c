// log(...) and print(...): the last lines a policy wrote, for its report.
#include <stdio.h>

#include "policy.h"

static int base_log(lua_State *lua) {
    fxl_policy *policy = fxl_policy_of(lua);
    char line[FXL_LOG_BYTES];
    size_t used = 0;
    int count = lua_gettop(lua);
    for (int i = 1; i <= count && used + 1 < sizeof line; i++) {
        const char *text = fxl_push_text(lua, i, NULL);
        int wrote = snprintf(line + used, sizeof line - used, "%s%s", i > 1 ? "\t" : "", text);
        used += wrote > 0 ? (size_t)wrote : 0;
        lua_pop(lua, 1);
    }
    if (used >= sizeof line) used = sizeof line - 1;
    line[used] = 0;
    // __tostring may have logged meanwhile: the place is taken only now.
    memcpy(policy->log.lines[policy->log.written++ % FXL_LOG_LINES], line, used + 1);
    fxl_charge(policy, 20 + FXL_LOG_BYTES / 8);
    return 0;
}

void fxl_note(fxl_policy *policy, const char *line) {
    snprintf(policy->log.lines[policy->log.written++ % FXL_LOG_LINES], FXL_LOG_BYTES, "%s", line);
}

const char *fxl_next_log(fxl_policy *policy, uint64_t *lost) {
    fxl_log *log = &policy->log;
    *lost = 0;
    if (log->written - log->read > FXL_LOG_LINES) {
        *lost = log->written - log->read - FXL_LOG_LINES;
        log->read += *lost;
    }
    if (log->read == log->written) return NULL;
    return log->lines[log->read++ % FXL_LOG_LINES];
}

void fxl_open_log(lua_State *lua) {
    static const luaL_Reg functions[] = {{"log", base_log}, {"print", base_log}, {NULL, NULL}};
    fxl_add(lua, functions);
}
