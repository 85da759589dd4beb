#!/bin/bash
# Carries three more functions in a copy of the tree, a query, a memory function and an order function with a verb of
# its own, builds the copy and calls them: what README.md ("Where to add") says of the number of files holds.
#   carry_functions.sh [GENERATOR]      GENERATOR: a built tools/generate; else it is built
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$(mktemp -d /tmp/flexnpu-carry.XXXXXX)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
report() { # name status
    if [ "$2" = 0 ]; then echo "ok     $1" && passed=$((passed + 1)); else echo "FAILED $1" && failed=$((failed + 1)); fi
}

generator=${1:-}
if [ -z "$generator" ]; then
    swift build -c release --package-path "$root/tools/generate" --scratch-path "$root/.build/generate" >&2
    generator=$root/.build/generate/release/generate
fi
copy=$work/tree
mkdir -p "$copy/Sources/SoftwareDevice" "$copy/Sources/SoftwareDeviceLibrary"
cp -r "$root/Sources/AscendCL" "$root/Sources/CInterposer" "$root/Sources/CWire" "$copy/Sources/"
cp "$root/Sources/SoftwareDevice/offered.tsv" "$copy/Sources/SoftwareDevice/"
"$generator" --root "$copy" >&2
table=$copy/Sources/AscendCL/Table calls=$copy/Sources/CInterposer/Route

# How many files written by hand one more function takes; `elsewhere` of them are not in the copy.
begin_step() { rm -rf "$work/before" && cp -r "$copy" "$work/before"; }
end_step() { # name limit elsewhere
    local changed
    changed=$(diff -rq "$work/before" "$copy" | grep -c . || true)
    report "$1 takes $((changed + $3)) files, $2 at most" $((changed + $3 > $2 || changed == 0))
}

# ---- A query: its class. ----------------------------------------------------------------------------------------
begin_step
printf 'aclrtDevicePeerAccessStatus\tquery\t-\t-\n' >>"$table/classes.tsv"
end_step "a query" 1 0

# ---- A memory function: its class, its call. --------------------------------------------------------------------
begin_step
printf 'aclrtMallocForTaskScheduler\tmemory\t-\t-\n' >>"$table/classes.tsv"
cat >>"$calls/memory_calls.c" <<'C'

int32_t fx_route_aclrtMallocForTaskScheduler(
    void *devPtr, size_t size, int32_t policy, void *cfg) {
    return routed_malloc(FX_FUNCTION_aclrtMallocForTaskScheduler, devPtr, size, policy, cfg);
}
C
end_step "a memory function" 2 0

# ---- An order function with a verb: its class, the verb, its call (and the daemon's handler). -------------------
begin_step
printf 'aclrtStreamStop\torder\t-\t-\n' >>"$table/classes.tsv"
printf 'STREAM_STOP\t60\ttell\trecord\t-\t-\t-\tThe stream stops.\n' >>"$table/verbs.tsv"
cat >>"$calls/stream_calls.c" <<'C'

int32_t fx_route_aclrtStreamStop(void *stream) {
    struct fx_thread *self;
    struct fx_call call = {.function = FX_FUNCTION_aclrtStreamStop, FX_WORDS((uint64_t)stream)};
    int32_t status = fx_begin(&self, call.function);
    if (status != 0) return status;
    status = fx_stream_resolve(self, call.function, stream, &call.stream);
    if (status == 0) status = fx_send_stream_stop(self, &call);
    return fx_end(self, status);
}
C
end_step "an order function with a verb" 4 1  # the daemon's handler is the fourth

# ---- The copy is generated, built, and does it. -----------------------------------------------------------------
"$generator" --root "$copy" >&2
handler='func streamStop(_ operands: StreamStopOperands'
status=0
grep -q "$handler" "$copy/Sources/Daemon/Generated/Operands.swift" || status=$?
report "the daemon is asked for a handler" $status
flags=(-O1 -std=gnu17 -D_GNU_SOURCE -Wall -Wextra -Werror "-I$copy/Sources/CWire/include")
export copy work
find "$copy/Sources/CInterposer" -name '*.c' -print0 | xargs -0 -P 2 -I{} sh -c \
    'clang -fPIC -fvisibility=hidden "$@" -c {} -o "$work/$(echo {} | tr / -).o"' sh "${flags[@]}"
mkdir "$work/library"
clang -shared -Wl,-soname,libflexnpu.so -Wl,-z,defs -Wl,-z,nodelete \
    "-Wl,--version-script=$copy/Sources/CInterposer/Generated/exports.map" "$work"/*.o \
    -o "$work/library/libflexnpu.so"
clang "${flags[@]}" "$here"/fake_{daemon,rings,verbs,checks}.c -o "$work/fake_daemon"
cat >"$work/carried.c" <<'C'
#include "support.h"
int32_t aclrtDevicePeerAccessStatus(int32_t, int32_t, int32_t *);
int32_t aclrtMallocForTaskScheduler(void **, size_t, int32_t, void *);
int32_t aclrtStreamStop(void *);
int main(void) {
    void *device, *stream;
    int32_t status;
    pid_t daemon = start_daemon(getenv("FLEXNPU_SOCKET"), NULL);
    OK(aclrtSetDevice(1));
    OK(aclrtDevicePeerAccessStatus(0, 1, &status));
    CHECK(status == 1);  // the fake daemon answers the current device
    CHECK(aclrtDevicePeerAccessStatus(0, 1, NULL) == 107000);
    OK(aclrtMallocForTaskScheduler(&device, 4096, 0, NULL));
    OK(aclrtMemset(device, 4096, 1, 4096));
    OK(aclrtCreateStream(&stream));
    OK(aclrtStreamStop(stream));
    CHECK(aclrtStreamStop((void *)0x12) == 107000);
    OK(aclrtSynchronizeStream(stream));
    stop_daemon(daemon);
    return 0;
}
C
clang "${flags[@]}" "-I$here" "$work/carried.c" -o "$work/carried" "-L$work/library" -lflexnpu \
    "-Wl,-rpath,$work/library"
status=0
FAKE_DAEMON=$work/fake_daemon FLEXNPU_SOCKET=$work/socket FLEXNPU_MODE=route timeout 60 "$work/carried" || status=$?
report "programs call all three" $status
echo "$passed passed, $failed failed"
[ $failed = 0 ]
