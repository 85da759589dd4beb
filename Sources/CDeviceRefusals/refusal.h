// refusal.h: the body of a refusal. Its parameters do not matter: the caller takes them away again.
#ifndef REFUSAL_H
#define REFUSAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Leaves the message and the code for the thread; code 0: the function returns none. Swift's.
void flexnpu_device_refuse(const char *name, int32_t code);

#define FX_REFUSE_VISIBLE(result, name, code, value) \
    result name(void);                               \
    result name(void) {                              \
        flexnpu_device_refuse(#name, code);          \
        return value;                                \
    }
#define FX_REFUSE_LINKED(result, name, code, value) \
    __attribute__((weak)) FX_REFUSE_VISIBLE(result, name, code, value)

#endif
