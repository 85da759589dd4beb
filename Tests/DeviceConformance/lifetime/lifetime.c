// How a device library takes the ends of processes: lifetime LIBRARY MODE, where MODE is
//   exit   the process ends with work on a stream
//   late   an exit handler that runs after the library's own still uses the device
//   fork   a child of a program that uses the device asks for it: refused; the parent goes on
//   fresh  a child forked before the device was used uses it
//   close  the library is closed with work on a stream
// Prints what is wrong; the status is 0 when nothing is. A hang is for the caller's timeout.
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../conformance.h"

#define DEFINE(result, name, parameters) result(*name) parameters;
FUNCTIONS(DEFINE)
#undef DEFINE

enum { STEPS = 200 };

static int failed;
static struct vector vector;
static void *stream;

void check(int condition, const char *file, int line, const char *text)
{
    if (condition) return;
    failed++;
    printf("%s:%d: %s\n", file, line, text);
}

void check_equal(long long got, long long expected, const char *file, int line, const char *text)
{
    if (got != expected) printf("%lld, not %lld: ", got, expected);
    check(got == expected, file, line, text);
}

static void use_late(void)
{
    EQUAL(add_amount(vector, 1, stream), OK);
    EQUAL(aclrtSynchronizeStream(stream), OK);
    CHECK(holds(vector, STEPS + 1));
    EQUAL(aclrtDestroyStream(stream), OK);
    if (failed > 0) _exit(1);
}

static void begin(void)
{
    EQUAL(aclrtSetDevice(0), OK);
    EQUAL(aclrtCreateStream(&stream), OK);
    vector = make_vector(1 << 18, 0);
    for (int step = 0; step < STEPS; step++) EQUAL(add_amount(vector, 1, stream), OK);
}

static void finish(void)
{
    EQUAL(aclrtSynchronizeStream(stream), OK);
    CHECK(holds(vector, STEPS));
}

static void use_in_child(void)
{
    void *memory = NULL;
    CHECK(aclrtMalloc(&memory, 64, 0) != OK);
    CHECK(aclrtSynchronizeStream(stream) != OK);
    CHECK(make_tensor(NULL, 4) == NULL);
    CHECK(aclGetRecentErrMsg() != NULL);
}

static void run_child(void (*body)(void), void (*end)(void))
{
    int status = -1;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        body();
        if (end != NULL) end();
        exit(failed > 0);
    }
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(int count, char **arguments)
{
    if (count != 3) return 2;
    void *library = dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        return 2;
    }
#define FIND(result, name, parameters) *(void **)&name = dlsym(library, #name);
    FUNCTIONS(FIND)
#undef FIND
    const char *mode = arguments[2];
    if (strcmp(mode, "late") == 0) atexit(use_late);
    if (strcmp(mode, "fresh") == 0) {
        uint32_t devices = 0;
        EQUAL(aclrtGetDeviceCount(&devices), OK);
        run_child(begin, finish);
    }
    begin();
    if (strcmp(mode, "fork") == 0) run_child(use_in_child, NULL);
    if (strcmp(mode, "fork") == 0 || strcmp(mode, "fresh") == 0) finish();
    if (strcmp(mode, "close") == 0) {
        EQUAL(dlclose(library), 0);
        usleep(20000);
    }
    return failed > 0;
}
