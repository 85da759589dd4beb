// Goes on calling after it has given everything back.
// libraries: ascendcl
#include "habits.h"

int main(void) {
    void *memory = NULL, *stream = NULL;
    SHOW(aclInit(NULL));
    SHOW(aclrtSetDevice(0));
    SHOW(aclrtMalloc(&memory, 4096, 0));
    SHOW(aclrtCreateStream(&stream));
    SHOW(aclrtResetDevice(0));
    SHOW_FAILURE(aclrtSynchronizeStream(stream));
    SHOW_FAILURE(aclrtMemsetAsync(memory, 4096, 0, 4096, stream));
    SHOW(aclFinalize());
    SHOW_FAILURE(aclFinalize());
    SHOW_FAILURE(aclrtSynchronizeDevice());
    SHOW(aclInit(NULL));
    SHOW_FAILURE(aclInit(NULL));
    SHOW(aclrtSetDevice(0));
    SHOW(works(9));
    SHOW(aclFinalize());
    return 0;
}
