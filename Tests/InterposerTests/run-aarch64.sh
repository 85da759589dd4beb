#!/bin/bash
# Builds libflexnpu.so for aarch64 with Debian's cross compiler and runs its tests under qemu: run-aarch64.sh [CASE…]
# The fake daemon is this machine's own.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
sources=$here/../../Sources
work=$(mktemp -d /tmp/flexnpu-aarch64.XXXXXX)
trap 'rm -rf "$work"' EXIT
compiler=aarch64-linux-gnu-gcc
flags=(-O2 -std=gnu17 -fPIC -D_GNU_SOURCE -Wall -Wextra -Werror -fvisibility=hidden
    "-I$sources/CWire/include")

compile() { "$compiler" "${flags[@]}" -c "$1" -o "$work/$(basename "$1" .c).o"; }
for source in "$sources"/CInterposer/*/*.c; do
    compile "$source"
done
"$compiler" -shared -Wl,-soname,libflexnpu.so -Wl,-z,defs -Wl,-z,nodelete \
    "-Wl,--version-script=$sources/CInterposer/Generated/exports.map" \
    "$work"/*.o -o "$work/libflexnpu.so"
CC=$compiler RUNNER="qemu-aarch64 -L /usr/aarch64-linux-gnu" "$here/run.sh" "$work" "$@"
