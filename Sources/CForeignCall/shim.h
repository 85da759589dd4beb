// libffi: calls to functions whose shape is known only from the API table.
#include <ffi.h>

// libffi's types are mutable globals to Swift; through these they are plain constants.
static inline ffi_type *flexnpu_ffi_word(void) { return &ffi_type_uint64; }
static inline ffi_type *flexnpu_ffi_float(void) { return &ffi_type_float; }
static inline ffi_type *flexnpu_ffi_double(void) { return &ffi_type_double; }

static inline ffi_status flexnpu_ffi_prepare(ffi_cif *call, unsigned count, ffi_type **types) {
    return ffi_prep_cif(call, FFI_DEFAULT_ABI, count, &ffi_type_sint32, types);
}

static inline int flexnpu_ffi_call(ffi_cif *call, void *function, void **arguments) {
    ffi_arg result = 0;
    ffi_call(call, FFI_FN(function), &result, arguments);
    return (int)result;
}
