// The dlopen hook: a program that opens one of CANN's libraries gets our functions, whatever it does
// with the handle. The dlsym hook: what it looks for by name is counted, where somebody asked for it.
#include <dlfcn.h>
#include <string.h>

#include "../Generated/names.h"
#include "../Transport/compiler.h"
#include "../Transport/mode.h"
#include "../Transport/tally.h"
#include "resolve.h"
#include "stub.h"

// The loader takes the caller's own search path from the return address, so the real dlopen must be
// reached by a jump and not by a call.
#if defined(__has_attribute)
#if __has_attribute(musttail)
#define FX_TAIL_CALL __attribute__((musttail))
#endif
#endif
#ifndef FX_TAIL_CALL
#define FX_TAIL_CALL
#endif

/// The number of the library whose name a path ends with, version aside; −1 for any other.
static int library_named(const char *path) {
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    if (strncmp(name, "lib", 3) != 0) return -1;
    for (unsigned number = 0; fx_library(number) != NULL; number++) {
        const char *library = fx_library(number);
        size_t length = strlen(library);
        if (strncmp(name, library, length) == 0 && (name[length] == 0 || name[length] == '.'))
            return (int)number;
    }
    return -1;
}

/// Route: the vendor's library is never loaded, by whatever path. Observe: ours, then the vendor's.
static void *open_known(const char *name, int flags) {
    int mode = fx_mode();
    int library = mode != 0 ? library_named(name) : -1;
    if (library < 0) return NULL;
    if (mode == FX_MODE_ROUTE)
        return fx_own_path() != NULL ? fx_real_dlopen()(fx_own_path(), flags) : NULL;
    void *vendor = fx_open_vendor(name, flags);
    if (vendor == NULL) return NULL;
    void *stub = fx_stub_open((unsigned)library, vendor, flags);
    if (stub == NULL) return vendor;
    dlclose(vendor);  // the stub needs it, and so keeps it
    return stub;
}

FX_ENTRY void *dlopen(const char *name, int flags) {
    fx_dlopen_type real = fx_real_dlopen();
    if (real == NULL) return NULL;
    void *handle = name != NULL ? open_known(name, flags) : NULL;
    if (handle != NULL) return handle;
    FX_TAIL_CALL return real(name, flags);
}

// ---- Look-ups ----------------------------------------------------------------------------------

/// The loader takes the caller of RTLD_NEXT from the return address, so this is left by a jump too;
/// what was found is not known here, and `flexnpu run` knows what can be.
FX_ENTRY void *dlsym(void *handle, const char *name) {
    fx_dlsym_type real = fx_real_dlsym();
    if (real == NULL) return NULL;
    if (fx_mode() == FX_MODE_ROUTE && fx_tally_wanted()) {
        int32_t function = fx_function_find(name);
        if (function >= 0) fx_tally_sought((uint16_t)function);
    }
    FX_TAIL_CALL return real(handle, name);
}
