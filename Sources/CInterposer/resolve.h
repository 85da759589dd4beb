// resolve.h: the vendor's libraries and functions. None of our locks is held while the loader
// works: a library's constructor may call AscendCL.
#ifndef FX_RESOLVE_H
#define FX_RESOLVE_H

/// libc's dlopen (or that of the next library that hooks it).
typedef void *(*fx_dlopen_type)(const char *name, int flags);
fx_dlopen_type fx_real_dlopen(void);

/// The vendor's library of that name, opened with `flags`; never this library or a copy of it.
/// NULL: none.
void *fx_open_vendor(const char *name, int flags);

/// Whether a handle is this library's, or a copy's under another name.
int fx_is_ours(void *handle);

/// Where this file is.
const char *fx_own_path(void);

/// Keeps this library mapped for good: threads end in it, and its rings are shared.
void fx_resolve_pin(void);

#endif
