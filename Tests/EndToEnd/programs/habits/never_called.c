// Imports functions that are not carried, and that no device here has, and calls none of them.
// libraries: ascendcl opapi hccl acl_op_compiler runtime
#include "habits.h"

int aclrtCreateNotify(void **, uint64_t);
int aclmdlLoadFromFile(const char *, uint32_t *);
int aclmdlRICaptureBegin(void *, int);
int aclnnNonzero(void *, uint64_t, void *, void *);
int aclnnMatmulAllReduce(void *, uint64_t, void *, void *);
int HcclAllReduce(void *, void *, uint64_t, int, int, void *, void *);
int aclopCompileAndExecute(void);
int rtKernelLaunch(void);
int MsprofSetDeviceIdByGeModelIdx(uint32_t, uint32_t);

int main(int count, char **arguments) {
    (void)arguments;
    SHOW(aclInit(NULL));
    if (count > 50) {
        uint32_t model;
        return aclrtCreateNotify(NULL, 0) + aclmdlLoadFromFile("", &model) +
               aclmdlRICaptureBegin(NULL, 0) + aclnnNonzero(NULL, 0, NULL, NULL) +
               aclnnMatmulAllReduce(NULL, 0, NULL, NULL) +
               HcclAllReduce(NULL, NULL, 0, 0, 0, NULL, NULL) + aclopCompileAndExecute() +
               rtKernelLaunch() + MsprofSetDeviceIdByGeModelIdx(0, 0);
    }
    SHOW(aclrtSetDevice(0));
    SHOW(works(5));
    SHOW(aclFinalize());
    return 0;
}
