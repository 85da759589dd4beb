"""What takes long in one program, or on one device, keeps no other waiting; and nothing grows for ever."""

import os
import signal
import time

from daemons import Daemon
from registry import case
from workbench import Failed, Skipped, expect, plain_program, wait_until

# A wait of this length is a wait for the other program; a busy machine makes shorter ones.
GAP_MS = 100
# The machine may be busy with something else for that long: what blocks does so each time.
ATTEMPTS = 3


class Probe:
    """A program that does short things again and again, until it is told to stop."""

    def __init__(self, bench, environment, device, kind):
        self.name = f"{kind} on device {device}"
        self.stop_file = bench.folder / f"stop-{len(bench.running)}"
        self.running = bench.start(
            plain_program(bench, "probe"), device, kind, self.stop_file, environment=environment)

    def wait_until_running(self):
        wait_until(lambda: "running" in self.running.out, f"{self.name} goes on")

    def longest_gap_ms(self):
        self.stop_file.touch()
        words = self.running.wait(30, expected=0).out.split()
        return float(words[words.index("gap") + 1])


def gaps_beside(bench, daemon, probes, heavy, least_ms):
    """Runs `heavy` beside probes; milliseconds that each of them waited at the longest."""
    # A slow device library exports two functions itself, so programs are not fitted to it.
    environment = bench.routed_by_hand(daemon.socket)
    running = [Probe(bench, environment, device, kind) for device, kind in probes]
    for probe in running:
        probe.wait_until_running()
    done = bench.run(plain_program(bench, "heavy"), *heavy, environment=environment)
    took = float(done.out.split()[1])
    expect(took >= least_ms, f"it took {took} ms only: {done}")
    return {probe.name: probe.longest_gap_ms() for probe in running}


def expect_no_gap(bench, probes, heavy, least_ms, *options, **environment):
    """None of the probes may wait for `heavy`. Each attempt has a daemon of its own."""
    seen = []
    for attempt in range(ATTEMPTS):
        with Daemon(bench, "fifo", *options, socket=bench.folder / f"daemon-{attempt}.sock",
                    environment=environment, name=f"daemon-{attempt}") as daemon:
            seen.append(gaps_beside(bench, daemon, probes, heavy, least_ms))
        if max(seen[-1].values()) <= GAP_MS:
            return
    raise Failed(f"milliseconds that others waited for {heavy}: {seen}")


@case("a large product stops neither questions nor another device")
def large_product(bench):
    expect_no_gap(bench, ((0, "ask"), (1, "work")), ("product", 4096), 300)


@case("a first compile of three seconds keeps its own program waiting only")
def slow_compile(bench):
    expect_no_gap(bench, ((0, "work"), (0, "ask")), ("compile",), 3000,
                  "--device-library", bench.slow_device(), FLEXNPU_DEVICE_INLINE=0)


@case("memory that takes three seconds keeps its own program waiting only")
def slow_memory(bench):
    expect_no_gap(bench, ((0, "work"), (1, "ask")), ("malloc", 12345344), 3000,
                  "--device-library", bench.slow_device(), FLEXNPU_DEVICE_INLINE=0)


@case("SIGTERM while a product takes half a minute: status answers, and the daemon ends within two seconds")
def stopped_under_load(bench):
    for inline in ("1", "0"):
        with Daemon(bench, "fifo", socket=bench.folder / f"daemon-{inline}.sock", name=f"daemon-{inline}",
                    environment={"FLEXNPU_DEVICE_INLINE": inline}) as daemon:
            heavy = daemon.start("route", plain_program(bench, "heavy"), "product", 12288)
            wait_until(lambda: heavy.is_over() or daemon.status()["devices"][0]["inFlight"] > 0, "the product runs", 60)
            expect(not heavy.is_over(), str(heavy.result()))
            begun = time.monotonic()
            daemon.process.kill(signal.SIGTERM)
            daemon.process.wait(20, expected=0)
            took = time.monotonic() - begun
            expect(took < 2, f"inline {inline}: it took {took:.1f} s")
            done = heavy.wait(10)
            expect(done.code != 0, f"the program is told that its work is lost: {done}")


@case("70,000 argument lists, each another one, make nothing grow")
def new_lists(bench):
    if os.environ.get("FLEXNPU_SANITIZED"):
        raise Skipped("a sanitizer keeps what was freed")
    program = plain_program(bench, "new_lists")
    with Daemon(bench, "fifo") as daemon:
        daemon.run("route", program, 2000)
        before = daemon.status()["residentBytes"]
        daemon.run("route", program, 70_000)
        after = daemon.status()["residentBytes"]
    expect(after - before <= 32 << 20, f"{(after - before) >> 20} MiB more than before")
