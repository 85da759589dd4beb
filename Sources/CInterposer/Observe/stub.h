// stub.h: a handle on which dlsym finds our functions first and then the vendor's.
#ifndef FX_STUB_H
#define FX_STUB_H

/// Opens the scope stub of a vendor's library that is loaded as `handle`: a handle of its own, with
/// `flags`. NULL where none can be made.
void *fx_stub_open(unsigned library, void *handle, int flags);

#endif
