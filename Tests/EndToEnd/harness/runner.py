"""Finds the cases, runs them one after another, counts."""

import fnmatch
import importlib
import os
import shutil
import sys
import time
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "cases")]

from registry import cases  # noqa: E402
from workbench import Failed, Skipped, Workbench  # noqa: E402


def wanted(case, patterns):
    where = f"{case.file} {case.name}"
    return not patterns or any(
        pattern in where or fnmatch.fnmatch(where, pattern) for pattern in patterns)


def run(case, build):
    """One line for a case that holds, more for one that does not. Returns passed, failed, skipped."""
    begun = time.monotonic()
    outcome, detail = "ok", ""
    with Workbench(build, keep="FLEXNPU_KEEP" in os.environ) as bench:
        try:
            case.body(bench)
        except Skipped as why:
            outcome, detail = "skipped", str(why)
        except Failed as why:
            outcome, detail = "FAILED", str(why)
        except Exception:  # noqa: BLE001  (a case that breaks is one that failed)
            outcome, detail = "FAILED", traceback.format_exc()
        if outcome == "FAILED":
            for one in bench.running:
                if "daemon" in one.out_path.name and one.err:
                    detail += f"\n{one.out_path.stem} said:\n" + "\n".join(one.err.splitlines()[-15:])
        if bench.keep:
            detail += f"\nkept {bench.folder}"
    print(f"{outcome:8}{case.file}: {case.name} ({time.monotonic() - begun:.1f} s)", flush=True)
    for line in detail.strip().splitlines():
        print("        " + line, flush=True)
    return outcome


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: run.sh BUILD_DIR [PATTERN…]")
    build, patterns = sys.argv[1], sys.argv[2:]
    for file in sorted((HERE.parent / "cases").glob("*.py")):
        importlib.import_module(file.stem)
    chosen = [case for case in cases if wanted(case, patterns)]
    outcomes = []
    try:
        outcomes = [run(case, build) for case in chosen]
    finally:
        if Workbench.programs is not None:
            shutil.rmtree(Workbench.programs, ignore_errors=True)
    failed, skipped = outcomes.count("FAILED"), outcomes.count("skipped")
    if skipped:
        print(f"{skipped} skipped")
    print(f"{len(outcomes) - failed - skipped} passed, {failed} failed")
    sys.exit(1 if failed or not outcomes else 0)


if __name__ == "__main__":
    main()
