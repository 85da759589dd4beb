// entry.h: what a generated entry point calls. An entry reads:
//
//   FX_ENTRY int32_t aclrtFoo(void *a, uint64_t n) {
//       if (fx_mode() == FX_MODE_ROUTE) return fx_route_aclrtFoo(a, n);   // or fx_refuse(ID) + value
//       int32_t (*real)(void *, uint64_t) = fx_real(ID);
//       if (real == NULL) { fx_missing(ID); return <refusal value>; }
//       if (fx_mode() != FX_MODE_OBSERVE || !fx_recorded(ID)) return real(a, n);
//       uint64_t enter = fx_enter();
//       int32_t result = real(a, n);
//       fx_leave(ID, enter, result, stream, words, …);
//       return result;
//   }
//
// The forward path is two loads and two branches; everything else is out of line.
#ifndef FX_ENTRY_H
#define FX_ENTRY_H

#include <stddef.h>
#include <stdint.h>

#include "flexnpu_functions.h"
#include "flexnpu_wire.h"

#define FX_ENTRY __attribute__((visibility("default")))
#define fx_likely(condition) __builtin_expect(!!(condition), 1)
#define fx_unlikely(condition) __builtin_expect(!!(condition), 0)

/// Bytes that a record carries beside its words: a string, an array, a structure. `word` is the
/// word that describes them; fx_leave replaces it by their place in the record.
struct fx_span {
    uint16_t word;
    const void *pointer;
    uint64_t bytes;
};

/// One argument of a GetWorkspaceSize function, as the class letter says: T L S C I B G s pointer,
/// i w b integer (sign-extended), f d real.
union fx_argument {
    const void *pointer;
    int64_t integer;
    double real;
};

// ---- What the generated files define (names.c) -------------------------------------------------

/// The function's name, the library that CANN has it in, and why it is refused (NULL: it is not).
const char *fx_function_name(uint16_t function);
const char *fx_function_library(uint16_t function);
const char *fx_function_reason(uint16_t function);
/// CANN's libraries, by number; NULL past the last.
const char *fx_library(unsigned number);

// ---- Mode --------------------------------------------------------------------------------------

extern int fx_mode_known;  // FX_MODE_*, 0: forward, −1: the environment has not been read yet
int fx_mode_resolve(void);

static inline int fx_mode(void) {
    int mode = __atomic_load_n(&fx_mode_known, __ATOMIC_RELAXED);
    return fx_likely(mode >= 0) ? mode : fx_mode_resolve();
}

// ---- Observe -----------------------------------------------------------------------------------

#define FX_REAL_MISSING ((void *)1)
extern void *fx_real_known[FX_FUNCTION_LIMIT];
void *fx_real_resolve(uint16_t function);

/// The vendor's function, or NULL where its library lacks it.
static inline void *fx_real(uint16_t function) {
    void *real = __atomic_load_n(&fx_real_known[function], __ATOMIC_ACQUIRE);
    if (fx_likely((uintptr_t)real > (uintptr_t)FX_REAL_MISSING)) return real;
    return real == FX_REAL_MISSING ? NULL : fx_real_resolve(function);
}

#define FX_RECORDED_ASK 2u  // in fx_recorded_bytes: no session yet, ask out of line
extern const uint8_t *fx_recorded_bytes;
int fx_recorded_ask(uint16_t function);

/// Whether a call of this function is recorded now.
static inline int fx_recorded(uint16_t function) {
    const uint8_t *bytes = __atomic_load_n(&fx_recorded_bytes, __ATOMIC_ACQUIRE);
    uint8_t byte = __atomic_load_n(&bytes[function], __ATOMIC_RELAXED);
    if (fx_likely(byte == 0)) return 0;
    return byte != FX_RECORDED_ASK || fx_recorded_ask(function);
}

/// Called before and after the vendor's function when the call is recorded.
uint64_t fx_enter(void);
void fx_leave(
    uint16_t function, uint64_t enter, int32_t result, uint64_t stream, const uint64_t *words,
    unsigned word_count, const struct fx_span *spans, unsigned span_count);

/// What an out-parameter of `bytes` (at most 8) points to; 0 where the call failed or it is NULL.
uint64_t fx_out(const void *pointer, unsigned bytes, int ok);

/// The vendor's library lacks the function: the caller gets its refusal value.
void fx_missing(uint16_t function);

// ---- Route -------------------------------------------------------------------------------------

/// Route mode does not carry the function: leaves the message for aclGetRecentErrMsg.
void fx_refuse(uint16_t function);

/// The two calls of an aclnn operation.
int32_t fx_route_phase_one(
    uint16_t function, const char *classes, const union fx_argument *arguments, uint64_t *workspace,
    void **executor);
int32_t fx_route_phase_two(uint16_t function, void *executor, void *stream);

#endif
