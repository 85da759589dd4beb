// Links nothing; opens the libraries for itself alone, closes them, opens them again.
// libraries:
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>

static void *find(void *library, const char *name) {
    void *function = dlsym(library, name);
    printf("%s: %s\n", name, function != NULL ? "there" : "not there");
    return function;
}

int main(void) {
    for (int turn = 0; turn < 2; turn++) {
        void *runtime = dlopen("libacl_rt.so", RTLD_NOW | RTLD_LOCAL);
        void *operations = dlopen("libopapi_math.so", RTLD_LAZY | RTLD_LOCAL);
        printf("opened: %d %d\n", runtime != NULL, operations != NULL);
        if (runtime == NULL || operations == NULL) return 1;
        int (*start)(const char *) = (int (*)(const char *))find(runtime, "aclInit");
        int (*stop)(void) = (int (*)(void))find(runtime, "aclFinalize");
        find(operations, "aclnnAdd");
        find(operations, "aclnnAddGetWorkspaceSize");
        // What the device lacks is not found: programs choose their path by that.
        find(operations, "aclnnNonzero");
        dlerror();
        dlsym(runtime, "aclrtNobodyHasThis");
        printf("an error is told: %d\n", dlerror() != NULL);
        printf("start %d\n", start(NULL));
        printf("stop %d\n", stop());
        printf("closed: %d\n", dlclose(operations));
        printf("closed: %d\n", dlclose(runtime));
    }
    return 0;
}
