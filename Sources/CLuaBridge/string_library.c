// string.*, and match. Without patterns: a pattern can take time that grows exponentially with its
// length, within one instruction. No string holds a NUL (Lua compares strings piece by piece
// between NULs) and none is longer than FXL_STRING_LIMIT.
#include <ctype.h>
#include <stdio.h>

#include "policy.h"

// A format may call __tostring, which may format: its buffer has to be small.
enum { BYTES_LIMIT = 250, MATCH_LIMIT = 256, FORMAT_LIMIT = 1024 };

static void charge_bytes(lua_State *lua, size_t bytes) {
    fxl_charge(fxl_policy_of(lua), 1 + (int64_t)bytes / FXL_BYTES_PER_INSTRUCTION);
}

/// Lua's way to count from the end with negative positions.
static lua_Integer position(lua_Integer at, size_t bytes) {
    if (at >= 0) return at;
    return at < -(lua_Integer)bytes ? 0 : (lua_Integer)bytes + at + 1;
}

static int string_len(lua_State *lua) {
    size_t bytes;
    luaL_checklstring(lua, 1, &bytes);
    lua_pushinteger(lua, (lua_Integer)bytes);
    return 1;
}

static int string_sub(lua_State *lua) {
    size_t bytes;
    const char *text = luaL_checklstring(lua, 1, &bytes);
    lua_Integer from = position(luaL_checkinteger(lua, 2), bytes);
    lua_Integer end = position(luaL_optinteger(lua, 3, -1), bytes);
    if (from < 1) from = 1;
    if (end > (lua_Integer)bytes) end = (lua_Integer)bytes;
    if (from > end) lua_pushliteral(lua, "");
    else lua_pushlstring(lua, text + from - 1, (size_t)(end - from + 1));
    return 1;
}

/// Pushes the text with each byte put through `change`.
static int push_changed(lua_State *lua, int (*change)(int)) {
    char changed[FXL_STRING_LIMIT];
    size_t bytes;
    const char *text = luaL_checklstring(lua, 1, &bytes);
    if (bytes > sizeof changed) bytes = sizeof changed;
    charge_bytes(lua, bytes * 4);
    for (size_t i = 0; i < bytes; i++) changed[i] = (char)change((unsigned char)text[i]);
    lua_pushlstring(lua, changed, bytes);
    return 1;
}

static int string_lower(lua_State *lua) { return push_changed(lua, tolower); }
static int string_upper(lua_State *lua) { return push_changed(lua, toupper); }

static int string_reverse(lua_State *lua) {
    char reversed[FXL_STRING_LIMIT];
    size_t bytes;
    const char *text = luaL_checklstring(lua, 1, &bytes);
    if (bytes > sizeof reversed) bytes = sizeof reversed;
    charge_bytes(lua, bytes * 4);
    for (size_t i = 0; i < bytes; i++) reversed[i] = text[bytes - 1 - i];
    lua_pushlstring(lua, reversed, bytes);
    return 1;
}

static int string_rep(lua_State *lua) {
    char repeated[FXL_STRING_LIMIT];
    size_t bytes, separator_bytes, used = 0;
    const char *text = luaL_checklstring(lua, 1, &bytes);
    lua_Integer count = luaL_checkinteger(lua, 2);
    const char *separator = luaL_optlstring(lua, 3, "", &separator_bytes);
    if (bytes + separator_bytes == 0) count = 0;
    for (lua_Integer i = 0; i < count; i++) {
        size_t gap = i + 1 < count ? separator_bytes : 0;
        if (used + bytes + gap > sizeof repeated) {
            return luaL_error(lua, "a string holds at most %d bytes", FXL_STRING_LIMIT);
        }
        memcpy(repeated + used, text, bytes);
        memcpy(repeated + used + bytes, separator, gap);
        used += bytes + gap;
    }
    charge_bytes(lua, used * 4);
    lua_pushlstring(lua, repeated, used);
    return 1;
}

static int string_byte(lua_State *lua) {
    size_t bytes;
    const char *text = luaL_checklstring(lua, 1, &bytes);
    lua_Integer from = position(luaL_optinteger(lua, 2, 1), bytes);
    lua_Integer end = position(luaL_optinteger(lua, 3, from), bytes);
    if (from < 1) from = 1;
    if (end > (lua_Integer)bytes) end = (lua_Integer)bytes;
    if (from > end) return 0;
    if (end - from >= BYTES_LIMIT) {
        return luaL_error(lua, "more than %d results to return", BYTES_LIMIT);
    }
    luaL_checkstack(lua, BYTES_LIMIT, NULL);
    for (lua_Integer i = from; i <= end; i++) {
        lua_pushinteger(lua, (unsigned char)text[i - 1]);
    }
    return (int)(end - from + 1);
}

static int string_char(lua_State *lua) {
    char text[BYTES_LIMIT];
    int count = lua_gettop(lua);
    luaL_argcheck(lua, count <= BYTES_LIMIT, BYTES_LIMIT, "too many bytes");
    for (int i = 0; i < count; i++) {
        lua_Integer byte = luaL_checkinteger(lua, i + 1);
        luaL_argcheck(lua, byte >= 1 && byte <= 255, i + 1, "not in 1..255");
        text[i] = (char)byte;
    }
    lua_pushlstring(lua, text, (size_t)count);
    return 1;
}

/// Takes one conversion, from the % on, into `spec`; returns its letter, or 0 where it is
/// malformed.
static char take_conversion(const char **format, const char *end, char *spec, size_t capacity) {
    size_t used = 0;
    spec[used++] = '%';
    const char *at = *format + 1;
    int digits = 0;
    while (at < end && strchr("-+ #0123456789.", *at)) {
        digits = *at >= '0' && *at <= '9' ? digits + 1 : 0;
        if (digits > 2 || used + 4 >= capacity) return 0;
        spec[used++] = *at++;
    }
    if (at >= end) return 0;
    char letter = *at;
    if (strchr("dixXo", letter)) {
        spec[used++] = 'l';
        spec[used++] = 'l';
    }
    spec[used++] = letter;
    spec[used] = 0;
    *format = at + 1;
    return letter;
}

/// Writes one converted argument; returns its length, or −1 where the letter is not known.
static int convert(
    lua_State *lua, const char *spec, char letter, int argument, char *text, size_t capacity
) {
    switch (letter) {
    case 'd': case 'i': case 'x': case 'X': case 'o':
        return snprintf(text, capacity, spec, (long long)luaL_checkinteger(lua, argument));
    case 'e': case 'E': case 'f': case 'F': case 'g': case 'G':
        return snprintf(text, capacity, spec, luaL_checknumber(lua, argument));
    case 'c': {
        lua_Integer byte = luaL_checkinteger(lua, argument);
        luaL_argcheck(lua, byte >= 1 && byte <= 255, argument, "not in 1..255");
        return snprintf(text, capacity, spec, (int)byte);
    }
    case 's': {
        luaL_checkany(lua, argument);
        const char *string = fxl_push_text(lua, argument, NULL);
        int wrote = snprintf(text, capacity, spec, string);
        lua_pop(lua, 1);
        return wrote;
    }
    default: return -1;
    }
}

static int string_format(lua_State *lua) {
    char text[FORMAT_LIMIT + 1], spec[24];
    size_t used = 0, bytes;
    const char *format = luaL_checklstring(lua, 1, &bytes), *end = format + bytes;
    int argument = 1;
    while (format < end) {
        if (*format != '%' || format + 1 == end || format[1] == '%') {
            if (used >= FORMAT_LIMIT) goto too_long;
            text[used++] = *format;
            format += *format == '%' ? 2 : 1;
            continue;
        }
        char letter = take_conversion(&format, end, spec, sizeof spec);
        int wrote = letter
            ? convert(lua, spec, letter, ++argument, text + used, sizeof text - used) : -1;
        if (wrote < 0) return luaL_error(lua, "invalid conversion in the format '%s'",
            lua_tostring(lua, 1));
        if (used + (size_t)wrote > FORMAT_LIMIT) goto too_long;
        used += (size_t)wrote;
        fxl_charge(fxl_policy_of(lua), 10 + wrote / 4);
    }
    charge_bytes(lua, used * 4);
    lua_pushlstring(lua, text, used);
    return 1;
too_long:
    return luaL_error(lua, "string.format makes at most %d bytes", FORMAT_LIMIT);
}

/// match(name, glob): `*` is any text, `?` any one byte. Steps at most name × glob.
static int base_match(lua_State *lua) {
    size_t name_bytes, glob_bytes;
    const char *name = luaL_checklstring(lua, 1, &name_bytes);
    const char *glob = luaL_checklstring(lua, 2, &glob_bytes);
    luaL_argcheck(lua, name_bytes <= MATCH_LIMIT, 1, "too long");
    luaL_argcheck(lua, glob_bytes <= MATCH_LIMIT, 2, "too long");
    const char *star = NULL, *retry = NULL;
    int64_t steps = 0;
    while (*name) {
        steps++;
        if (*glob == '*') {
            star = ++glob;
            retry = name;
        } else if (*glob && (*glob == '?' || *glob == *name)) {
            glob++;
            name++;
        } else if (star) {
            glob = star;
            name = ++retry;
        } else {
            break;
        }
    }
    while (!*name && *glob == '*') glob++;
    fxl_charge(fxl_policy_of(lua), 1 + steps / 4);
    lua_pushboolean(lua, !*name && !*glob);
    return 1;
}

void fxl_open_strings(lua_State *lua) {
    static const luaL_Reg functions[] = {
        {"byte", string_byte}, {"char", string_char}, {"format", string_format},
        {"len", string_len}, {"lower", string_lower}, {"rep", string_rep},
        {"reverse", string_reverse}, {"sub", string_sub}, {"upper", string_upper}, {NULL, NULL},
    };
    lua_newtable(lua);
    fxl_add(lua, functions);
    lua_pushliteral(lua, "");
    lua_newtable(lua);
    lua_pushvalue(lua, -3);
    lua_setfield(lua, -2, "__index");
    lua_setmetatable(lua, -2);  // ("x"):upper()
    lua_pop(lua, 1);
    lua_setfield(lua, -2, "string");
    lua_pushcfunction(lua, base_match);
    lua_setfield(lua, -2, "match");
}
