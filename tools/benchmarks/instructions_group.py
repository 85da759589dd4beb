"""Instructions an operation, by callgrind: the same on every machine, so they are compared with committed ones.

A program is counted for two numbers of calls; the difference is what the calls took. The daemon is counted between
two dumps while programs of two lengths run.
"""

import json
import re
import shutil
import subprocess
import time

from workplace import BENCHMARKS, BUILD, POLICIES, ROOT, Daemon

BASELINE = BENCHMARKS / "instructions.json"
GROWTH = 0.05
# Passes of the loop that find nothing are in these: how many depends on when the program gets a core.
NOT_CHECKED = ("routed_add_daemon",)
PRODUCTS = ("flexnpu", "libflexnpu-interposer.so", "libflexnpu-device.so")


def measure(place, figures, profile=False):
    if shutil.which("valgrind") is None:
        raise SystemExit("bench: instructions want valgrind: apt-get install valgrind")
    committed = json.loads(BASELINE.read_text()) if BASELINE.exists() else {}
    for key, value in counted(place, profile):
        name = f"instructions.{key}"
        if value is None:
            figures.leave_out(name, "the policy benchmark is not built (tools/bench policy), or cannot count lives")
        elif key in NOT_CHECKED or key not in committed:
            figures.inform(name, [value], "")
        else:
            growth = value / committed[key] - 1
            figures.report(name, [value], "", round(committed[key] * (1 + GROWTH)), beside=f"{growth:+.1%}"
                           + (": lower, run --update" if growth < -GROWTH else ""))


def counted(place, profile):
    # Valgrind cannot read all debugging information of Swift; symbols are enough.
    bare = place.folder / "bare"
    bare.mkdir()
    for name in PRODUCTS:
        place.output("objcopy", "-g", BUILD / name, bare / name)
    yield from observed(place, bare)
    yield from routed_program(place, bare)
    yield from daemon(place, bare, profile)
    yield from decisions(place)


def update(figures):
    """Writes what was found as the committed figures."""
    known = json.loads(BASELINE.read_text()) if BASELINE.exists() else {}
    known.update({key.split(".", 1)[1]: figure["value"] for key, figure in figures.found.items()
                  if key.startswith("instructions.")})
    BASELINE.write_text(json.dumps(known, indent=2, sort_keys=True) + "\n")


def callgrind(place, *command, prefix=(), **environment):
    """Instructions of a program from its start to its end."""
    out = place.folder / "callgrind.out"
    done = subprocess.run([str(part) for part in (*prefix, "valgrind", "--tool=callgrind",
                                                  f"--callgrind-out-file={out}", *command)],
                          capture_output=True, text=True, timeout=120,
                          env={**place.environment, **{k: str(v) for k, v in environment.items()}})
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or found is None:
        raise SystemExit(f"bench: callgrind of {command[0]}: {done.stderr[-600:]}")
    return int(found[1])


def per_call(run, few, many):
    less = run(few)
    return (run(many) - less) / (many - few)


def observed(place, bare):
    """What FlexNPU adds to a call on a device library that does nothing."""
    driver, null = place.driver("interposer_driver"), place.null_device()

    def added(call, **environment):
        def run(count, **more):
            return callgrind(place, driver, "times", call, count, LD_LIBRARY_PATH=null, **more)
        return round(per_call(lambda count: run(count, **environment), 500, 2500) - per_call(run, 500, 2500), 1)

    with Daemon(place) as daemon:
        listening = {"LD_PRELOAD": bare / PRODUCTS[1], "FLEXNPU_MODE": "observe", "FLEXNPU_SOCKET": daemon.socket}
        silent = {**listening, "FLEXNPU_SOCKET": place.folder / "nobody.sock"}
        yield "forward", added("getdevice", **silent)
        yield "idle_copy", added("copy", **listening)
        yield "idle_aclnn_add", added("add", **listening)
        daemon.do("trace", "record", place.folder / "events", "--background")
        yield "event_copy", added("copy", **listening)
        yield "event_aclnn_add", added("add", **listening)
        daemon.do("trace", "record", "--stop", "--raw")


def routed_program(place, bare):
    """A routed operation on the program's side."""
    with Daemon(place, build=bare) as daemon:
        for key, driver, mode in (("routed_set_program", place.driver("route_driver"), "sustained"),
                                  ("routed_add_program", place.operations(), "lists-same")):
            way = (bare / "flexnpu", "run", "--route", "--socket", daemon.socket, "--")
            yield key, round(per_call(
                lambda count: callgrind(place, driver, mode, count, prefix=way), 1000, 5000), 1)


def daemon(place, bare, profile):
    """A routed operation on the daemon's side: all of its threads, the operation itself as well."""
    out = place.folder / "daemon.out"
    under = ("valgrind", "--tool=callgrind", f"--callgrind-out-file={out}")
    with Daemon(place, build=bare, under=under) as daemon:
        def run(count):
            place.output(bare / "flexnpu", "run", "--route", "--socket", daemon.socket, "--", driver, mode, count)
            return dumped(place, daemon, out)
        for key, driver, mode in (("routed_set_daemon", place.driver("route_driver"), "sustained"),
                                  ("routed_add_daemon", place.operations(), "lists-same")):
            run(200)
            yield key, round(per_call(run, 2000, 10000), 1)
            if profile:
                print_top(place, newest(out), 10000)


def dumped(place, daemon, out):
    """Instructions since the last dump."""
    before = newest(out)
    place.output("callgrind_control", "-d", daemon.process.pid)
    until = time.monotonic() + 20
    while newest(out) == before or "totals:" not in newest(out).read_text()[-400:]:
        if time.monotonic() > until:
            raise SystemExit("bench: callgrind does not dump the daemon")
        time.sleep(0.05)
    return int(re.search(r"totals: (\d+)", newest(out).read_text())[1])


def newest(out):
    """The dump with the highest number, or None."""
    dumps = [(int(file.suffix[1:]), file) for file in out.parent.glob(out.name + ".*")]
    return max(dumps)[1] if dumps else None


def print_top(place, dump, operations):
    """The functions that took most, in instructions an operation."""
    lines = place.output("callgrind_annotate", "--threshold=100", dump).splitlines()
    rows = [re.match(r"\s*([\d,]+) \([^)]*\)\s+\S*?:(.+?)(?: \[(.*)\])?$", line) for line in lines]
    taken = [(int(row[1].replace(",", "")), row[2], (row[3] or "").split("/")[-1]) for row in rows if row]
    # Functions that have not returned, as a thread's first, are shown with all that they called.
    whole = taken[0][0] if taken else 0
    for instructions, name, file in [one for one in taken if one[0] < whole / 2][:30]:
        print(f"      {instructions / operations:8.0f}  {name[:100]}  {file.rstrip(']')}", flush=True)


def decisions(place):
    """Ready, dispatch and done of one operation in a policy."""
    program = ROOT / ".build" / "policy-benchmark" / "release" / "PolicyBenchmark"
    bare = place.folder / "bare" / program.name
    if program.exists():
        place.output("objcopy", "-g", program, bare)
    for key, policy, clients in (("fifo_lua", "fifo", 8), ("fair64_lua", "fair", 64)):
        def lives(count):
            return callgrind(place, bare, "lives", POLICIES / f"{policy}.lua", clients, count)
        try:
            yield key, round(per_call(lives, 1000, 5000), 1) if program.exists() else None
        except SystemExit:
            yield key, None
