// Has a function of its own in front of one of AscendCL, which it finds by RTLD_NEXT.
// libraries: ascendcl
// flags: -rdynamic
#define _GNU_SOURCE
#include <dlfcn.h>

#include "habits.h"

static int calls;

int aclrtMalloc(void **memory, size_t bytes, int policy) {
    int (*next)(void **, size_t, int) = (int (*)(void **, size_t, int))dlsym(RTLD_NEXT, "aclrtMalloc");
    calls++;
    return next != NULL ? next(memory, bytes, policy) : -1;
}

int main(void) {
    SHOW(aclInit(NULL));
    SHOW(aclrtSetDevice(0));
    SHOW(works(3));
    SHOW(calls);
    SHOW(aclFinalize());
    return 0;
}
