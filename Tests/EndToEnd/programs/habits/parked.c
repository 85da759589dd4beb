// Leaves while threads of it wait for the device, and cancels one that waits.
// libraries: ascendcl
#include <pthread.h>

#include "habits.h"

enum { block = 32 << 20 };

/// Enqueues work for a while, and ends without looking at it again.
static void *work(void *stream) {
    void *memory;
    if (aclrtSetDevice(0) != 0 || aclrtMalloc(&memory, block, 0) != 0) return NULL;
    for (int i = 0; i < 20; i++) aclrtMemsetAsync(memory, block, i, block, stream);
    pthread_exit(memory);
}

static void *wait(void *stream) {
    aclrtSetDevice(0);
    aclrtSynchronizeStream(stream);
    pthread_testcancel();
    return NULL;
}

int main(void) {
    void *stream, *memory;
    pthread_t waiting[6], working[2];
    SHOW(aclInit(NULL));
    SHOW(aclrtSetDevice(0));
    SHOW(aclrtCreateStream(&stream));
    for (int i = 0; i < 2; i++) pthread_create(&working[i], NULL, work, stream);
    for (int i = 0; i < 6; i++) pthread_create(&waiting[i], NULL, wait, stream);
    for (int i = 0; i < 2; i++) pthread_join(working[i], NULL);
    SHOW(works(1));
    for (int i = 0; i < 3; i++) pthread_cancel(waiting[i]);
    for (int i = 0; i < 3; i++) pthread_join(waiting[i], NULL);
    SHOW(works(2));
    SHOW(aclrtMalloc(&memory, block, 0));
    for (int i = 0; i < 50; i++) aclrtMemsetAsync(memory, block, i, block, stream);
    return 0;  // others may be inside a call, and work is left
}
