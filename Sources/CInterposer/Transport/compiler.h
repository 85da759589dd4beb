// compiler.h: what is exported, and which way a branch mostly goes.
#ifndef FX_COMPILER_H
#define FX_COMPILER_H

#define FX_ENTRY __attribute__((visibility("default")))
#define fx_likely(condition) __builtin_expect(!!(condition), 1)
#define fx_unlikely(condition) __builtin_expect(!!(condition), 0)

#endif
