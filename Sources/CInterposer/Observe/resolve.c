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

/// The library, opened once. A failure is not kept: the program may load it later, from where we
/// cannot know.
static void *library_handle(const char *name) {
    static struct {
        const char *name;
        void *handle;
    } known[32];
    unsigned number = 0;
    while (number < 31 && fx_library(number) != NULL && strcmp(fx_library(number), name) != 0)
        number++;
    void *handle = __atomic_load_n(&known[number].handle, __ATOMIC_ACQUIRE);
    if (handle != NULL) return handle;
    handle = open_other(name, RTLD_LAZY | RTLD_NOLOAD);
    if (handle == NULL) handle = fx_open_vendor(name, RTLD_LAZY | RTLD_LOCAL);
    if (handle != NULL) __atomic_store_n(&known[number].handle, handle, __ATOMIC_RELEASE);
    return handle;
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

/// Some functions are reached through another library than CANN's documentation has them in.
static void *look_elsewhere(const char *name) {
    for (unsigned number = 0; fx_library(number) != NULL; number++) {
        void *handle = open_other(fx_library(number), RTLD_LAZY | RTLD_NOLOAD);
        if (handle == NULL) continue;
        void *symbol = look_up(handle, name);
        dlclose(handle);  // whoever loaded it keeps it
        if (symbol != NULL) return symbol;
    }
    return NULL;
}

void *fx_real_resolve(uint16_t function) {
    int saved_errno = errno;
    const char *name = fx_function_name(function);
    void *handle = fx_real_dlopen() != NULL ? library_handle(fx_function_library(function)) : NULL;
    void *real = handle != NULL ? look_up(handle, name) : NULL;
    if (real == NULL && fx_real_dlopen() != NULL) real = look_elsewhere(name);
    if (real != NULL)
        __atomic_store_n(&fx_real_known[function], real, __ATOMIC_RELEASE);
    else if (handle != NULL)
        __atomic_store_n(&fx_real_known[function], FX_REAL_MISSING, __ATOMIC_RELEASE);
    errno = saved_errno;
    return real;
}

void fx_missing(uint16_t function) {
    // The caller gets the function's refusal value. There is nobody to tell: the error text is the
    // vendor's to give, and we never print.
    (void)function;
}

void fx_resolve_reset_in_child(void) {
    // Libraries and functions are where they were; the loader's locks are libc's care.
}
