#!/usr/bin/env bash
# Runs the conformance programs on the software device, directly and routed, on both clocks, and PyTorch's operations
# against its CPU.
#
#   Tests/DeviceConformance/run.sh BUILD_DIR
#
# Closes with `N passed, N failed`.
set -uo pipefail
cd "$(dirname "$0")"
build=$(cd ../.. && cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XDG_RUNTIME_DIR="$work/run" XDG_CACHE_HOME="$work/cache"
mkdir -m 700 "$XDG_RUNTIME_DIR"
passed=0 failed=0

# counted NAME COMMAND…: a program that prints `N passed, N failed`.
counted() {
    local name=$1 line status=0
    shift
    timeout 300 "$@" >"$work/log" 2>&1 || status=$?
    line=$(grep -Eo '[0-9]+ passed, [0-9]+ failed' "$work/log" | tail -1)
    if [ -z "$line" ] || { [ "$status" -ne 0 ] && [[ $line == *" 0 failed" ]]; }; then
        failed=$((failed + 1)) line="exit code $status without a count"
    else
        local f=${line##*, }
        passed=$((passed + ${line%% *})) failed=$((failed + ${f%% *}))
    fi
    echo "$name: $line"
    [[ $line == *" 0 failed" ]] || tail -20 "$work/log"
}

# plain NAME COMMAND…: a program that tells by its exit code.
plain() {
    local name=$1 status=0
    shift
    timeout 60 "$@" >"$work/log" 2>&1 || status=$?
    if [ "$status" -eq 0 ]; then passed=$((passed + 1)); else
        failed=$((failed + 1))
        echo "$name: exit code $status"
        tail -20 "$work/log"
    fi
}

cc -O1 -Wall -Werror -o "$work/conformance" ./*.c -lpthread -ldl -lm || exit 1
cc -O1 -Wall -Werror -o "$work/lifetime" lifetime/lifetime.c vectors.c -lpthread -ldl -lm || exit 1
for mode in direct route; do
    counted "conformance, $mode" "$build/flexnpu" run --$mode -- "$work/conformance" libascendcl.so
done
# The same by the time of a chip, stretched so that the arithmetic keeps up.
for mode in direct route; do
    counted "conformance, $mode, paced" env FLEXNPU_DEVICE_CLOCK=paced FLEXNPU_DEVICE_SCALE=10 \
        "$build/flexnpu" run --$mode -- "$work/conformance" libascendcl.so
done
for what in exit late fork fresh close; do
    plain "lifetime $what, direct, paced" env FLEXNPU_DEVICE_CLOCK=paced \
        "$build/flexnpu" run --direct -- "$work/lifetime" libascendcl.so $what
done
for what in exit late fork fresh close; do
    plain "lifetime $what, direct" "$build/flexnpu" run --direct -- "$work/lifetime" libascendcl.so $what
done
python=../../.build/venv/bin/python
if [ -x "$python" ]; then
    counted "operations, direct" "$build/flexnpu" run --direct -- "$python" operations.py
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
