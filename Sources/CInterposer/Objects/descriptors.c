// What a program describes a single operation by type name with (aclop*): tensor descriptors, data buffers, attributes.
// Frameworks make them for an operation that aclnn lacks and take a failure here for the end of the process, so they
// are answered; the operation itself is refused, naming its type.
#include <string.h>

#include "../Generated/route.h"
#include "../Transport/errors.h"
#include "../Transport/thread.h"
#include "objects.h"

#define DIMENSIONS_MAX 16

struct description {
    int32_t type;
    int32_t format;
    uint32_t count;
    int64_t dims[DIMENSIONS_MAX];
};
_Static_assert(sizeof(struct description) <= FX_OBJECT_INLINE_BYTES, "a descriptor fits its slot");

static int32_t wrong(const char *function, const char *what) {
    struct fx_thread *self = fx_thread_self();
    if (self != NULL) fx_message(self, "%s: %s", function, what);
    return FX_ERROR_INVALID_PARAMETER;
}

static struct description *description(const void *desc) {
    struct fx_object *object = fx_object_get(FX_OBJECT_TENSOR_DESC, desc);
    return object == NULL ? NULL : (struct description *)object->payload;
}

static int set_shape(struct description *to, int count, const int64_t *dims) {
    if (count < 0 || count > DIMENSIONS_MAX || (count > 0 && dims == NULL)) return 0;
    to->count = (uint32_t)count;
    if (count > 0) memcpy(to->dims, dims, sizeof(int64_t) * (size_t)count);
    return 1;
}

// ---- Data buffers -----------------------------------------------------------------------------

void *fx_route_aclCreateDataBuffer(void *data, size_t size) {
    struct fx_object *buffer = fx_object_new(0);
    if (buffer == NULL) return wrong("aclCreateDataBuffer", "no memory"), NULL;
    buffer->address = data;
    buffer->extra = size;
    fx_object_open(buffer, FX_OBJECT_DATA_BUFFER);
    return buffer;
}

int32_t fx_route_aclDestroyDataBuffer(const void *buffer) {
    if (buffer == NULL || fx_object_end(FX_OBJECT_DATA_BUFFER, buffer)) return 0;
    return wrong("aclDestroyDataBuffer", "this is no data buffer, or no longer one");
}

// ---- Tensor descriptors -------------------------------------------------------------------------

void *fx_route_aclCreateTensorDesc(int32_t type, int32_t count, const void *dims, int32_t format) {
    struct fx_object *object = fx_object_new(sizeof(struct description));
    if (object == NULL) return wrong("aclCreateTensorDesc", "no memory"), NULL;
    struct description *made = (struct description *)object->payload;
    *made = (struct description){.type = type, .format = format};
    if (!set_shape(made, count, dims)) {
        fx_object_free(object);
        return wrong("aclCreateTensorDesc", "more than 16 dimensions, or none given"), NULL;
    }
    fx_object_open(object, FX_OBJECT_TENSOR_DESC);
    return object;
}

void fx_route_aclDestroyTensorDesc(const void *desc) {
    if (desc != NULL && !fx_object_end(FX_OBJECT_TENSOR_DESC, desc))
        wrong("aclDestroyTensorDesc", "this is no tensor descriptor, or no longer one");
}

int32_t fx_route_aclGetTensorDescType(const void *desc) {
    struct description *found = description(desc);
    return found == NULL ? -1 : found->type;
}

int32_t fx_route_aclGetTensorDescFormat(const void *desc) {
    struct description *found = description(desc);
    return found == NULL ? -1 : found->format;
}

size_t fx_route_aclGetTensorDescNumDims(const void *desc) {
    struct description *found = description(desc);
    return found == NULL ? 0 : found->count;
}

int32_t fx_route_aclGetTensorDescDimV2(const void *desc, size_t index, void *size) {
    struct description *found = description(desc);
    if (found == NULL || size == NULL || index >= found->count)
        return wrong("aclGetTensorDescDimV2", "no such descriptor or dimension");
    *(int64_t *)size = found->dims[index];
    return 0;
}

// A name is for the operation's own use; nothing here asks for it.
void fx_route_aclSetTensorDescName(void *desc, const void *name) {
    (void)name;
    if (description(desc) == NULL) wrong("aclSetTensorDescName", "no such descriptor");
}

int32_t fx_route_aclSetTensorFormat(void *desc, int32_t format) {
    struct description *found = description(desc);
    if (found == NULL) return wrong("aclSetTensorFormat", "no such descriptor");
    found->format = format;
    return 0;
}

int32_t fx_route_aclSetTensorPlaceMent(void *desc, int32_t placement) {
    (void)placement;
    return description(desc) != NULL ? 0 : wrong("aclSetTensorPlaceMent", "no such descriptor");
}

int32_t fx_route_aclSetTensorShape(void *desc, int32_t count, const void *dims) {
    struct description *found = description(desc);
    if (found == NULL || !set_shape(found, count, dims))
        return wrong("aclSetTensorShape", "no such descriptor, or more than 16 dimensions");
    return 0;
}

// ---- Attributes ---------------------------------------------------------------------------------
// They are checked and not kept: the operation that would read them is refused.

void *fx_route_aclopCreateAttr(void) {
    struct fx_object *attributes = fx_object_new(0);
    if (attributes == NULL) return wrong("aclopCreateAttr", "no memory"), NULL;
    fx_object_open(attributes, FX_OBJECT_ATTRIBUTES);
    return attributes;
}

void fx_route_aclopDestroyAttr(const void *attributes) {
    if (attributes != NULL && !fx_object_end(FX_OBJECT_ATTRIBUTES, attributes))
        wrong("aclopDestroyAttr", "these are no attributes, or no longer");
}

static int32_t set_attribute(const void *attributes, const void *name, const char *function) {
    if (name != NULL && fx_object_get(FX_OBJECT_ATTRIBUTES, attributes) != NULL) return 0;
    return wrong(function, "no such attributes, or no name");
}

int32_t fx_route_aclopSetAttrBool(void *attributes, const void *name, uint8_t value) {
    (void)value;
    return set_attribute(attributes, name, "aclopSetAttrBool");
}

int32_t fx_route_aclopSetAttrDataType(void *attributes, const void *name, int32_t value) {
    (void)value;
    return set_attribute(attributes, name, "aclopSetAttrDataType");
}

int32_t fx_route_aclopSetAttrFloat(void *attributes, const void *name, float value) {
    (void)value;
    return set_attribute(attributes, name, "aclopSetAttrFloat");
}

int32_t fx_route_aclopSetAttrInt(void *attributes, const void *name, int64_t value) {
    (void)value;
    return set_attribute(attributes, name, "aclopSetAttrInt");
}

int32_t fx_route_aclopSetAttrListBool(
    void *attributes, const void *name, int32_t count, const void *values) {
    (void)count, (void)values;
    return set_attribute(attributes, name, "aclopSetAttrListBool");
}

int32_t fx_route_aclopSetAttrListFloat(
    void *attributes, const void *name, int32_t count, const void *values) {
    (void)count, (void)values;
    return set_attribute(attributes, name, "aclopSetAttrListFloat");
}

int32_t fx_route_aclopSetAttrListInt(
    void *attributes, const void *name, int32_t count, const void *values) {
    (void)count, (void)values;
    return set_attribute(attributes, name, "aclopSetAttrListInt");
}

int32_t fx_route_aclopSetAttrListListInt(
    void *attributes, const void *name, int32_t count, const void *counts, const void *values) {
    (void)count, (void)counts, (void)values;
    return set_attribute(attributes, name, "aclopSetAttrListListInt");
}

int32_t fx_route_aclopSetAttrString(void *attributes, const void *name, const void *value) {
    (void)value;
    return set_attribute(attributes, name, "aclopSetAttrString");
}
