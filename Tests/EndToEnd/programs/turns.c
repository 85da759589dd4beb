// What one program leaves to the next on the same device.
// turns write: fills blocks of all sizes up to 130,560 bytes, and gives them back. turns read: takes such
// blocks and looks at what is in them: `foreign N` counts bytes that are not 0; its own it may see again.
// turns reset BYTES: takes so much, resets the device, and takes it again, four times.
// turns requeue BYTES: frees what queued work still uses and takes as much again, eight times.
// turns settings VALUE FILE: sets what AscendCL keeps per device to VALUE, says `set`, and when FILE is there
// reads it again: `option N compile TEXT saturation CODE`.
// turns copy KIND: copies 8 MiB to (KIND 1) or from (2) pageable memory, three times: `copy CODE` for each.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ascendcl.h"

enum { STEP = 512, BLOCKS = 255, ROUNDS = 100 };

static void *stream;

static void *take(size_t bytes)
{
    void *memory = NULL;
    MUST(aclrtMalloc(&memory, bytes, 0));
    return memory;
}

static void blocks(int is_writer)
{
    static unsigned char host[STEP * BLOCKS];
    void *taken[BLOCKS];
    long foreign = 0;
    for (int i = 0; i < BLOCKS; i++) {
        size_t bytes = (size_t)(i + 1) * STEP;
        taken[i] = take(bytes);
        if (is_writer) {
            MUST(aclrtMemset(taken[i], bytes, 0x5a, bytes));
            continue;
        }
        MUST(aclrtMemcpy(host, bytes, taken[i], bytes, DEVICE_TO_HOST));
        for (size_t k = 0; k < bytes; k++) foreign += host[k] != 0;
    }
    for (int i = 0; i < BLOCKS; i++) MUST(aclrtFree(taken[i]));
    printf("foreign %ld\n", foreign);
}

static void reset(size_t bytes)
{
    for (int round = 0; round < 4; round++) {
        take(bytes);
        MUST(aclrtResetDevice(0));
        MUST(aclrtSetDevice(0));
    }
    MUST(aclrtCreateStream(&stream));
}

static void requeue(size_t bytes)
{
    void *memory = take(bytes);
    for (int round = 0; round < 8; round++) {
        for (int i = 0; i < ROUNDS; i++) MUST(aclrtMemsetAsync(memory, bytes, 1 + i, bytes, stream));
        MUST(aclrtFree(memory));
        memory = take(bytes);
    }
    MUST(aclrtFree(memory));
}

static void copy(int kind)
{
    const size_t bytes = 8u << 20;
    void *host = calloc(1, bytes), *memory = take(bytes);
    for (int i = 0; i < 3; i++) {
        void *to = kind == HOST_TO_DEVICE ? memory : host;
        printf("copy %d\n", aclrtMemcpy(to, bytes, kind == HOST_TO_DEVICE ? host : memory, bytes, kind));
    }
    free(host);
}

static void settings(long value, const char *file)
{
    int64_t option = -1;
    char text[32] = "";
    MUST(aclrtSetSysParamOpt(0, value));
    MUST(aclSetCompileopt(10, value ? "enable" : "disable"));
    int saturation = aclrtSetDeviceSatMode(value ? 1 : 0);
    printf("set\n");
    fflush(stdout);
    while (access(file, F_OK) != 0) usleep(10000);
    MUST(aclrtGetSysParamOpt(0, &option));
    MUST(aclGetCompileopt(10, text, sizeof text));
    printf("option %ld compile %s saturation %d\n", (long)option, text, saturation);
}

int main(int count, char **arguments)
{
    if (count < 2) return 2;
    const char *what = arguments[1];
    load_ascendcl();
    MUST(aclInit(NULL));
    MUST(aclrtSetDevice(0));
    MUST(aclrtCreateStream(&stream));
    if (strcmp(what, "write") == 0 || strcmp(what, "read") == 0) blocks(what[0] == 'w');
    else if (strcmp(what, "reset") == 0 && count > 2) reset((size_t)atol(arguments[2]));
    else if (strcmp(what, "requeue") == 0 && count > 2) requeue((size_t)atol(arguments[2]));
    else if (strcmp(what, "copy") == 0 && count > 2) copy(atoi(arguments[2]));
    else if (strcmp(what, "settings") == 0 && count > 3) settings(atol(arguments[2]), arguments[3]);
    else return 2;
    MUST(aclrtSynchronizeStream(stream));
    MUST(aclrtResetDevice(0));
    MUST(aclFinalize());
    return 0;
}
