"""Where the phase of work comes from: a label of the run, marks in the program, the shapes of operations."""

import signal

from daemons import Daemon
from registry import case
from workbench import PROGRAMS, SCENARIOS, expect, loop_program, wait_until


def operations(daemon):
    """Operations by phase, of the one client there is."""
    clients = daemon.clients()
    return {one["phase"]: one["operations"] for one in clients[0]["phases"]} if clients else {}


def while_it_runs(daemon, program, said):
    wait_until(lambda: said in program.out or program.is_over(), f"the program says {said}", 60)
    expect(not program.is_over(), f"it ended early: {program.result()}")
    found = operations(daemon)
    program.kill(signal.SIGKILL)
    program.end()
    wait_until(lambda: not daemon.clients(), "the daemon has let go of the program")
    return found


@case("a label of the run")
def labelled(bench):
    with Daemon(bench, "decode-first") as daemon:
        program = daemon.start("route", loop_program(bench), "forever", labels=["phase=prefill"])
        found = while_it_runs(daemon, program, "running")
        expect(set(found) == {"prefill"} and found["prefill"] >= 60, f"phases {found}")
        refused = daemon.run("route", loop_program(bench), "1", labels=["no key and value"],
                             expected=None)
        expect(refused.code != 0 and "key=value" in refused.err, str(refused))


@case("an mstx range")
def marked(bench):
    with Daemon(bench, "decode-first") as daemon:
        for mark, expected in (("flexnpu:phase=decode", {"decode": 300, "other": 100}),
                               ("flexnpu:phase=nonsense", {"other": 400}),
                               ("any text", {"other": 400})):
            program = daemon.start("route", "python3", PROGRAMS / "marks.py", mark)
            found = while_it_runs(daemon, program, "done")
            expect(found == expected, f"{mark}: {found}")


@case("the shapes of a generating program")
def by_shapes(bench):
    with Daemon(bench, "decode-first") as daemon:
        program = daemon.start("route", bench.torch_python, SCENARIOS / "generate.py",
                               "--seconds", "60", "--width", "64")
        wait_until(lambda: operations(daemon).get("decode", 0) > 200, "decoding is recognised", 60)
        found = operations(daemon)
        program.end()
        expect(found.get("prefill", 0) > 0, f"prefill is not recognised: {found}")
        expect(found["decode"] > found.get("other", 0), f"most of it is decoding: {found}")
