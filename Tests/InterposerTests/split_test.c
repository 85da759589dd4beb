// Observed on a CANN whose runtime is split, and that has no libascendcl.so: the functions are found in the
// library that the program needs, whatever CANN's documentation has them in. Needs no daemon.
#include <dlfcn.h>
#include <string.h>

#include "support.h"

int main(void) {
    int32_t device = 0;
    OK(aclrtGetDevice(&device));
    CHECK(device == 3);
    void *runtime = dlopen("libacl_rt.so", RTLD_NOW | RTLD_LOCAL);
    CHECK(runtime != NULL && dlsym(runtime, "aclVendorOnly") != NULL);
    CHECK(dlsym(runtime, "aclrtGetDevice") == (void *)aclrtGetDevice);
    // What this vendor lacks is refused, with a message of ours, once.
    void *notify = (void *)5;
    int32_t (*create)(void **, uint64_t) =
        (int32_t(*)(void **, uint64_t))dlsym(RTLD_DEFAULT, "aclrtCreateNotify");
    CHECK(create(&notify, 0) == 207000 && notify == (void *)5);
    const char *message = aclGetRecentErrMsg();
    CHECK(message != NULL && strstr(message, "aclrtCreateNotify") != NULL);
    CHECK(aclGetRecentErrMsg() == NULL);
    // Nothing was loaded that the program did not ask for.
    CHECK(dlopen("libopapi.so", RTLD_NOW | RTLD_NOLOAD) == NULL);
    return 0;
}
