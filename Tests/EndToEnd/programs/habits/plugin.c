// Links nothing; its plugin does, and is opened the way that languages open their extensions.
// libraries:
// plugin: ascendcl opapi
#include <dlfcn.h>
#include <stdio.h>

#ifdef PLUGIN
#include "habits.h"

int aclrtCreateNotify(void **, uint64_t);

int run(void) {
    void *notify;
    SHOW(aclInit(NULL));
    SHOW(aclrtSetDevice(0));
    SHOW(works(4));
    SHOW_FAILURE(aclrtCreateNotify(&notify, 0));
    SHOW(aclFinalize());
    return 0;
}
#else
int main(int count, char **arguments) {
    void *plugin = dlopen(arguments[count - 1], RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
    if (plugin == NULL) return puts(dlerror()), 1;
    int (*run)(void) = (int (*)(void))dlsym(plugin, "run");
    return run();
}
#endif
