// The entry points that cannot be generated: one is variadic, four take a structure by value, three
// have two sources.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "entry.h"

// ---- aclAppLog ---------------------------------------------------------------------------------
// The arguments of a variadic function cannot be passed on, so the text is made here. In route mode
// the log has no reader.

FX_ENTRY void aclAppLog(
    int32_t logLevel, const char *func, const char *file, uint32_t line, const char *fmt, ...) {
    if (fx_mode() == FX_MODE_ROUTE) return;
    void (*real)(int32_t, const char *, const char *, uint32_t, const char *, ...) =
        fx_real(FX_FUNCTION_aclAppLog);
    if (real == NULL || fmt == NULL) return;
    char buffer[1024], *text = buffer;
    va_list arguments;
    va_start(arguments, fmt);
    int length = vsnprintf(buffer, sizeof(buffer), fmt, arguments);
    va_end(arguments);
    if (length >= (int)sizeof(buffer) && (text = malloc((size_t)length + 1)) != NULL) {
        va_start(arguments, fmt);
        vsnprintf(text, (size_t)length + 1, fmt, arguments);
        va_end(arguments);
    }
    if (length >= 0) real(logLevel, func, file, line, "%s", text != NULL ? text : buffer);
    if (text != buffer) free(text);
}

// ---- Messages and codes ------------------------------------------------------------------------
// The vendor's library knows nothing of a call to a function that it lacks.

FX_ENTRY const char *aclGetRecentErrMsg(void) {
    const uint16_t id = FX_FUNCTION_aclGetRecentErrMsg;
    if (fx_mode() == FX_MODE_ROUTE) return fx_route_aclGetRecentErrMsg();
    const char *own = fx_missing_message();
    if (own != NULL) return own;
    const char *(*real)(void) = fx_real(id);
    if (real == NULL) return NULL;
    if (fx_mode() != FX_MODE_OBSERVE || !fx_recorded(id)) return real();
    uint64_t enter = fx_enter();
    const char *result = real();
    const uint64_t words[] = {(uint64_t)result};
    fx_leave(id, enter, 0, 0, words, 1, NULL, 0);
    return result;
}

static int32_t recorded_error(uint16_t id, int32_t (*real)(int32_t), int32_t level) {
    if (fx_mode() != FX_MODE_OBSERVE || !fx_recorded(id)) return real(level);
    uint64_t enter = fx_enter();
    int32_t result = real(level);
    const uint64_t words[] = {(uint64_t)level};
    fx_leave(id, enter, result, 0, words, 1, NULL, 0);
    return result;
}

/// The vendor's code; where there is none, that of a later call to a function that it lacks.
static int32_t last_error(uint16_t id, int32_t level, int take) {
    int32_t (*real)(int32_t) = fx_real(id);
    int32_t code = real != NULL ? recorded_error(id, real, level) : 0;
    int32_t own = level == 0 ? fx_missing_code(take) : 0;
    return code != 0 ? code : own;
}

FX_ENTRY int32_t aclrtPeekAtLastError(int32_t level) {
    if (fx_mode() == FX_MODE_ROUTE) return fx_route_aclrtPeekAtLastError(level);
    return last_error(FX_FUNCTION_aclrtPeekAtLastError, level, 0);
}

FX_ENTRY int32_t aclrtGetLastError(int32_t level) {
    if (fx_mode() == FX_MODE_ROUTE) return fx_route_aclrtGetLastError(level);
    return last_error(FX_FUNCTION_aclrtGetLastError, level, 1);
}

// ---- Structures by value -----------------------------------------------------------------------
// Their layout is the vendor's business: the call is passed on by a jump, with every register and
// the stack as they were. These calls are not recorded.

/// What refused and missing ones return: ACL_ERROR_RT_FEATURE_NOT_SUPPORT.
static int32_t not_supported(void) { return 207000; }

/// Where the call goes on. Called by the assembly below.
__attribute__((used)) void *fx_by_value_target(uint32_t function) {
    if (fx_mode() == FX_MODE_ROUTE) {
        fx_refuse((uint16_t)function, 207000);
        return (void *)not_supported;
    }
    void *real = fx_real((uint16_t)function);
    if (real != NULL) return real;
    fx_missing((uint16_t)function, 207000);
    return (void *)not_supported;
}

#define FX_TEXT(number) FX_TEXT_OF(number)
#define FX_TEXT_OF(number) #number

#if defined(__x86_64__)
__asm__(
    ".pushsection .text\n"
    ".type fx_by_value, @function\n"
    "fx_by_value:\n"
    ".cfi_startproc\n"
    "push %rdi\n push %rsi\n push %rdx\n push %rcx\n push %r8\n push %r9\n"
    "sub $136, %rsp\n"
    ".cfi_adjust_cfa_offset 184\n"
    "movups %xmm0, 0(%rsp)\n movups %xmm1, 16(%rsp)\n movups %xmm2, 32(%rsp)\n"
    "movups %xmm3, 48(%rsp)\n movups %xmm4, 64(%rsp)\n movups %xmm5, 80(%rsp)\n"
    "movups %xmm6, 96(%rsp)\n movups %xmm7, 112(%rsp)\n"
    "mov %eax, %edi\n"
    "call fx_by_value_target\n"
    "movups 0(%rsp), %xmm0\n movups 16(%rsp), %xmm1\n movups 32(%rsp), %xmm2\n"
    "movups 48(%rsp), %xmm3\n movups 64(%rsp), %xmm4\n movups 80(%rsp), %xmm5\n"
    "movups 96(%rsp), %xmm6\n movups 112(%rsp), %xmm7\n"
    "add $136, %rsp\n"
    "pop %r9\n pop %r8\n pop %rcx\n pop %rdx\n pop %rsi\n pop %rdi\n"
    ".cfi_adjust_cfa_offset -184\n"
    "jmp *%rax\n"
    ".cfi_endproc\n"
    ".size fx_by_value, .-fx_by_value\n"
    ".popsection\n");
#define FX_BY_VALUE(name, number)            \
    __asm__(                                 \
        ".pushsection .text\n"               \
        ".globl " name "\n"                  \
        ".type " name ", @function\n"        \
        name ":\n"                           \
        "endbr64\n"                          \
        "mov $" FX_TEXT(number) ", %eax\n"   \
        "jmp fx_by_value\n"                  \
        ".size " name ", .-" name "\n"       \
        ".popsection\n");
#else
__asm__(
    ".pushsection .text\n"
    ".type fx_by_value, %function\n"
    "fx_by_value:\n"
    ".cfi_startproc\n"
    "stp x29, x30, [sp, #-224]!\n"
    ".cfi_adjust_cfa_offset 224\n"
    ".cfi_rel_offset x29, 0\n"
    ".cfi_rel_offset x30, 8\n"
    "stp x0, x1, [sp, #16]\n stp x2, x3, [sp, #32]\n stp x4, x5, [sp, #48]\n"
    "stp x6, x7, [sp, #64]\n str x8, [sp, #80]\n"
    "stp q0, q1, [sp, #96]\n stp q2, q3, [sp, #128]\n stp q4, q5, [sp, #160]\n"
    "stp q6, q7, [sp, #192]\n"
    "mov w0, w16\n"
    "bl fx_by_value_target\n"
    "mov x16, x0\n"
    "ldp x0, x1, [sp, #16]\n ldp x2, x3, [sp, #32]\n ldp x4, x5, [sp, #48]\n"
    "ldp x6, x7, [sp, #64]\n ldr x8, [sp, #80]\n"
    "ldp q0, q1, [sp, #96]\n ldp q2, q3, [sp, #128]\n ldp q4, q5, [sp, #160]\n"
    "ldp q6, q7, [sp, #192]\n"
    "ldp x29, x30, [sp], #224\n"
    ".cfi_restore x29\n"
    ".cfi_restore x30\n"
    ".cfi_adjust_cfa_offset -224\n"
    "br x16\n"
    ".cfi_endproc\n"
    ".size fx_by_value, .-fx_by_value\n"
    ".popsection\n");
#define FX_BY_VALUE(name, number)            \
    __asm__(                                 \
        ".pushsection .text\n"               \
        ".globl " name "\n"                  \
        ".type " name ", %function\n"        \
        name ":\n"                           \
        "hint #34\n" /* bti c */             \
        "mov w16, #" FX_TEXT(number) "\n"    \
        "b fx_by_value\n"                    \
        ".size " name ", .-" name "\n"       \
        ".popsection\n");
#endif

// The assembler does not know C's enumeration; ids never change (Sources/AscendCL/Table/README.md).
FX_BY_VALUE("aclrtIpcOpenEventHandle", 2315)
FX_BY_VALUE("aclmdlRIAddCondTask", 2529)
FX_BY_VALUE("aclrtMemManagedAdvise", 2572)
FX_BY_VALUE("aclrtMemManagedPrefetchAsync", 2575)
_Static_assert(FX_FUNCTION_aclrtIpcOpenEventHandle == 2315, "id");
_Static_assert(FX_FUNCTION_aclmdlRIAddCondTask == 2529, "id");
_Static_assert(FX_FUNCTION_aclrtMemManagedAdvise == 2572, "id");
_Static_assert(FX_FUNCTION_aclrtMemManagedPrefetchAsync == 2575, "id");
