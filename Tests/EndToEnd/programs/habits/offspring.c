// Forks and execs: itself, and a shell that starts it again, while it uses the device.
// libraries: ascendcl
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "habits.h"

static int child(const char *self) {
    fflush(stdout);
    pid_t process = fork();
    if (process == 0) {
        execl(self, self, "child", (char *)NULL);
        _exit(99);
    }
    int status = -1;
    waitpid(process, &status, 0);
    return status;
}

int main(int count, char **arguments) {
    SHOW(aclInit(NULL));
    SHOW(aclrtSetDevice(0));
    SHOW(works(count));
    if (count > 1) return 0;
    SHOW(child(arguments[0]));
    char command[4096];
    snprintf(command, sizeof command, "'%s' child", arguments[0]);
    fflush(stdout);
    SHOW(system(command));
    SHOW(works(3));
    SHOW(aclFinalize());
    return 0;
}
