// Linked with the old and the new name of one runtime.
// libraries: acl_rt ascendcl runtime_common
#include "habits.h"

int main(void) {
    SHOW(aclInit(NULL));
    SHOW(aclrtSetDevice(0));
    SHOW(works(1));
    SHOW(aclFinalize());
    return 0;
}
