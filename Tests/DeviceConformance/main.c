// Checks that a library keeps AscendCL's contract: conformance LIBRARY. Prints what failed, then "N
// passed, N failed"; the status is 0 when nothing failed, 2 when the library cannot be used at all.
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "conformance.h"

#define DEFINE(result, name, parameters) result(*name) parameters;
FUNCTIONS(DEFINE)
#undef DEFINE

static pthread_mutex_t count_lock = PTHREAD_MUTEX_INITIALIZER;
static int passed, failed;

void check(int condition, const char *file, int line, const char *text)
{
    pthread_mutex_lock(&count_lock);
    if (condition) {
        passed++;
    } else {
        failed++;
        printf("%s:%d: %s\n", file, line, text);
    }
    pthread_mutex_unlock(&count_lock);
}

void check_equal(long long got, long long expected, const char *file, int line, const char *text)
{
    char message[256];
    snprintf(message, sizeof message, "%s is %lld, expected %lld", text, got, expected);
    check(got == expected, file, line, message);
}

static int load(const char *path)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        return 0;
    }
    int missing = 0;
#define FIND(result, name, parameters)                                                             \
    *(void **)&name = dlsym(library, #name);                                                       \
    if (name == NULL) {                                                                            \
        fprintf(stderr, "%s exports no %s\n", path, #name);                                        \
        missing++;                                                                                 \
    }
    FUNCTIONS(FIND)
#undef FIND
    return missing == 0;
}

int main(int count, char **arguments)
{
    if (count != 2) {
        fprintf(stderr, "usage: %s LIBRARY\n", arguments[0]);
        return 2;
    }
    if (!load(arguments[1])) return 2;
    test_start();
    test_memory();
    test_copies();
    test_streams();
    test_events();
    test_operations();
    test_faults();
    test_contexts();
    test_threads();
    test_wrong();
    test_end();
    printf("%d passed, %d failed\n", passed, failed);
    return failed == 0 ? 0 : 1;
}
