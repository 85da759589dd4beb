// policy.h: what the .c files of CLuaBridge share. Never seen by Swift.
#ifndef FLEXNPU_LUA_POLICY_H
#define FLEXNPU_LUA_POLICY_H

#include <lauxlib.h>
#include <lua.h>
#include <stdlib.h>
#include <string.h>

#include "lua_bridge.h"
#include "queues.h"

enum {
    FXL_WINDOW = 100,                  // instructions between two looks at the budget
    FXL_STRING_LIMIT = 4096,           // bytes of one string: what a comparison may cost
    FXL_ALLOCATION_LIMIT = 128 << 10,  // bytes of one allocation
    FXL_HASH_BYTES_LIMIT = 1024 * 24,  // a table's hash part: what one rehash may cost
    FXL_CLOCK_BYTES = 16 << 10,        // allocated bytes after which the clock is looked at
    FXL_BYTES_PER_INSTRUCTION = 16,    // what allocating costs, in instructions
    FXL_PAIRS_LIMIT = 4096,            // keys of a table that `pairs` will put in order
    FXL_PAIRS_BYTES = 64 << 10,        // and how long all of them may be together
    FXL_SOURCE_LIMIT = 256 << 10,
    FXL_MODULE_LIMIT = 32,
    FXL_OPTION_LIMIT = 32,
    FXL_STARVATION_LIMIT_MS = 3600000, // that a policy may declare
    FXL_QUEUE_LIMIT = 4096,
    FXL_OPERATION_LIMIT = 1 << 18,     // known at a time
    FXL_SLOT_LIMIT = 1 << 24,          // enqueued at a time
    FXL_SAVE_LIMIT = 64 << 10,
    FXL_SAVE_DEPTH = 16,
    FXL_UNCLASSIFIED = -2,             // no answer is remembered
    FXL_NO_PHASE = -1,                 // the policy had no opinion
    FXL_CLASSIFIED = 1024,  // signatures whose phase is remembered
    FXL_MAP_LIMIT = 1 << 16,           // entries of all maps of a policy
    FXL_REASONS = 3,                   // why an operation was dropped
    FXL_TEST_LIMIT = 256,
    FXL_NOTE_LIMIT = 1024,             // different notes of a policy
    FXL_NOTE_BYTES = 63,               // of one note
    FXL_LOG_LINES = 64,
    FXL_LOG_BYTES = 256,
};

// Whole numbers up to here are exact in a double, by which options are set.
#define FXL_OPTION_NUMBER_LIMIT 0x1p53

// Absolute stack slots that hold what every call needs, so that no call looks anything up.
enum { FXL_SLOT_HANDLER = 1, FXL_SLOT_HOOKS, FXL_SLOT_LAST = FXL_SLOT_HOOKS + FXL_HOOK_COUNT - 1 };

// Keys of the registry.
enum { FXL_KEY_NAMES = 1000, FXL_KEY_MODULES, FXL_KEY_OPTIONS, FXL_KEY_OLD_VALUE,
       FXL_KEY_QUEUE, FXL_KEY_MAP, FXL_KEY_POLICY, FXL_KEY_REASONS };

/// What is known of a failure. Text is NUL-terminated and may be cut.
typedef struct {
    int32_t kind;
    int32_t line;  // 0 where there is none
    char file[64];
    char message[512];
    char traceback[1024];
} fxl_failure;

/// An option as the policy declares it.
typedef struct {
    char key[64];
    char text[128];  // its standard value
    char doc[256];
    double minimum, maximum;
    int32_t type;  // FXL_OPTION_*
    bool has_minimum, has_maximum;
} fxl_option;

typedef struct {
    char lines[FXL_LOG_LINES][FXL_LOG_BYTES];
    uint64_t written, read;
} fxl_log;

typedef struct fxl_test fxl_test;
typedef struct fxl_notes fxl_notes;

struct fxl_policy {
    lua_State *lua;

    // Budget of the call that is under way.
    int64_t fuel;
    int64_t instruction_limit;
    int64_t cpu_start;      // 0: the clock was not read in this call yet
    int64_t cpu_limit;
    int64_t bytes_to_clock; // allocations before the clock is looked at
    int32_t over;           // FXL_INSTRUCTIONS, FXL_MEMORY or FXL_TIME once a limit is passed
    int32_t step;           // the hook fires after so many instructions: FXL_WINDOW or 1
    bool running;           // a call is under way
    bool place_noted;       // `failure` holds where the limit was passed
    bool dead;
    bool loading;           // `require` works only now
    bool syntax;            // what was compiled last has a syntax error
    bool options_ready;
    bool records_lines;
    bool records_holds;
    int32_t hook_mask;      // what the call under way is watched for, besides its instructions
    uint32_t hold_line;     // where `dispatch` is, or ended, while holds are recorded

    int64_t now;
    fxl_device_load device_load;          // as of the last dispatch
    fxl_scheduler scheduler;
    fxl_limits limits;
    fxl_host host;
    fxl_counters counters;
    fxl_failure failure;
    fxl_log log;
    uint64_t random[4];

    bool hooks[FXL_HOOK_COUNT];
    int32_t hook;           // the one under way
    uint32_t modules;
    int64_t version;
    int64_t tick_ns;
    int64_t starvation_ns;  // 0: it declares none
    char name[64];
    char file[64];
    fxl_option options[FXL_OPTION_LIMIT];
    uint32_t option_count;
    struct { uint64_t key; int8_t phase; } classified[FXL_CLASSIFIED];
    uint32_t map_entries;
    fxl_test *tests;
    uint32_t test_count;
    fxl_notes *notes;       // NULL until there is one
    bool notes_full;        // and the log says so
    char *save_text;
    size_t save_bytes, save_capacity;
};

static inline fxl_policy *fxl_policy_of(lua_State *lua) {
    return *(fxl_policy **)lua_getextraspace(lua);
}

// budget.c
void *fxl_allocate(void *policy, void *block, size_t old_bytes, size_t new_bytes);
/// Opens a budget for one call.
void fxl_begin(fxl_policy *policy, int64_t instructions, int64_t cpu_ns);
void fxl_end(fxl_policy *policy);
/// Looks at the clock now: for work that runs no instructions. Raises once a limit is passed.
void fxl_check_clock(fxl_policy *policy);
/// Makes the hook fire at the next instruction.
void fxl_look_soon(fxl_policy *policy);
/// Charges a native function for work that grows with its arguments.
void fxl_charge(fxl_policy *policy, int64_t instructions);
bool fxl_is_over_value(lua_State *lua, int index);

// failure.c
/// Notes where the script is: the innermost line, and the calls that led there.
void fxl_note_place(fxl_policy *policy, lua_State *lua);
/// Message handler of every call: notes what went wrong, where, and the way there.
int fxl_handle_error(lua_State *lua);
/// Turns what lua_pcall returned into a kind of failure, and notes it.
int32_t fxl_note_failure(fxl_policy *policy, int status);
int32_t fxl_fail(fxl_policy *policy, int32_t kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// lines.c
/// Notes the line that takes the operation: the rule, as traces show it.
void fxl_note_line(lua_State *lua, fxl_policy *policy, fxl_entry *entry);
/// Makes the next call leave the line that decided in `hold_line`.
void fxl_watch_returns(fxl_policy *policy);
void fxl_note_return(fxl_policy *policy, lua_State *lua, lua_Debug *returning);
/// The line that held; that of the last pop where `dispatch` took an operation and kept it back.
uint32_t fxl_line_of_hold(const fxl_policy *policy);

// answers.c
/// Reads the values above FXL_SLOT_LAST, which `dispatch` returned.
int32_t fxl_read_answer(fxl_policy *policy, fxl_decision *decision);

// notes.c
/// The number of the note, which may be cut; 0 for an empty one, or where no more are kept.
uint32_t fxl_intern_note(fxl_policy *policy, const char *text, size_t bytes);

// tests.c
void fxl_free_tests(fxl_policy *policy);

// Libraries of the sandbox; each adds to the table of globals on top of the stack.
void fxl_open_base(lua_State *lua);
void fxl_open_iteration(lua_State *lua);
void fxl_open_metatables(lua_State *lua);
void fxl_open_tables(lua_State *lua);
void fxl_open_strings(lua_State *lua);
void fxl_open_numbers(lua_State *lua);
void fxl_open_log(lua_State *lua);
void fxl_open_accessors(lua_State *lua);
void fxl_open_queues(lua_State *lua);
void fxl_open_maps(lua_State *lua);
void fxl_open_modules(lua_State *lua);
void fxl_open_options(lua_State *lua);
/// Everything above; leaves the table of globals in the registry.
void fxl_open_sandbox(lua_State *lua);

/// Adds `functions` to the table on top of the stack.
void fxl_add(lua_State *lua, const luaL_Reg *functions);
/// Pushes the value as text, without addresses, and returns it.
const char *fxl_push_text(lua_State *lua, int index, size_t *bytes);
/// Pushes the keys of the table at `index` as a sequence in their fixed order; returns how many.
int fxl_push_keys(lua_State *lua, int index);
/// The place of the operation at `index`; raises where there is no such operation.
uint32_t fxl_check_operation(lua_State *lua, int index);
/// Compiles text and pushes the function, with the sandbox's globals; raises where it does not
/// compile.
void fxl_compile_text(lua_State *lua, const char *source, size_t bytes, const char *file);
/// Reads P.options of the policy's table at `index`; raises on what does not fit.
void fxl_read_options(lua_State *lua, int index);
/// Pushes the table that scripts know as `opt`.
void fxl_push_options(lua_State *lua);
/// The failure of every call after a memory breach.
int32_t fxl_fail_dead(fxl_policy *policy);
/// Runs a native function under the budget that `fxl_begin` opened; `argument` is its light
/// userdata.
int32_t fxl_run(fxl_policy *policy, lua_CFunction function, void *argument, int results);
/// Calls a hook whose function and arguments were pushed.
int32_t fxl_call(fxl_policy *policy, int32_t hook, int arguments, int results);

#endif
