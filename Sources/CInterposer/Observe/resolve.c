#include "resolve.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../Generated/names.h"
#include "../Transport/compiler.h"
#include "../Transport/mode.h"
#include "../Transport/tally.h"
#include "../Transport/thread.h"
#include "flexnpu_functions.h"
#include "observe.h"

void *fx_real_known[FX_FUNCTION_LIMIT];

fx_dlopen_type fx_real_dlopen(void) {
    static fx_dlopen_type known;
    fx_dlopen_type real = __atomic_load_n(&known, __ATOMIC_RELAXED);
    if (real == NULL) {
        // libc is among our own dependencies, so "the next" finds it however this library was
        // loaded.
        real = (fx_dlopen_type)dlsym(RTLD_NEXT, "dlopen");
        __atomic_store_n(&known, real, __ATOMIC_RELAXED);
    }
    return real;
}

/// It cannot be asked for by itself, and had another version before it moved to libc.
fx_dlsym_type fx_real_dlsym(void) {
    static fx_dlsym_type known;
    fx_dlsym_type real = __atomic_load_n(&known, __ATOMIC_RELAXED);
    if (real != NULL) return real;
    static const char *const versions[] = {"GLIBC_2.34", "GLIBC_2.2.5", "GLIBC_2.17"};
    for (unsigned i = 0; i < sizeof(versions) / sizeof(versions[0]) && real == NULL; i++)
        real = (fx_dlsym_type)dlvsym(RTLD_NEXT, "dlsym", versions[i]);
    __atomic_store_n(&known, real, __ATOMIC_RELAXED);
    return real;
}

// ---- What is ours ------------------------------------------------------------------------------

static const void *own_base(void) {
    static const void *known;
    const void *base = __atomic_load_n(&known, __ATOMIC_RELAXED);
    Dl_info info;
    if (base == NULL && dladdr((const void *)fx_own_path, &info) != 0) {
        base = info.dli_fbase;
        __atomic_store_n(&known, base, __ATOMIC_RELAXED);
    }
    return base;
}

const char *fx_own_path(void) {
    Dl_info info;
    return dladdr((const void *)fx_own_path, &info) != 0 ? info.dli_fname : NULL;
}

int fx_is_offered(uint16_t function) {
    const char *path = fx_own_path();
    if (path == NULL || fx_real_dlopen() == NULL || fx_real_dlsym() == NULL) return 1;
    void *own = fx_real_dlopen()(path, RTLD_LAZY | RTLD_NOLOAD);
    int found = own == NULL || fx_real_dlsym()(own, fx_function_name(function)) != NULL;
    if (!found) dlerror();
    if (own != NULL) dlclose(own);
    return found;
}

/// The SONAME that a loaded library states, or "".
static const char *soname_of(const struct link_map *map) {
    const char *strings = NULL;
    ElfW(Xword) offset = 0;
    for (const ElfW(Dyn) *entry = map->l_ld; entry->d_tag != DT_NULL; entry++) {
        if (entry->d_tag == DT_STRTAB) strings = (const char *)entry->d_un.d_ptr;
        if (entry->d_tag == DT_SONAME) offset = entry->d_un.d_val;
    }
    return strings != NULL && offset != 0 ? strings + offset : "";
}

int fx_is_ours(void *handle) {
    struct link_map *map;
    if (dlinfo(handle, RTLD_DI_LINKMAP, &map) != 0) return 0;
    return (const void *)map->l_addr == own_base() || strcmp(soname_of(map), "libflexnpu.so") == 0;
}

void fx_resolve_pin(void) {
    static uint32_t pinned;
    const char *path = fx_own_path();
    fx_dlopen_type open_library = fx_real_dlopen();
    if (path == NULL || open_library == NULL) return;
    if (__atomic_exchange_n(&pinned, 1, __ATOMIC_RELAXED) != 0) return;
    if (open_library(path, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE) == NULL) dlerror();
}

// ---- The vendor's libraries --------------------------------------------------------------------

/// Opens it if it is not ours.
static void *open_other(const char *path, int flags) {
    void *handle = fx_real_dlopen()(path, flags);
    if (handle == NULL) {
        dlerror();  // the program's next dlerror is not to tell of our attempts
        return NULL;
    }
    if (!fx_is_ours(handle)) return handle;
    dlclose(handle);
    return NULL;
}

/// Where a folder of links to this library comes first on LD_LIBRARY_PATH, the vendor's is further
/// on.
static void *open_further_on(const char *name, int flags) {
    const char *folders = secure_getenv("LD_LIBRARY_PATH");
    while (folders != NULL && *folders != 0) {
        size_t length = strcspn(folders, ":;");
        char path[PATH_MAX];
        int written = snprintf(path, sizeof(path), "%.*s/%s", (int)length, folders, name);
        if (length > 0 && written > 0 && (size_t)written < sizeof(path)) {
            void *handle = open_other(path, flags);
            if (handle != NULL) return handle;
        }
        folders += length;
        if (*folders != 0) folders++;
    }
    return NULL;
}

void *fx_open_vendor(const char *name, int flags) {
    if (fx_real_dlopen() == NULL) return NULL;
    void *handle = open_other(name, flags);
    if (handle == NULL && strchr(name, '/') == NULL) handle = open_further_on(name, flags);
    return handle;
}

static void *handles[FX_LIBRARY_COUNT];

/// Keeps a library's handle. Another thread may have kept one meanwhile: that one stays.
static void *keep_handle(unsigned library, void *handle) {
    void *expected = NULL;
    if (handle == NULL ||
        __atomic_compare_exchange_n(
            &handles[library], &expected, handle, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        return handle;
    dlclose(handle);
    return expected;
}

/// The library, if the program has loaded it. A failure is not kept: it may be loaded later.
static void *loaded_library(unsigned library) {
    void *handle = __atomic_load_n(&handles[library], __ATOMIC_ACQUIRE);
    if (handle != NULL) return handle;
    return keep_handle(library, open_other(fx_library(library), RTLD_LAZY | RTLD_NOLOAD));
}

/// The library, loaded by us if need be, from wherever the program would find it.
static void *opened_library(unsigned library) {
    void *handle = loaded_library(library);
    if (handle != NULL) return handle;
    return keep_handle(library, fx_open_vendor(fx_library(library), RTLD_LAZY | RTLD_LOCAL));
}

// ---- The vendor's functions --------------------------------------------------------------------

static void *look_up(void *handle, const char *name) {
    Dl_info info;
    void *symbol = dlsym(handle, name);
    if (symbol == NULL) {
        dlerror();
        return NULL;
    }
    // A library of the vendor's may itself depend on one of the names that are links to us.
    return dladdr(symbol, &info) != 0 && info.dli_fbase == own_base() ? NULL : symbol;
}

/// CANN has moved functions between libraries from version to version, and some are reached through
/// another one than its documentation has them in.
static void *look_elsewhere(const char *name) {
    for (unsigned number = 0; number < FX_LIBRARY_COUNT; number++) {
        void *handle = open_other(fx_library(number), RTLD_LAZY | RTLD_NOLOAD);
        if (handle == NULL) continue;
        void *symbol = look_up(handle, name);
        dlclose(handle);  // whoever loaded it keeps it
        if (symbol != NULL) return symbol;
    }
    return NULL;
}

/// Where the function is: in its own library, in another that the program has loaded, or in its own
/// once we have loaded that. `opened`: its library is there, so what was not found is missing.
static void *find_function(uint16_t function, int *opened) {
    const char *name = fx_function_name(function);
    unsigned library = fx_functions[function].library;
    void *handle = loaded_library(library);
    void *real = handle != NULL ? look_up(handle, name) : NULL;
    if (real == NULL) real = look_elsewhere(name);
    if (real == NULL && handle == NULL && (handle = opened_library(library)) != NULL)
        real = look_up(handle, name);
    *opened = handle != NULL;
    return real;
}

void *fx_real_resolve(uint16_t function) {
    int saved_errno = errno, opened = 0;
    void *real = fx_real_dlopen() != NULL ? find_function(function, &opened) : NULL;
    if (real != NULL || opened)
        __atomic_store_n(
            &fx_real_known[function], real != NULL ? real : FX_REAL_MISSING, __ATOMIC_RELEASE);
    errno = saved_errno;
    return real;
}

// ---- What the vendor lacks ---------------------------------------------------------------------

int32_t fx_missing(uint16_t function, int32_t code) {
    int saved_errno = errno;
    fx_tally_refused(function);
    struct fx_thread *self = fx_thread_self();
    if (self != NULL) {
        self->missing = function + 1u;
        self->last_error = code;
    }
    // The vendor's last error is older now, and is told no more.
    int32_t (*take)(int32_t) = fx_real(FX_FUNCTION_aclrtGetLastError);
    if (take != NULL) take(0);
    if (fx_mode() == FX_MODE_OBSERVE && fx_recorded(function))
        fx_leave(function, fx_enter(), code, 0, NULL, 0, NULL, 0);
    errno = saved_errno;
    return code;
}

int32_t fx_missing_code(int take) {
    struct fx_thread *self = fx_thread_current();
    int32_t code = self != NULL ? self->last_error : 0;
    if (code != 0 && take) self->last_error = 0;
    return code;
}

const char *fx_missing_message(void) {
    struct fx_thread *self = fx_thread_current();
    if (self == NULL || self->missing == 0) return NULL;
    snprintf(
        self->returned, sizeof(self->returned), "%s is not in the device library",
        fx_function_name((uint16_t)(self->missing - 1)));
    self->missing = 0;
    return self->returned;
}

void fx_resolve_reset_in_child(void) {
    // Libraries and functions are where they were; the loader's locks are libc's care.
}
