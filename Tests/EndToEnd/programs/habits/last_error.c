// Asks for the last error, as programs that launch kernels of their own do: it is the thread's, stays
// until it is taken, and a call that goes well leaves it.
// libraries: ascendcl
#include <pthread.h>

#include "habits.h"

int aclrtCreateNotify(void **, uint64_t);

static void *elsewhere(void *unused) {
    SHOW(aclrtPeekAtLastError(0));
    SHOW_FAILURE(aclrtGetDevice(NULL));
    SHOW(aclrtPeekAtLastError(0));
    return unused;
}

int main(void) {
    void *notify;
    pthread_t thread;
    SHOW(aclrtPeekAtLastError(0));
    SHOW(aclInit(NULL));
    SHOW(aclrtSetDevice(0));
    SHOW(aclrtGetLastError(0));
    SHOW_FAILURE(aclrtFree((void *)64));
    SHOW(works(1));
    SHOW(aclrtPeekAtLastError(0));
    pthread_create(&thread, NULL, elsewhere, NULL);
    pthread_join(thread, NULL);
    SHOW(aclrtPeekAtLastError(0));
    SHOW(aclrtGetLastError(0));
    SHOW(aclrtGetLastError(0));
    SHOW_FAILURE(aclrtCreateNotify(&notify, 0));
    SHOW(aclrtGetLastError(0));
    SHOW_FAILURE(aclrtPeekAtLastError(1));
    SHOW(aclFinalize());
    return 0;
}
