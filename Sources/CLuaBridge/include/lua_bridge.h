// lua_bridge.h: scheduling policies in Lua, seen from Swift.
//
// Lua reports errors by longjmp, which must never cross a Swift frame. So everything that can raise
// runs here, in C, under lua_pcall; every function below is plain. A call into a policy is one of
// the fxl_ hooks; it is bounded in instructions, memory and thread CPU time, and a script that goes
// over is stopped and reported (fxl_failure_…).
//
// Calls back into Swift (fxl_host) return values; they must not throw and never re-enter the
// policy.
#ifndef FLEXNPU_LUA_BRIDGE_H
#define FLEXNPU_LUA_BRIDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__clang__)
#pragma clang assume_nonnull begin
#define FXL_NULLABLE _Nullable
#else
#define FXL_NULLABLE
#endif

/// A policy: one Lua state, the operations it was given, its queues. Used by one thread at a time.
typedef struct fxl_policy fxl_policy;

/// What a policy may know of an operation.
typedef struct {
    uint64_t id;  // slot in the low half, generation in the high half
    uint64_t stream;
    uint64_t sequence;
    uint64_t bytes;
    uint64_t flops;
    int64_t cost_ns;
    int64_t enqueued_at;
    uint32_t client;
    uint32_t tokens;
    int32_t device;
    uint16_t function;
    uint8_t phase;         // 0 other, 1 prefill, 2 decode, 3 mixed
    uint8_t phase_source;  // 0 none, 1 mark, 2 label, 3 policy, 4 shape
    uint8_t kind;          // 0 kernel, 1 copy, 2 fill, 3 step
    uint16_t cube_cores;   // that it can use at most; 0: as many as there are
    uint16_t vector_cores;
} fxl_operation;

/// How busy a device is.
typedef struct {
    int64_t in_flight_ns;
    int32_t device;
    int32_t in_flight;
    int32_t in_flight_by_phase[4];
} fxl_device_load;

/// Why a call failed. `FXL_OK` is 0, so a status can be tested as a truth value.
enum {
    FXL_OK = 0,
    FXL_INSTRUCTIONS = 1,  // too many instructions
    FXL_MEMORY = 2,        // too much memory: final, the policy is not called again
    FXL_TIME = 3,          // too much thread CPU time
    FXL_ERROR = 4,         // the script raised an error
    FXL_NOT_READY = 5,     // it returned something that is no ready operation
    FXL_HOLD = 6,          // it asked to be woken at no time
    FXL_SYNTAX = 7,        // it does not compile
};

/// What `fxl_dispatch` decided.
typedef struct {
    uint64_t operation;  // valid when `dispatched`
    int64_t wake_ns;     // from now; -1: no wish
    uint32_t line;       // the source line that took the operation, or that held; 0 when such lines
                         // are not recorded
    uint32_t note;       // for `fxl_note_text`; 0: none
    uint16_t cube_cores;  // that the operation may take at most; 0: no limit
    uint16_t vector_cores;
    bool dispatched;
} fxl_decision;

/// Bounds of one policy. `fxl_standard_limits` fills in the ones users are promised.
typedef struct {
    int64_t call_instructions;
    int64_t open_instructions;
    int64_t call_cpu_ns;
    int64_t open_cpu_ns;
    int64_t memory_bytes;
    int64_t blocks;  // live allocations: what a collection may have to visit
} fxl_limits;

/// What the policy asks of the process around it.
typedef struct {
    void *FXL_NULLABLE context;
    /// Name of an AscendCL function; stable for the policy's life.
    const char *_Nonnull (*_Nonnull function_name)(void *FXL_NULLABLE context, uint16_t function);
    /// Source of a file in the policy's own folder, by `require`'s name; NULL where there is none,
    /// or, with `why` set, where it cannot be read. Stable until the next call.
    const char *FXL_NULLABLE (*_Nonnull module_source)(
        void *FXL_NULLABLE context, const char *name, size_t *bytes,
        const char *FXL_NULLABLE *_Nonnull why);
} fxl_host;

/// The hooks a policy may have.
enum {
    FXL_HOOK_READY, FXL_HOOK_DISPATCH, FXL_HOOK_DONE, FXL_HOOK_DROP, FXL_HOOK_OPEN, FXL_HOOK_SAVE,
    FXL_HOOK_ATTACH, FXL_HOOK_DETACH, FXL_HOOK_CHANGED, FXL_HOOK_CLASSIFY, FXL_HOOK_TICK,
    FXL_HOOK_COUNT
};

/// What an option's value may be.
enum { FXL_OPTION_INTEGER = 1, FXL_OPTION_NUMBER = 2, FXL_OPTION_BOOLEAN = 3, FXL_OPTION_TEXT = 4 };

/// Counters since the policy was made.
typedef struct {
    uint64_t calls;
    uint64_t windows;  // of 100 instructions that calls used up
    int64_t memory_bytes;
    int64_t memory_peak_bytes;
    int64_t blocks;
    uint32_t operations;  // known now
    uint32_t ready;       // of those, not yet dispatched
} fxl_counters;

void fxl_standard_limits(fxl_limits *limits);

/// A fresh policy with its sandbox and nothing loaded; NULL when memory is short.
fxl_policy *FXL_NULLABLE fxl_create(const fxl_host *host, const fxl_limits *limits, uint64_t seed);
void fxl_destroy(fxl_policy *policy);

/// Compiles and runs `source` and takes the table it returns as the policy. `file` names it in
/// messages.
int32_t fxl_load(fxl_policy *policy, const char *source, size_t bytes, const char *file);
/// Calls `open(ctx)`. `saved` is what `fxl_save` wrote, or NULL; `previous` names the policy
/// before.
int32_t fxl_open(
    fxl_policy *policy, const char *FXL_NULLABLE saved, size_t saved_bytes,
    const char *FXL_NULLABLE previous, int64_t previous_version, const int32_t *devices,
    uint32_t device_count, int64_t now);

// What is known of the last failure. Text may be cut; it stays valid until the next call.
int32_t fxl_failure_kind(const fxl_policy *policy);
/// 0 where there is none.
int32_t fxl_failure_line(const fxl_policy *policy);
const char *fxl_failure_file(const fxl_policy *policy);
const char *fxl_failure_message(const fxl_policy *policy);
/// The calls that led there, innermost first, one a line.
const char *fxl_failure_traceback(const fxl_policy *policy);
/// After a memory breach the policy is not called again.
bool fxl_is_dead(const fxl_policy *policy);

const char *fxl_name(const fxl_policy *policy);
int64_t fxl_version(const fxl_policy *policy);
bool fxl_has_hook(const fxl_policy *policy, int32_t hook);
/// The hook's name, for messages.
const char *fxl_hook_name(int32_t hook);
uint32_t fxl_option_count(const fxl_policy *policy);
const char *fxl_option_key(const fxl_policy *policy, uint32_t index);
/// Its standard value, as text.
const char *fxl_option_standard(const fxl_policy *policy, uint32_t index);
const char *fxl_option_doc(const fxl_policy *policy, uint32_t index);
int32_t fxl_option_type(const fxl_policy *policy, uint32_t index);
/// False where the option has no such bound.
bool fxl_option_minimum(const fxl_policy *policy, uint32_t index, double *bound);
bool fxl_option_maximum(const fxl_policy *policy, uint32_t index, double *bound);

/// Records the line that takes each operation (costs a little); on from the start.
void fxl_record_lines(fxl_policy *policy, bool on);
/// Records the line of each hold; off from the start, when it costs nothing.
void fxl_record_holds(fxl_policy *policy, bool on);

// Hooks. Each returns FXL_OK or what went wrong. A hook that the policy lacks is FXL_OK.
int32_t fxl_ready(fxl_policy *policy, const fxl_operation *operation, int64_t now);
int32_t fxl_dispatch(
    fxl_policy *policy, const fxl_device_load *load, int64_t now, fxl_decision *decision);
int32_t fxl_done(fxl_policy *policy, const fxl_operation *operation, int64_t took_ns, int64_t now);
/// `reason`: 0 the client is gone, 1 its stream was aborted, 2 it failed.
int32_t fxl_drop(
    fxl_policy *policy, const fxl_operation *operation, int32_t reason, int64_t now);
int32_t fxl_detach(fxl_policy *policy, uint32_t client, int64_t now);
int32_t fxl_tick(fxl_policy *policy, int64_t now);
/// The phase that holds for a known operation, `classify` included; -1 where it is not known.
int32_t fxl_phase_of(const fxl_policy *policy, uint64_t operation);
/// Nanoseconds between ticks; 0 where there are none.
int64_t fxl_tick_interval(const fxl_policy *policy);
/// How long the policy says that a client may wait for anything, in nanoseconds; 0: it does not say.
int64_t fxl_starvation_bound(const fxl_policy *policy);

/// The operation was dispatched by somebody else: it leaves every queue.
void fxl_forget(fxl_policy *policy, uint64_t operation);

/// Makes a client known. `attach` is called the first time only; a later call brings its facts up
/// to date.
int32_t fxl_attach(
    fxl_policy *policy, uint32_t client, const char *name, double weight, uint32_t label_count,
    const char *_Nonnull const *FXL_NULLABLE keys, const char *_Nonnull const *FXL_NULLABLE values,
    int64_t now);

/// Makes a client's facts known without attaching it, so that `open` finds it.
void fxl_introduce(
    fxl_policy *policy, uint32_t client, const char *name, double weight, uint32_t label_count,
    const char *_Nonnull const *FXL_NULLABLE keys, const char *_Nonnull const *FXL_NULLABLE values);

/// Sets option `index` and calls `changed(key)`.
int32_t fxl_set_number(fxl_policy *policy, uint32_t index, double value, int64_t now);
int32_t fxl_set_boolean(fxl_policy *policy, uint32_t index, bool value, int64_t now);
int32_t fxl_set_text(fxl_policy *policy, uint32_t index, const char *value, int64_t now);

/// Calls `save()` and writes what it returned as Lua text, keys in order. `*text` stays valid until
/// the next call; it is NULL where there is nothing to save.
int32_t fxl_save(
    fxl_policy *policy, int64_t now, const char *FXL_NULLABLE *_Nonnull text, size_t *bytes);

/// The next line that the script logged and that was not read yet, oldest first; NULL when there is
/// none. `*lost` counts those that were overwritten before.
const char *FXL_NULLABLE fxl_next_log(fxl_policy *policy, uint64_t *lost);

/// The text behind a decision's note, without a NUL at its end; NULL where there is none. Valid as
/// long as the policy.
const char *FXL_NULLABLE fxl_note_text(
    const fxl_policy *policy, uint32_t number, size_t *bytes);

/// Adds a line to the policy's log.
void fxl_note(fxl_policy *policy, const char *line);

void fxl_read_counters(const fxl_policy *policy, fxl_counters *counters);

/// Compiles `source` and writes its bytecode with debug information to a buffer that
/// `fxl_free_code` frees: `policy check` reads the global names from it. NULL when it does not
/// compile.
void *FXL_NULLABLE fxl_compile(
    fxl_policy *policy, const char *source, size_t bytes, const char *file, size_t *code_bytes);
void fxl_free_code(void *FXL_NULLABLE code);

/// Runs a test file, which declares tests by test(name, options, timeline); here they are, in
/// order. Options are "key=value" lines.
int32_t fxl_load_tests(fxl_policy *policy, const char *source, size_t bytes, const char *file);
uint32_t fxl_test_count(const fxl_policy *policy);
const char *fxl_test_name(const fxl_policy *policy, uint32_t index);
const char *fxl_test_options(const fxl_policy *policy, uint32_t index);
const char *fxl_test_timeline(const fxl_policy *policy, uint32_t index);
int32_t fxl_test_line(const fxl_policy *policy, uint32_t index);

/// Names with the types of their values, "name type" a line, in order: the globals of the sandbox
/// and what is in its libraries ("string.upper function"); the fields of the policy's table. Valid
/// until the next call.
const char *fxl_list_globals(fxl_policy *policy);
const char *fxl_list_fields(fxl_policy *policy);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif
#endif
