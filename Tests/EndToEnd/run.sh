#!/usr/bin/env bash
# Runs the end-to-end cases against the products in BUILD_DIR: run.sh BUILD_DIR [PATTERN…]
# A PATTERN is part of a case's name or of its file's. Closes with `N passed, N failed`.
#   FLEXNPU_SEED   the seed of the random programs; default: another one each time, printed
#   FLEXNPU_SLOW   1: a million random operations instead of ten thousand
#   FLEXNPU_EXECUTOR threaded: daemons drive every device by a thread, as they drive hardware; default: the software
#                  device's short operations run on the loop's own
#   FLEXNPU_PYTHON the Python that has torch and torch_npu; default: .build/venv/bin/python
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
exec python3 -B "$here/harness/runner.py" "$@"
