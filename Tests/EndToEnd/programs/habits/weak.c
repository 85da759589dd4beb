// Declares functions as weak and asks whether they are there before it calls them.
// libraries: acl_rt
#include "habits.h"

__attribute__((weak)) int aclrtRecordEventWithFlag(void *, void *, uint32_t);
__attribute__((weak)) int acldumpSaveExceptionInfo(const char *, const char *, const void *, size_t);
__attribute__((weak)) int aclrtCreateNotify(void **, uint64_t);
__attribute__((weak)) int aclrtNobodyHasThis(void);

int main(void) {
    SHOW(aclInit(NULL));
    SHOW(aclrtSetDevice(0));
    SHOW(aclrtRecordEventWithFlag != NULL);
    SHOW(acldumpSaveExceptionInfo != NULL);
    SHOW(aclrtCreateNotify != NULL);
    SHOW(aclrtNobodyHasThis != NULL);
    void *notify = NULL;
    if (aclrtCreateNotify != NULL) SHOW_FAILURE(aclrtCreateNotify(&notify, 0));
    SHOW(works(8));
    SHOW(aclFinalize());
    return 0;
}
