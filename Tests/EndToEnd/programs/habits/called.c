// Calls functions that are not carried, one of each kind of result, and goes on.
// libraries: ascendcl opapi hccl acl_op_compiler
#include "habits.h"

int aclrtCreateNotify(void **, uint64_t);
int aclrtGetNotifyId(void *, uint32_t *);
void *aclmdlCreateDesc(void);
size_t aclmdlGetNumInputs(void *);
void aclmdlDestroyAIPP(const void *);
const char *aclmdlGetInputNameByIndex(const void *, size_t);
int aclmdlLoadFromFile(const char *, uint32_t *);
int aclnnNonzeroGetWorkspaceSize(const void *, void *, uint64_t *, void **);
int aclnnNonzero(void *, uint64_t, void *, void *);
int HcclCommDestroy(void *);
int aclnnAsinhGetWorkspaceSize(const void *, void *, uint64_t *, void **);

int main(void) {
    void *notify = (void *)5, *executor = (void *)6;
    uint32_t number = 7;
    uint64_t size = 8;
    SHOW(aclInit(NULL));
    SHOW(aclrtSetDevice(0));
    SHOW_FAILURE(aclrtCreateNotify(&notify, 0));
    SHOW_FAILURE(aclrtGetNotifyId(notify, &number));
    SHOW_FAILURE(aclmdlLoadFromFile("no such file", &number));
    SHOW_FAILURE(aclmdlCreateDesc() != NULL);
    SHOW_FAILURE(aclmdlGetNumInputs(NULL));
    SHOW_FAILURE(aclmdlGetInputNameByIndex(NULL, 0) != NULL);
    SHOW_FAILURE((aclmdlDestroyAIPP(NULL), 0));
    SHOW_FAILURE(aclnnNonzeroGetWorkspaceSize(NULL, NULL, &size, &executor));
    SHOW_FAILURE(aclnnNonzero(NULL, 0, NULL, NULL));
    SHOW_FAILURE(HcclCommDestroy(NULL));
    // Carried, and not in this device.
    SHOW_FAILURE(aclnnAsinhGetWorkspaceSize(NULL, NULL, &size, &executor));
    printf("untouched: %d\n",
           notify == (void *)5 && executor == (void *)6 && number == 7 && size == 8);
    SHOW(works(6));
    SHOW(aclFinalize());
    return 0;
}
