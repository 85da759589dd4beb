// Float vectors on the device, and the two operations the tests use.
#include <stdlib.h>

#include "conformance.h"

void *make_tensor(void *address, int64_t count)
{
    int64_t stride = 1;
    return aclCreateTensor(&count, 1, TYPE_FLOAT, &stride, 0, FORMAT_ND, &count, 1, address);
}

struct vector make_vector(int64_t count, float value)
{
    struct vector vector = {.count = count};
    size_t bytes = (size_t)count * sizeof(float);
    float *host = malloc(bytes);
    for (int64_t index = 0; index < count; index++) host[index] = value;
    EQUAL(aclrtMalloc(&vector.address, bytes, 0), OK);
    EQUAL(aclrtMemcpy(vector.address, bytes, host, bytes, HOST_TO_DEVICE), OK);
    free(host);
    vector.tensor = make_tensor(vector.address, count);
    CHECK(vector.tensor != NULL);
    return vector;
}

void drop_vector(struct vector vector)
{
    EQUAL(aclDestroyTensor(vector.tensor), OK);
    EQUAL(aclrtFree(vector.address), OK);
}

int add_amount(struct vector vector, float amount, void *stream)
{
    int64_t one = 1;
    void *addend = aclCreateScalar(&amount, TYPE_FLOAT);
    void *alpha = aclCreateScalar(&one, TYPE_INT64);
    uint64_t workspace = 0;
    void *executor = NULL, *tensor = vector.tensor;
    int status =
        aclnnAddsGetWorkspaceSize(tensor, addend, alpha, tensor, &workspace, &executor);
    // The executor has its own copy of both.
    aclDestroyScalar(addend);
    aclDestroyScalar(alpha);
    return status != OK ? status : aclnnAdds(NULL, workspace, executor, stream);
}

int add_vector(struct vector vector, struct vector other, void *stream)
{
    int64_t one = 1;
    void *alpha = aclCreateScalar(&one, TYPE_INT64);
    uint64_t workspace = 0;
    void *executor = NULL;
    int status = aclnnInplaceAddGetWorkspaceSize(vector.tensor, other.tensor, alpha, &workspace,
                                                 &executor);
    aclDestroyScalar(alpha);
    return status != OK ? status : aclnnInplaceAdd(NULL, workspace, executor, stream);
}

int holds(struct vector vector, float value)
{
    size_t bytes = (size_t)vector.count * sizeof(float);
    float *host = malloc(bytes);
    int is_same = aclrtMemcpy(host, bytes, vector.address, bytes, DEVICE_TO_HOST) == OK;
    for (int64_t index = 0; index < vector.count && is_same; index++) {
        is_same = host[index] == value;
    }
    free(host);
    return is_same;
}
