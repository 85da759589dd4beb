#include "ascendcl.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#define DEFINE(library, result, name, parameters) result(*name) parameters;
FUNCTIONS(DEFINE)
#undef DEFINE

static void *open_library(const char *name)
{
    void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        exit(2);
    }
    return library;
}

void load_ascendcl(void)
{
    void *acl = open_library("libascendcl.so"), *ops = open_library("libopapi.so");
    int missing = 0;
#define FIND(library, result, name, parameters)                                                    \
    *(void **)&name = dlsym(library, #name);                                                       \
    if (name == NULL) {                                                                            \
        fprintf(stderr, "%s is not there\n", #name);                                               \
        missing++;                                                                                 \
    }
    FUNCTIONS(FIND)
#undef FIND
    if (missing > 0) exit(2);
}

void must(int status, const char *call, const char *file, int line)
{
    if (status == 0) return;
    const char *message = aclGetRecentErrMsg();
    printf("%s:%d: %s returned %d: %s\n", file, line, call, status,
           message ? message : "no message");
    fflush(stdout);
    // Other threads may be inside the library: no exit handlers.
    _Exit(3);
}

void *make_view(void *address, int type, int rank, const int64_t *shape, const int64_t *strides,
                int64_t offset)
{
    int64_t last = offset;
    for (int i = 0; i < rank; i++) last += (shape[i] - 1) * strides[i];
    int64_t storage = last + 1;
    return aclCreateTensor(shape, (uint64_t)rank, type, strides, offset, FORMAT_ND, &storage, 1,
                           address);
}

void *make_line(void *address, int type, int64_t count)
{
    int64_t stride = 1;
    return make_view(address, type, 1, &count, &stride, 0);
}
