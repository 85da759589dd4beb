"""Programs that were not in mind when this was built, and the device library's contract, direct and routed."""

from daemons import Daemon
from registry import case
from workbench import PROGRAMS, POLICIES, conformance_program, unusual_program

MODES = ("direct", "observe", "route")


def in_all_modes(bench, *program, routed=(), policy="fifo", timeout=120):
    with Daemon(bench, policy) as daemon:
        for mode in MODES:
            extra = routed if mode == "route" else ()
            daemon.run(mode, *program, *extra, timeout=timeout)


@case("a Python program through ctypes")
def through_ctypes(bench):
    in_all_modes(bench, bench.torch_python, PROGRAMS / "unusual.py")


@case("a C program")
def in_c(bench):
    in_all_modes(bench, unusual_program(bench), routed=["queued"])


@case("a C program under a policy that chooses at random")
def in_c_at_random(bench):
    with Daemon(bench, POLICIES / "random.lua") as daemon:
        daemon.run("route", unusual_program(bench), "queued", timeout=120)


@case("device conformance")
def conformance(bench):
    in_all_modes(bench, conformance_program(bench), "libascendcl.so")
