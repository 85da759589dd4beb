// Route mode: what a call that fails or is refused leaves behind, and what is counted of it.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>

#include "flexnpu_functions.h"
#include "flexnpu_wire.h"
#include "route_cases.h"

int32_t aclrtCreateNotify(void **, uint64_t);
void *aclmdlCreateDesc(void);
int32_t aclnnNonzero(void *, uint64_t, void *, void *);
int32_t aclrtPeekAtLastError(int32_t);
int32_t aclrtGetLastError(int32_t);

static char dump_path[128];

/// Lines of the daemon's dump of a function with that result, once they are as many as expected.
static int told(unsigned function, int result, int expected) {
    char line[8192], name[64], answer[64];
    snprintf(name, sizeof(name), "function=%u ", function);
    snprintf(answer, sizeof(answer), "result=%d ", result);
    int count = 0;
    for (int turn = 0; turn < 2000; turn++) {
        count = 0;
        FILE *file = fopen(dump_path, "r");
        CHECK(file != NULL);
        while (fgets(line, sizeof(line), file))
            if (strstr(line, name) && strstr(line, answer)) count++;
        fclose(file);
        if (count >= expected) break;
        usleep(1000);
    }
    return count;
}

static struct fx_tally *make_tally(void) {
    int file = memfd_create("tally", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    CHECK(file >= 0 && ftruncate(file, sizeof(struct fx_tally)) == 0);
    OK(fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW));
    struct fx_tally *tally =
        mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    CHECK(tally != MAP_FAILED);
    tally->magic = FX_MAGIC;
    tally->table_hash = FX_TABLE_HASH;
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)getpid(), file);
    setenv("FLEXNPU_TALLY", path, 1);
    return tally;
}

static void failures_of_arguments(void) {
    OK(aclrtSetDevice(0));
    CHECK(aclrtGetLastError(0) == 161002 && aclrtGetLastError(0) == 0);
    CHECK(aclrtFree((void *)64) == 107000);
    CHECK(aclrtSynchronizeStream((void *)64) == 107000);
    CHECK(aclrtGetDevice(NULL) == 107000);
    CHECK(strstr(aclGetRecentErrMsg(), "aclrtGetDevice") != NULL);
    CHECK(aclGetRecentErrMsg() == NULL);
    CHECK(told(FX_FUNCTION_aclrtFree, 107000, 1) == 1);
    CHECK(told(FX_FUNCTION_aclrtSynchronizeStream, 107000, 1) == 1);
    CHECK(told(FX_FUNCTION_aclrtGetDevice, 107000, 1) == 1);
    OK(aclrtSynchronizeStream(NULL));
    CHECK(aclrtPeekAtLastError(0) == 107000 && aclrtGetLastError(0) == 107000);
    CHECK(aclrtPeekAtLastError(0) == 0);
    CHECK(aclrtGetLastError(3) == 107000);
}

static void refusals(const struct fx_tally *tally) {
    void *notify = (void *)5;
    for (int i = 0; i < 3; i++) CHECK(aclrtCreateNotify(&notify, 0) == 207000);
    CHECK(notify == (void *)5 && aclmdlCreateDesc() == NULL);
    CHECK(strstr(aclGetRecentErrMsg(), "aclmdlCreateDesc") != NULL);
    CHECK(aclnnNonzero(NULL, 0, NULL, NULL) == 161002 && aclrtGetLastError(0) == 161002);
    CHECK(tally->refused[FX_FUNCTION_aclrtCreateNotify] == 3);
    CHECK(tally->refused[FX_FUNCTION_aclmdlCreateDesc] == 1);
    CHECK(tally->refused[FX_FUNCTION_aclnnNonzero] == 1);
    CHECK(told(FX_FUNCTION_aclrtCreateNotify, 207000, 3) == 3);
    // A forked child is refused as well, and counted; it needs no session for that.
    pid_t child = fork();
    if (child == 0)
        _exit(aclrtCreateNotify(&notify, 0) != 207000 ||
              strstr(aclGetRecentErrMsg(), "notifies") == NULL);
    int status;
    waitpid(child, &status, 0);
    CHECK(status == 0 && tally->refused[FX_FUNCTION_aclrtCreateNotify] == 4);
}

static void look_ups(const struct fx_tally *tally) {
    CHECK(dlsym(RTLD_DEFAULT, "aclrtMalloc") == (void *)aclrtMalloc);
    CHECK(dlsym(RTLD_NEXT, "aclrtMalloc") == (void *)aclrtMalloc);
    CHECK(dlsym(RTLD_NEXT, "malloc") != NULL && dlerror() == NULL);
    CHECK(dlsym(RTLD_DEFAULT, "aclNobodyHasThis") == NULL && dlerror() != NULL);
    CHECK(tally->sought[FX_FUNCTION_aclrtMalloc] == 2);
}

void failures(void) {
    snprintf(dump_path, sizeof(dump_path), "%s.dump", socket_path);
    restart_daemon("--dump", dump_path);
    const struct fx_tally *tally = make_tally();
    // Before there is a session a refusal begins one, so that it is told.
    CHECK(aclnnNonzero(NULL, 0, NULL, NULL) == 161002);
    CHECK(told(FX_FUNCTION_aclnnNonzero, 161002, 1) == 1);
    CHECK(tally->refused[FX_FUNCTION_aclnnNonzero] == 1);
    memset((void *)tally->refused, 0, sizeof(tally->refused));
    failures_of_arguments();
    refusals(tally);
    look_ups(tally);
    unlink(dump_path);
}

/// Counters that could be cut off, or are another table's, are left alone.
void wild_tally(void) {
    char path[80];
    snprintf(path, sizeof(path), "%s.tally", socket_path);
    int file = open(path, O_CREAT | O_RDWR, 0600);
    CHECK(file >= 0 && ftruncate(file, sizeof(struct fx_tally)) == 0);
    setenv("FLEXNPU_TALLY", path, 1);
    CHECK(aclnnNonzero(NULL, 0, NULL, NULL) == 161002);
    OK(ftruncate(file, 0));
    CHECK(aclnnNonzero(NULL, 0, NULL, NULL) == 161002);
    CHECK(strstr(aclGetRecentErrMsg(), "aclnnNonzero") != NULL);
    unlink(path);
}
