// aclTensor and aclScalar.
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "../Generated/route.h"
#include "../Transport/errors.h"
#include "../Transport/thread.h"
#include "flexnpu_wire.h"
#include "objects.h"

/// More dimensions than any device library takes; the wire counts them in a byte.
enum { dimension_limit = 64 };

static int64_t *shape_of(const struct fx_object *tensor) {
    return (int64_t *)(tensor->payload + sizeof(struct fx_item));
}

static const struct fx_item *item_of(const struct fx_object *object) {
    return (const struct fx_item *)object->payload;
}

/// Strides of a dense tensor, where the program gives none.
static void dense_strides(int64_t *strides, const int64_t *shape, uint64_t count) {
    int64_t stride = 1;
    for (uint64_t i = count; i > 0; i--) {
        strides[i - 1] = stride;
        stride = (int64_t)((uint64_t)stride * (uint64_t)shape[i - 1]);
    }
}

static void *no_object(const char *function, const char *what) {
    struct fx_thread *self = fx_thread_self();
    if (self != NULL) fx_message(self, "%s: %s", function, what);
    return NULL;
}

void *fx_route_aclCreateTensor(
    const void *viewDims, uint64_t viewDimsNum, int32_t dataType, const void *stride,
    int64_t offset, int32_t format, const void *storageDims, uint64_t storageDimsNum,
    void *tensorData) {
    if (viewDimsNum > dimension_limit || storageDimsNum > dimension_limit)
        return no_object("aclCreateTensor", "more than 64 dimensions");
    if ((viewDims == NULL && viewDimsNum > 0) || (storageDims == NULL && storageDimsNum > 0))
        return no_object("aclCreateTensor", "the dimensions are NULL");
    size_t bytes = sizeof(struct fx_item) + 8 * (2 * viewDimsNum + 1 + storageDimsNum);
    struct fx_object *tensor = fx_object_new(bytes);
    if (tensor == NULL) return no_object("aclCreateTensor", "no memory");
    *(struct fx_item *)tensor->payload = (struct fx_item){
        .kind = 'T',
        .view_dims = (uint8_t)viewDimsNum,
        .storage_dims = (uint8_t)storageDimsNum,
        .type = (int16_t)dataType,
        .format = (int16_t)format,
    };
    int64_t *next = shape_of(tensor);
    fx_copy(next, viewDims, 8 * viewDimsNum);
    if (stride != NULL)
        fx_copy(next + viewDimsNum, stride, 8 * viewDimsNum);
    else
        dense_strides(next + viewDimsNum, next, viewDimsNum);
    next[2 * viewDimsNum] = 0;  // the offset changes from call to call: it is no part of a plan
    fx_copy(next + 2 * viewDimsNum + 1, storageDims, 8 * storageDimsNum);
    tensor->address = tensorData;
    tensor->extra = (uint64_t)offset;
    fx_object_open(tensor, FX_OBJECT_TENSOR);
    return tensor;
}

/// Destroying nothing is not an error; destroying what is no such object is.
static int32_t destroy(enum fx_object_kind kind, const void *pointer, const char *function) {
    if (pointer == NULL || fx_object_end(kind, pointer)) return 0;
    no_object(function, "this is no such object, or no longer one");
    return FX_ERROR_INVALID_ARGUMENT;
}

int32_t fx_route_aclDestroyTensor(const void *tensor) {
    return destroy(FX_OBJECT_TENSOR, tensor, "aclDestroyTensor");
}

void *fx_route_aclCreateScalar(void *value, int32_t dataType) {
    size_t bytes = fx_route_aclDataTypeSize(dataType);
    if (value == NULL || bytes == 0 || bytes > 16)
        return no_object("aclCreateScalar", "the value is NULL or its type has no size");
    struct fx_object *scalar = fx_object_new(sizeof(struct fx_item) + 16);
    if (scalar == NULL) return no_object("aclCreateScalar", "no memory");
    *(struct fx_item *)scalar->payload = (struct fx_item){.kind = 'S', .type = (int16_t)dataType};
    memset(scalar->payload + sizeof(struct fx_item), 0, 16);
    memcpy(scalar->payload + sizeof(struct fx_item), value, bytes);
    fx_object_open(scalar, FX_OBJECT_SCALAR);
    return scalar;
}

int32_t fx_route_aclDestroyScalar(const void *scalar) {
    return destroy(FX_OBJECT_SCALAR, scalar, "aclDestroyScalar");
}

// ---- Questions about a tensor ------------------------------------------------------------------

/// The tensor, or NULL and the error in `status`. `out` must not be NULL either.
static struct fx_object *asked(const void *tensor, const void *out, int32_t *status) {
    *status = tensor == NULL || out == NULL ? FX_ERROR_NULL_ARGUMENT : 0;
    struct fx_object *object = fx_object_get(FX_OBJECT_TENSOR, tensor);
    if (object == NULL && *status == 0) *status = FX_ERROR_INVALID_ARGUMENT;
    return *status == 0 ? object : NULL;
}

/// A copy of dimensions that the caller releases with C++ delete[]: so it comes from the program's
/// own operator new[], if the program has C++ at all.
static int32_t give_dimensions(
    const int64_t *from, uint64_t count, void *dimensions, void *number) {
    void *(*new_array)(size_t) = (void *(*)(size_t))dlsym(RTLD_DEFAULT, "_Znam");
    size_t bytes = count > 0 ? 8 * count : 8;
    int64_t *copy = new_array != NULL ? new_array(bytes) : malloc(bytes);
    if (copy == NULL) return FX_ERROR_OPERATION_INTERNAL;
    fx_copy(copy, from, 8 * count);
    memcpy(dimensions, &copy, sizeof(copy));
    memcpy(number, &count, sizeof(count));
    return 0;
}

int32_t fx_route_aclGetViewShape(const void *tensor, void *viewDims, void *viewDimsNum) {
    int32_t status;
    struct fx_object *object = asked(tensor, viewDims != NULL ? viewDimsNum : NULL, &status);
    if (object == NULL) return status;
    return give_dimensions(
        shape_of(object), item_of(object)->view_dims, viewDims, viewDimsNum);
}

int32_t fx_route_aclGetViewStrides(const void *tensor, void *stridesValue, void *stridesNum) {
    int32_t status;
    struct fx_object *object = asked(tensor, stridesValue != NULL ? stridesNum : NULL, &status);
    if (object == NULL) return status;
    uint64_t count = item_of(object)->view_dims;
    return give_dimensions(shape_of(object) + count, count, stridesValue, stridesNum);
}

int32_t fx_route_aclGetStorageShape(const void *tensor, void *storageDims, void *storageDimsNum) {
    int32_t status;
    struct fx_object *object =
        asked(tensor, storageDims != NULL ? storageDimsNum : NULL, &status);
    if (object == NULL) return status;
    const struct fx_item *item = item_of(object);
    return give_dimensions(
        shape_of(object) + 2 * item->view_dims + 1, item->storage_dims, storageDims,
        storageDimsNum);
}

int32_t fx_route_aclGetViewOffset(const void *tensor, void *offset) {
    int32_t status;
    struct fx_object *object = asked(tensor, offset, &status);
    if (object == NULL) return status;
    memcpy(offset, &object->extra, 8);
    return 0;
}

int32_t fx_route_aclGetFormat(const void *tensor, void *format) {
    int32_t status;
    struct fx_object *object = asked(tensor, format, &status);
    if (object == NULL) return status;
    *(int32_t *)format = item_of(object)->format;
    return 0;
}

int32_t fx_route_aclGetDataType(const void *tensor, void *dataType) {
    int32_t status;
    struct fx_object *object = asked(tensor, dataType, &status);
    if (object == NULL) return status;
    *(int32_t *)dataType = item_of(object)->type;
    return 0;
}

int32_t fx_route_aclGetRawTensorAddr(const void *tensor, void *addr) {
    int32_t status;
    struct fx_object *object = asked(tensor, addr, &status);
    if (object == NULL) return status;
    *(void **)addr = object->address;
    return 0;
}

int32_t fx_route_aclSetRawTensorAddr(void *tensor, void *addr) {
    int32_t status;
    struct fx_object *object = asked(tensor, tensor, &status);
    if (object == NULL) return status;
    object->address = addr;
    return 0;
}
