// Route mode: the objects of aclnn and its two phases.
#include "route_cases.h"

void operations(void) {
    float one = 1;
    uint64_t workspace = 99;
    void *executor, *device, *second_executor;
    OK(aclrtSetDevice(0));
    OK(aclrtMalloc(&device, 4096, 0));
    void *a = tensor_of(4, device), *b = tensor_of(4, (char *)device + 256), *alpha = aclCreateScalar(&one, 0);
    CHECK(a && b && alpha);
    OK(aclnnAddGetWorkspaceSize(a, b, alpha, a, &workspace, &executor));
    CHECK(workspace == 0);
    OK(aclnnAddGetWorkspaceSize(a, b, alpha, a, &workspace, &second_executor));
    CHECK(executor != second_executor);
    CHECK(aclnnMul(NULL, 0, second_executor, NULL) == 161002);  // of another operation
    OK(aclnnAdd(NULL, 0, executor, NULL));
    CHECK(aclnnAdd(NULL, 0, executor, NULL) == 161002);  // launched before
    OK(aclDestroyAclOpExecutor(second_executor));
    CHECK(aclnnAdd(NULL, 0, second_executor, NULL) == 161002);
    CHECK(aclDestroyAclOpExecutor(second_executor) == 161002);
    CHECK(aclnnAdd(NULL, 0, NULL, NULL) == 161001);
    CHECK(aclnnAdd(NULL, 0, (void *)0x1234, NULL) == 161002);
    CHECK(aclnnAddGetWorkspaceSize(a, b, alpha, a, NULL, &executor) == 161001);
    CHECK(aclnnAddGetWorkspaceSize((void *)0x10, b, alpha, a, &workspace, &executor) == 161002);
    CHECK(aclnnAddGetWorkspaceSize(alpha, b, alpha, a, &workspace, &executor) == 161002);
    CHECK(aclnnAddGetWorkspaceSize((char *)a + 8, b, alpha, a, &workspace, &executor) == 161002);
    CHECK(aclnnMulGetWorkspaceSize(a, b, a, &workspace, &executor) == 161002);
    CHECK(!strcmp(aclGetRecentErrMsg(), "the device refuses"));
    OK(aclnnAddGetWorkspaceSize(NULL, b, alpha, a, &workspace, &executor));  // the fake checks nothing
    CHECK(aclnnAdd(NULL, 0, executor, (void *)0x77) == 161002);
    // Lists own their tensors.
    void *parts[] = {tensor_of(1, device), tensor_of(2, device), tensor_of(3, device)};
    void *list = aclCreateTensorList(parts, 3);
    uint64_t size;
    OK(aclGetTensorListSize(list, &size));
    CHECK(size == 3);
    OK(aclnnCatGetWorkspaceSize(list, 0, a, &workspace, &executor));
    OK(aclDestroyTensorList(list));
    CHECK(aclDestroyTensor(parts[1]) == 161002);
    OK(aclnnCat(NULL, 0, executor, NULL));
    // Shapes: read back, many dimensions, none.
    int64_t *shape;
    OK(aclGetViewShape(a, &shape, &size));
    CHECK(size == 2 && shape[0] == 4 && shape[1] == 8);
    free(shape);
    int64_t many[30];
    for (int i = 0; i < 30; i++) many[i] = 1;
    void *deep = aclCreateTensor(many, 30, 27, NULL, 0, 2, many, 30, device);
    OK(aclGetViewShape(deep, &shape, &size));
    CHECK(size == 30);
    free(shape);
    void *scalar_tensor = aclCreateTensor(NULL, 0, 0, NULL, 0, 2, NULL, 0, device);
    CHECK(deep && scalar_tensor);
    OK(aclnnAddGetWorkspaceSize(deep, scalar_tensor, NULL, deep, &workspace, &executor));
    OK(aclnnAdd(NULL, 0, executor, NULL));
    CHECK(aclCreateTensor(many, 1000, 0, NULL, 0, 2, many, 1, device) == NULL);
    OK(aclDestroyTensor(deep));
    OK(aclDestroyTensor(scalar_tensor));
    OK(aclDestroyTensor(a));
    CHECK(aclDestroyTensor(a) == 161002);
    OK(aclDestroyTensor(NULL));
    OK(aclDestroyTensor(b));
    OK(aclDestroyScalar(alpha));
    OK(aclrtSynchronizeDevice());
}

/// What describes a single operation by name, right and wrong.
void descriptors(void) {
    int64_t shape[] = {3, 4}, size;
    void *buffer = aclCreateDataBuffer(shape, 16), *description = aclCreateTensorDesc(0, 2, shape, 2);
    CHECK(buffer && description && aclGetTensorDescNumDims(description) == 2);
    OK(aclGetTensorDescDimV2(description, 1, &size));
    CHECK(size == 4);
    CHECK(aclGetTensorDescDimV2(description, 2, &size) != 0);
    CHECK(aclGetTensorDescDimV2(buffer, 0, &size) != 0);
    CHECK(aclGetTensorDescNumDims((void *)0x1234) == 0);
    CHECK(aclCreateTensorDesc(0, -1, shape, 2) == NULL);
    CHECK(aclCreateTensorDesc(0, 1000, shape, 2) == NULL);
    CHECK(aclDestroyTensor(description) == 161002);
    aclDestroyTensorDesc(description);
    aclDestroyTensorDesc(description);
    OK(aclDestroyDataBuffer(buffer));
    CHECK(aclDestroyDataBuffer(buffer) != 0);
}

void numbers(void) {
    for (uint32_t half = 0; half < 65536; half++) {
        float value = aclFloat16ToFloat((uint16_t)half);
#if defined(__FLT16_MAX__) || defined(__x86_64__) || defined(__aarch64__)
        _Float16 reference;
        uint16_t bits = (uint16_t)half;
        memcpy(&reference, &bits, 2);
        CHECK(value == (float)reference || (value != value && (float)reference != (float)reference));
#endif
        if (value == value) CHECK(aclFloatToFloat16(value) == half);
    }
    uint32_t state = 1;
    for (int i = 0; i < 2000000; i++) {
        state = state * 1664525 + 1013904223;
        float value;
        memcpy(&value, &state, 4);
        _Float16 reference = (_Float16)value;
        uint16_t bits;
        memcpy(&bits, &reference, 2);
        if (value == value) CHECK(aclFloatToFloat16(value) == bits);
    }
}
