// probe DEVICE work|ask STOP: until the file STOP is there, again and again either a small piece of work with
// its synchronization, or questions about the device; prints `running`, and in the end
// `rounds N gap MS`: the longest that one round took.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ascendcl.h"

enum { BYTES = 4096, SECONDS_MAX = 60 };

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void work(void *memory, void *stream)
{
    MUST(aclrtMemsetAsync(memory, BYTES, 1, BYTES, stream));
    MUST(aclrtSynchronizeStream(stream));
}

static void ask(void *stream)
{
    int status = 0;
    size_t unused = 0, total = 0;
    MUST(aclrtStreamQuery(stream, &status));
    MUST(aclrtGetMemInfo(1, &unused, &total));
}

int main(int count, char **arguments)
{
    if (count < 4) return 2;
    int works = strcmp(arguments[2], "work") == 0;
    void *memory = NULL, *stream = NULL;
    load_ascendcl();
    MUST(aclInit(NULL));
    MUST(aclrtSetDevice(atoi(arguments[1])));
    MUST(aclrtMalloc(&memory, BYTES, 0));
    MUST(aclrtCreateStream(&stream));
    double begun = now_ms(), longest = 0;
    long rounds = 0;
    while (access(arguments[3], F_OK) != 0 && now_ms() - begun < SECONDS_MAX * 1e3) {
        double before = now_ms();
        if (works) work(memory, stream);
        else ask(stream);
        double took = now_ms() - before;
        if (took > longest) longest = took;
        if (++rounds == 100) {
            printf("running\n");
            fflush(stdout);
            longest = 0;
        }
    }
    printf("rounds %ld gap %.3f\n", rounds, longest);
    MUST(aclrtResetDevice(atoi(arguments[1])));
    MUST(aclFinalize());
    return 0;
}
