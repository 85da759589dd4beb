#!/usr/bin/env bash
# Builds libflexnpu.so with flags of one's own, as for sanitizers: build-library.sh FILE FLAG…
# CC: another compiler.
set -euo pipefail
file=${1:?build-library.sh: the file to build}
shift
sources=$(cd "$(dirname "$0")/../../Sources" && pwd)
mapfile -t code < <(find "$sources/CInterposer" -name '*.c')
"${CC:-clang}" -shared -fPIC -g -std=gnu17 -D_GNU_SOURCE -Wall -Wextra -Werror -fvisibility=hidden "$@" \
    "-I$sources/CInterposer/include" "-I$sources/CWire/include" "${code[@]}" "$sources/CWire/wire.c" \
    -Wl,-soname,libflexnpu.so -Wl,-z,nodelete \
    "-Wl,--version-script=$sources/CInterposer/Generated/exports.map" -lpthread -ldl -o "$file"
