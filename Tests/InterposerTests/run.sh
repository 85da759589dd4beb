#!/bin/bash
# Builds and runs the C tests of libflexnpu.so: run.sh DIRECTORY-OF-THE-LIBRARY [CASE…]
# CC, CFLAGS: another compiler or sanitizers. RUNNER: what runs the programs (qemu-aarch64 -L …).
# KEEP=1 leaves the work folder.
set -u
here=$(cd "$(dirname "$0")" && pwd)
built=$(cd "$1" && pwd) || exit 2
shift
sources=$here/../../Sources
work=$(mktemp -d /tmp/flexnpu-interposer-tests.XXXXXX)
[ -n "${KEEP:-}" ] || trap 'rm -rf "$work"' EXIT
# The package builds it under its product's name; programs know it by its SONAME.
library=$work/library
mkdir "$library"
for name in libflexnpu.so libflexnpu-interposer.so; do
    [ -e "$built/$name" ] && ln -s "$built/$name" "$library/libflexnpu.so" && break
done
[ -e "$library/libflexnpu.so" ] || { echo "run.sh: there is no libflexnpu.so in $built" >&2; exit 2; }
cc=${CC:-clang}
common=(-O1 -g -std=gnu17 -D_GNU_SOURCE -Wall -Wextra -Werror "-I$sources/CWire/include")
read -ra extra <<<"${CFLAGS:-}"
read -ra runner <<<"${RUNNER:-}"

# The daemon is this machine's, and never sanitised: what is tested is on the other side of the socket.
"${HOST_CC:-clang}" "${common[@]}" "$here"/fake_{daemon,rings,verbs,checks}.c -o "$work/fake_daemon" || exit 1
"$cc" "${common[@]}" "${extra[@]}" "$here/route_test.c" "$here"/*_cases.c -o "$work/route_test" \
    "-L$library" -lflexnpu "-Wl,-rpath,$library" -lpthread || exit 1
mkdir -p "$work/vendor"
"$cc" "${common[@]}" -shared -fPIC -Wl,-soname,libascendcl.so "$here/fake_vendor.c" \
    -o "$work/vendor/libascendcl.so" || exit 1
"$cc" "${common[@]}" -shared -fPIC -Wl,-soname,libopapi.so -DOPERATIONS "$here/fake_vendor.c" \
    -o "$work/vendor/libopapi.so" || exit 1
"$cc" "${common[@]}" "$here/observe_test.c" -o "$work/observe_test" "-L$work/vendor" -lascendcl \
    -lpthread -ldl || exit 1
mkdir -p "$work/split"
"$cc" "${common[@]}" -shared -fPIC -Wl,-soname,libacl_rt.so "$here/fake_vendor.c" \
    -o "$work/split/libacl_rt.so" || exit 1
"$cc" "${common[@]}" "$here/split_test.c" -o "$work/split_test" "-L$work/split" -lacl_rt -ldl || exit 1

export FAKE_DAEMON=$work/fake_daemon RUNNER=${RUNNER:-}
passed=0 failed=0
report() { # name status
    if [ "$2" = 0 ]; then
        echo "ok     $1"
        passed=$((passed + 1))
    else
        echo "FAILED $1 ($2)"
        failed=$((failed + 1))
    fi
}
finish() {
    echo "$passed passed, $failed failed"
    [ $failed = 0 ] && [ $passed != 0 ]
    exit
}
wanted() { [ ${#cases[@]} = 0 ] || [[ " ${cases[*]} " == *" $1 "* ]]; }
cases=("$@")

for name in $("${runner[@]}" "$work/route_test"); do
    wanted "$name" || continue
    timeout 200 "${runner[@]}" "$work/route_test" "$name" 2>"$work/log"
    status=$?
    [ $status = 0 ] || cat "$work/log"
    report "route $name" $status
done
# A sanitised library cannot be preloaded into a program that is not.
[[ "${CFLAGS:-}" == *-fsanitize* ]] && finish
for name in $(LD_LIBRARY_PATH=$work/vendor "${runner[@]}" "$work/observe_test"); do
    wanted "$name" || continue
    WORK=$work LIBRARY=$library LD_LIBRARY_PATH=$work/vendor timeout 200 \
        "${runner[@]}" "$work/observe_test" "$name" 2>"$work/log"
    status=$?
    [ $status = 0 ] || cat "$work/log"
    report "observe $name" $status
done
if wanted split; then
    FLEXNPU_MODE=observe LD_PRELOAD=$library/libflexnpu.so LD_LIBRARY_PATH=$work/split timeout 200 \
        "${runner[@]}" "$work/split_test" 2>"$work/log"
    status=$?
    [ $status = 0 ] || cat "$work/log"
    report "observe split" $status
fi
finish
