"""Programs that speak to the daemon by hand and keep to nothing: they harm nobody."""

import random

from daemons import Daemon
from registry import case
from workbench import PROGRAMS, expect, loop_program, wait_until


def stranger_program(bench):
    return bench.program("stranger", PROGRAMS / "stranger.c")


def let_strangers_write(bench, daemon, seed):
    """One that routes and one that observes, while an honest program works."""
    other = daemon.start("route", loop_program(bench), "forever")
    wait_until(lambda: "running" in other.out, "the honest program works", 30)
    for mode in (2, 1):
        done = bench.run(stranger_program(bench), daemon.socket, mode, seed, environment=daemon.environment,
                         timeout=120, expected=None)
        expect(done.code == 0, f"seed {seed}: {done}")
    expect(not other.is_over(), f"seed {seed}: the honest program ended: {other.result()}")
    daemon.run("route", loop_program(bench), "100", timeout=20)
    wait_until(lambda: len(daemon.clients()) == 1, "the strangers' sessions end")
    other.end()
    wait_until(lambda: not daemon.clients(), "its session ends")


@case("a ring written by hand: each verb with any operands, and then the ring broken, recorded or not")
def rings_by_hand(bench):
    seed = random.getrandbits(32)
    with Daemon(bench, "fifo") as daemon:
        before = daemon.status()["residentBytes"]
        let_strangers_write(bench, daemon, seed)
        daemon.command("trace", "record", bench.folder / "trace", "--background")
        let_strangers_write(bench, daemon, seed + 1)
        daemon.command("trace", "record", "--stop")
        after = daemon.status()["residentBytes"]
        expect(after - before < 256 << 20, f"seed {seed}: the daemon has {(after - before) >> 20} MiB more")
    stats = bench.command("trace", "stats", bench.folder / "trace")
    expect("calls" in stats.out, f"seed {seed}: {stats}")
