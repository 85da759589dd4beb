// resolve.h: the vendor's libraries and functions. None of our locks is held while the loader
// works: a library's constructor may call AscendCL.
#ifndef FX_RESOLVE_H
#define FX_RESOLVE_H

#include <stddef.h>
#include <stdint.h>

#include "../Transport/compiler.h"
#include "flexnpu_wire.h"

/// libc's dlopen (or that of the next library that hooks it).
typedef void *(*fx_dlopen_type)(const char *name, int flags);
fx_dlopen_type fx_real_dlopen(void);

/// libc's dlsym.
typedef void *(*fx_dlsym_type)(void *handle, const char *name);
fx_dlsym_type fx_real_dlsym(void);

/// Whether programs find the function by name in this file: in the copy that is fitted to a device
/// library, what the device has. Asks the loader: for slow paths.
int fx_is_offered(uint16_t function);

/// The vendor's library of that name, opened with `flags`; never this library or a copy of it.
/// NULL: none.
void *fx_open_vendor(const char *name, int flags);

/// Whether a handle is this library's, or a copy's under another name.
int fx_is_ours(void *handle);

/// Where this file is.
const char *fx_own_path(void);

/// Keeps this library mapped for good: threads end in it, and its rings are shared.
void fx_resolve_pin(void);

#define FX_REAL_MISSING ((void *)1)
extern void *fx_real_known[FX_FUNCTION_LIMIT];
void *fx_real_resolve(uint16_t function);

/// The vendor's function, or NULL where its library lacks it.
static inline void *fx_real(uint16_t function) {
    void *real = __atomic_load_n(&fx_real_known[function], __ATOMIC_ACQUIRE);
    if (fx_likely((uintptr_t)real > (uintptr_t)FX_REAL_MISSING)) return real;
    return real == FX_REAL_MISSING ? NULL : fx_real_resolve(function);
}

/// The vendor's library lacks the function: the caller gets its refusal value, a message, and the code
/// for aclrtGetLastError, which is returned.
int32_t fx_missing(uint16_t function, int32_t code);

/// The code of the last such call of the thread, if it is the thread's last error; 0: there is none.
/// `take`: once.
int32_t fx_missing_code(int take);

/// The message about the last function that the vendor's library lacked, once; NULL: there is none.
const char *fx_missing_message(void);

/// In a forked child: libraries and functions are where they were.
void fx_resolve_reset_in_child(void);

#endif
