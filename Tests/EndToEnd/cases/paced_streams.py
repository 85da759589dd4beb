"""Streams and programs overlap on a device that has the time of a chip."""

from daemons import Daemon
from registry import case
from workbench import expect, plain_program, wait_until

# A product takes some 20 ms of wall time, so that what the machine does meanwhile is little beside it.
CHIP = dict(FLEXNPU_DEVICE_CLOCK="paced", FLEXNPU_DEVICE_SCALE=20, FLEXNPU_DEVICE_COMPUTE="none")
PRODUCTS = 8


def open_window(daemon):
    """As much in flight as the streams hold: one product is longer than the usual window."""
    daemon.command("policy", "set", "window_us=1000000", "window_operations=4096")


def times(done):
    """The numbers of the last line, by the word before each."""
    words = done.out.strip().splitlines()[-1].split()
    return {word: float(number) for word, number in zip(words[::2], words[1::2])}


@case("two streams with half the cores each run beside each other, in the chip's times")
def two_streams(bench):
    program = plain_program(bench, "overlap")
    device = bench.links(bench.build / "libflexnpu-device.so")
    direct = times(bench.run(program, "pair", PRODUCTS, environment=bench.environment(
        LD_LIBRARY_PATH=device, **CHIP)))
    with Daemon(bench, "fifo", environment=CHIP) as daemon:
        open_window(daemon)
        routed = times(daemon.run("route", program, "pair", PRODUCTS))
    for where, seen in (("direct", direct), ("routed", routed)):
        expect(seen["beside"] <= 0.6 * seen["after"], f"{where}, they do not overlap: {seen}")
    for which, seen in routed.items():
        expect(abs(seen / direct[which] - 1) <= 0.02,
               f"{which}: routed {seen} ms, direct {direct[which]} ms")


@case("two programs with half the cores each run beside each other")
def two_programs(bench):
    program, gate = plain_program(bench, "overlap"), bench.folder / "gate"
    with Daemon(bench, "fifo", environment=CHIP) as daemon:
        open_window(daemon)
        both = [daemon.start("route", program, "single", 3 * PRODUCTS, gate) for _ in range(2)]
        wait_until(lambda: all("ready" in one.out for one in both), "both programs are ready")
        gate.touch()
        spans = [times(one.wait(60, expected=0)) for one in both]
    makespan = max(span["to"] for span in spans) - min(span["from"] for span in spans)
    work = sum(span["to"] - span["from"] for span in spans)
    expect(makespan <= 0.6 * work, f"they do not overlap: {spans}")
