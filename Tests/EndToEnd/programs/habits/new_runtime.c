// Linked with the split runtime of newer CANN and nothing else, as its sample programs are.
// libraries: acl_rt
#include "habits.h"

int main(void) {
    uint32_t count = 0;
    SHOW(aclInit(NULL));
    SHOW(aclrtGetDeviceCount(&count));
    SHOW(count > 0);
    SHOW(aclrtSetDevice(0));
    SHOW(works(7));
    SHOW(aclrtResetDevice(0));
    SHOW(aclFinalize());
    return 0;
}
