#!/usr/bin/env bash
# Runs end-to-end cases with a daemon under a sanitizer: run-sanitized.sh address|thread [PATTERN…]
#
# The daemon and the policies' bridge run under the address sanitizer with undefined behaviour trapping, or under the
# thread sanitizer. libflexnpu.so traps on undefined behaviour: the programs that load it are not sanitized, so no
# sanitizer's runtime can be in it; Tests/InterposerTests runs it under one. The software device is as delivered.
# The thread sanitizer does not see a lock of Swift's standard library that two threads wait for (the kernel hands it
# over), and reports what such locks guard: its reports are to be read, and tools/test does not run it.
# Closes with `N passed, N failed`; a report of a sanitizer is a failure whatever the case thought of it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
kind=${1:?run-sanitized.sh: address or thread}
shift
scratch=.build/sanitize-$kind
products=$scratch/products
reports=$scratch/reports
rm -rf "$products" "$reports"
mkdir -p "$products" "$reports"

# What is wrong ends the process, as nothing else of these programs does.
traps=(-fsanitize=undefined -fsanitize-trap=undefined)
c=()
[ "$kind" = address ] && for flag in "${traps[@]}"; do c+=(-Xcc "$flag"); done
swift build -c release --sanitize="$kind" --scratch-path "$scratch" --product flexnpu "${c[@]}"
[ -e .build/release/libflexnpu-device.so ] || swift build -c release --product flexnpu-device
Tests/InterposerTests/build-library.sh "$products/libflexnpu-interposer.so" -O2 "${traps[@]}"
cp "$scratch/release/flexnpu" "$products/"
cp -L .build/release/libflexnpu-device.so "$products/"

options="log_path=$PWD/$reports/report:detect_leaks=0:handle_segv=1"
status=0
ASAN_OPTIONS=$options TSAN_OPTIONS=$options SWIFT_BACKTRACE=enable=no FLEXNPU_SANITIZED=$kind \
    "$here/run.sh" "$products" "$@" || status=$?
for report in "$reports"/*; do
    [ -e "$report" ] || continue
    status=1
    echo "a sanitizer reports ($report):"
    head -60 "$report"
done
exit "$status"
