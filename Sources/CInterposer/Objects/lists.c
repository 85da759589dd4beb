// Arrays of numbers, and lists of tensors and scalars.
#include <string.h>

#include "../Generated/route.h"
#include "../Transport/errors.h"
#include "../Transport/thread.h"
#include "flexnpu_wire.h"
#include "objects.h"

static void *no_object(const char *function, const char *what) {
    struct fx_thread *self = fx_thread_self();
    if (self != NULL) fx_message(self, "%s: %s", function, what);
    return NULL;
}

static int32_t not_one(const char *function) {
    no_object(function, "this is no such object, or no longer one");
    return FX_ERROR_INVALID_ARGUMENT;
}

// ---- Arrays ------------------------------------------------------------------------------------

/// An array as it stands in a signature: the item, then the elements, padded to 8 bytes.
static void *create_array(
    enum fx_object_kind kind, char letter, const void *value, uint64_t size, size_t each,
    const char *function) {
    if ((value == NULL && size > 0) || size > UINT32_MAX / 8)
        return no_object(function, "the values are NULL or too many");
    size_t bytes = (size * each + 7) & ~(size_t)7;
    struct fx_object *array = fx_object_new(sizeof(struct fx_item) + bytes);
    if (array == NULL) return no_object(function, "no memory");
    *(struct fx_item *)array->payload =
        (struct fx_item){.kind = (uint8_t)letter, .count = (uint32_t)size};
    if (bytes > 0) memset(array->payload + sizeof(struct fx_item) + bytes - 8, 0, 8);
    fx_copy(array->payload + sizeof(struct fx_item), value, size * each);
    array->count = (uint32_t)size;
    fx_object_open(array, kind);
    return array;
}

void *fx_route_aclCreateIntArray(const void *value, uint64_t size) {
    return create_array(FX_OBJECT_INT_ARRAY, 'I', value, size, 8, "aclCreateIntArray");
}

void *fx_route_aclCreateFloatArray(const void *value, uint64_t size) {
    return create_array(FX_OBJECT_FLOAT_ARRAY, 'G', value, size, 4, "aclCreateFloatArray");
}

void *fx_route_aclCreateBoolArray(const void *value, uint64_t size) {
    return create_array(FX_OBJECT_BOOL_ARRAY, 'B', value, size, 1, "aclCreateBoolArray");
}

static int32_t destroy_array(enum fx_object_kind kind, const void *array, const char *function) {
    return array == NULL || fx_object_end(kind, array) ? 0 : not_one(function);
}

int32_t fx_route_aclDestroyIntArray(const void *array) {
    return destroy_array(FX_OBJECT_INT_ARRAY, array, "aclDestroyIntArray");
}

int32_t fx_route_aclDestroyFloatArray(const void *array) {
    return destroy_array(FX_OBJECT_FLOAT_ARRAY, array, "aclDestroyFloatArray");
}

int32_t fx_route_aclDestroyBoolArray(const void *array) {
    return destroy_array(FX_OBJECT_BOOL_ARRAY, array, "aclDestroyBoolArray");
}

// ---- Lists -------------------------------------------------------------------------------------
// A list holds references: tensors may get another address after the list was made. It owns its
// elements: destroying it destroys them, as clients rely on. One that was destroyed before is a
// stale reference.

static void *create_list(
    enum fx_object_kind kind, enum fx_object_kind element, const void *value, uint64_t size,
    const char *function) {
    if ((value == NULL && size > 0) || size > UINT16_MAX)
        return no_object(function, "the elements are NULL or too many");
    const void *const *elements = value;
    for (uint64_t i = 0; i < size; i++)
        if (fx_object_get(element, elements[i]) == NULL)
            return no_object(function, "an element is no such object");
    struct fx_object *list = fx_object_new(8 * size);
    if (list == NULL) return no_object(function, "no memory");
    uint64_t *references = (uint64_t *)list->payload;
    for (uint64_t i = 0; i < size; i++) references[i] = fx_object_reference(elements[i]);
    list->count = (uint32_t)size;
    fx_object_open(list, kind);
    return list;
}

static int32_t destroy_list(
    enum fx_object_kind kind, enum fx_object_kind element, const void *pointer,
    const char *function) {
    if (pointer == NULL) return 0;
    if (!fx_object_claim(kind, pointer)) return not_one(function);
    struct fx_object *list = (struct fx_object *)pointer;
    const uint64_t *references = (const uint64_t *)list->payload;
    for (uint32_t i = 0; i < list->count; i++) {
        struct fx_object *object = fx_object_referred(references[i]);
        if (object != NULL) fx_object_end(element, object);
    }
    fx_object_free(list);
    return 0;
}

void *fx_route_aclCreateTensorList(const void *value, uint64_t size) {
    return create_list(
        FX_OBJECT_TENSOR_LIST, FX_OBJECT_TENSOR, value, size, "aclCreateTensorList");
}

void *fx_route_aclCreateScalarList(const void *value, uint64_t size) {
    return create_list(
        FX_OBJECT_SCALAR_LIST, FX_OBJECT_SCALAR, value, size, "aclCreateScalarList");
}

int32_t fx_route_aclDestroyTensorList(const void *array) {
    return destroy_list(
        FX_OBJECT_TENSOR_LIST, FX_OBJECT_TENSOR, array, "aclDestroyTensorList");
}

int32_t fx_route_aclDestroyScalarList(const void *array) {
    return destroy_list(
        FX_OBJECT_SCALAR_LIST, FX_OBJECT_SCALAR, array, "aclDestroyScalarList");
}

// ---- Sizes -------------------------------------------------------------------------------------

static int32_t size_of(
    enum fx_object_kind kind, const void *pointer, void *size, const char *function) {
    if (pointer == NULL || size == NULL) {
        no_object(function, "an argument is NULL");
        return FX_ERROR_NULL_ARGUMENT;
    }
    const struct fx_object *object = fx_object_get(kind, pointer);
    if (object == NULL) return not_one(function);
    *(uint64_t *)size = object->count;
    return 0;
}

int32_t fx_route_aclGetIntArraySize(const void *array, void *size) {
    return size_of(FX_OBJECT_INT_ARRAY, array, size, "aclGetIntArraySize");
}

int32_t fx_route_aclGetFloatArraySize(const void *array, void *size) {
    return size_of(FX_OBJECT_FLOAT_ARRAY, array, size, "aclGetFloatArraySize");
}

int32_t fx_route_aclGetBoolArraySize(const void *array, void *size) {
    return size_of(FX_OBJECT_BOOL_ARRAY, array, size, "aclGetBoolArraySize");
}

int32_t fx_route_aclGetTensorListSize(const void *tensorList, void *size) {
    return size_of(FX_OBJECT_TENSOR_LIST, tensorList, size, "aclGetTensorListSize");
}

int32_t fx_route_aclGetScalarListSize(const void *scalarList, void *size) {
    return size_of(FX_OBJECT_SCALAR_LIST, scalarList, size, "aclGetScalarListSize");
}
