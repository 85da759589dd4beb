// objects.h: tensors, scalars, arrays, lists, executors and mark domains: small objects that the
// program holds by pointer. They live in one arena of equal slots, so that any pointer the program
// hands us is checked without reading memory that is not ours.
#ifndef FX_OBJECTS_H
#define FX_OBJECTS_H

#include <stddef.h>
#include <stdint.h>

enum fx_object_kind {
    FX_OBJECT_FREE = 0,
    FX_OBJECT_TENSOR,
    FX_OBJECT_SCALAR,
    FX_OBJECT_INT_ARRAY,
    FX_OBJECT_FLOAT_ARRAY,
    FX_OBJECT_BOOL_ARRAY,
    FX_OBJECT_TENSOR_LIST,
    FX_OBJECT_SCALAR_LIST,
    FX_OBJECT_EXECUTOR,
    FX_OBJECT_DOMAIN,
    FX_OBJECT_DATA_BUFFER,
    FX_OBJECT_TENSOR_DESC,
    FX_OBJECT_ATTRIBUTES,
};

#define FX_OBJECT_SLOT_BYTES 256u
#define FX_OBJECT_INLINE_BYTES (FX_OBJECT_SLOT_BYTES - 40u)

/// An object. Tensors, scalars and arrays hold themselves as they stand in a plan (struct fx_item and
/// what follows), so that encoding one is a copy. Lists hold references, executors the values of
/// their launch.
struct fx_object {
    uint32_t state;       // generation << 8 | kind
    uint32_t next;        // of the free list: index + 1
    uint32_t bytes;       // of the payload
    uint32_t count;       // elements of an array or list, addresses of an executor
    void *address;        // tensor: its data. executor: its plan
    uint64_t extra;       // tensor: its view offset. executor: function << 32 | limits of cores
    uint8_t *payload;     // `inside`, or memory of its own where that is too small
    uint8_t inside[FX_OBJECT_INLINE_BYTES];
};
_Static_assert(sizeof(struct fx_object) == FX_OBJECT_SLOT_BYTES, "fx_object");

/// A new object with room for `bytes` of payload, not yet visible to fx_object_get; fx_object_open
/// makes it so. NULL: no memory.
struct fx_object *fx_object_new(size_t bytes);
void fx_object_open(struct fx_object *object, enum fx_object_kind kind);

/// The object behind a pointer of the program's, or NULL where it is none of that kind (any more).
struct fx_object *fx_object_get(enum fx_object_kind kind, const void *pointer);

/// Ends the object, if it is one of that kind: of two that destroy it at once, one gets 0.
int fx_object_end(enum fx_object_kind kind, const void *pointer);

/// An executor is launched by one call only: 1 for that one, which then reads it and frees it.
int fx_object_claim(enum fx_object_kind kind, const void *pointer);
void fx_object_free(struct fx_object *object);

/// A reference that goes stale when the object ends.
uint64_t fx_object_reference(const struct fx_object *object);
struct fx_object *fx_object_referred(uint64_t reference);

#endif
