// Uses the device before main and after it.
// libraries: ascendcl
#include <stdlib.h>

#include "habits.h"

__attribute__((constructor)) static void before(void) {
    SHOW(aclInit(NULL));
    SHOW(aclrtSetDevice(0));
    SHOW(works(1));
}

__attribute__((destructor)) static void after(void) {
    SHOW(works(3));
    fflush(stdout);
}

static void at_exit(void) { SHOW(works(2)); }

int main(void) {
    atexit(at_exit);
    SHOW(works(4));
    return 0;
}
