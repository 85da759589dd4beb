"""Random programs leave the memory that a sequential model of them leaves, whatever decides their order."""

import os
import random

from daemons import Daemon
from registry import case
from workbench import POLICIES, ROOT, expect, random_program

SEED = int(os.environ.get("FLEXNPU_SEED") or random.SystemRandom().randrange(1, 1 << 32))
SLOW = os.environ.get("FLEXNPU_SLOW") == "1"
COUNT = 1_000_000 if SLOW else 10_000
TIMEOUT = 1200 if SLOW else 60


def fingerprint(line):
    words = line.split()
    return words[words.index("hash") + 1]


def direct(bench, seed, count=COUNT, threads=3):
    device = bench.links(bench.build / "libflexnpu-device.so")
    done = bench.run(random_program(bench), seed, count, threads,
                     environment=bench.environment(LD_LIBRARY_PATH=device), timeout=TIMEOUT)
    return fingerprint(done.out)


def routed_equals_direct(bench, policy, **environment):
    print(f"        seed {SEED} (FLEXNPU_SEED={SEED} repeats it)", flush=True)
    with Daemon(bench, policy, environment=environment) as daemon:
        for threads, seed in ((1, SEED), (3, SEED + 1)):
            done = daemon.run("route", random_program(bench), seed, COUNT, threads, 2, "queued",
                              timeout=TIMEOUT)
            expect(fingerprint(done.out) == direct(bench, seed, threads=threads),
                   f"direct and routed differ: {done}")
        breaches = daemon.live_policy()["breaches"]
        expect(breaches == 0, f"{breaches} breaches")


@case("routed under fifo as direct")
def under_fifo(bench):
    routed_equals_direct(bench, "fifo")


@case("routed under fair as direct")
def under_fair(bench):
    routed_equals_direct(bench, "fair")


@case("routed under a policy that chooses at random as direct")
def under_random(bench):
    routed_equals_direct(bench, POLICIES / "random.lua")


@case("routed under fifo as direct, on a thread a device")
def threaded_under_fifo(bench):
    routed_equals_direct(bench, "fifo", FLEXNPU_DEVICE_INLINE=0)


@case("routed under fair as direct, on a thread a device")
def threaded_under_fair(bench):
    routed_equals_direct(bench, "fair", FLEXNPU_DEVICE_INLINE=0)


@case("routed under a policy that chooses at random as direct, on a thread a device")
def threaded_under_random(bench):
    routed_equals_direct(bench, POLICIES / "random.lua", FLEXNPU_DEVICE_INLINE=0)


@case("three programs at once, the policy swapped all the time")
def three_at_once(bench):
    print(f"        seeds {SEED + 2} to {SEED + 4}", flush=True)
    shipped = ROOT / "policies"
    policies = [shipped / "fair.lua", POLICIES / "random.lua", shipped / "decode-first.lua",
                shipped / "fifo.lua"]
    with Daemon(bench, "fifo") as daemon:
        programs = [
            daemon.start("route", random_program(bench), SEED + 2 + number, COUNT, 3, 2, "queued")
            for number in range(3)]
        swaps = 0
        while not all(one.is_over() for one in programs):
            daemon.command("policy", "swap", policies[swaps % len(policies)])
            swaps += 1
        for number, one in enumerate(programs):
            done = one.wait(TIMEOUT, expected=0)
            expect(fingerprint(done.out) == direct(bench, SEED + 2 + number),
                   f"direct and routed differ: {done}")
        expect(swaps >= 2, f"only {swaps} swaps while they ran")
        loads = daemon.json("policy", "list")
        expect(sum(load["breaches"] for load in loads) == 0, f"breaches: {loads}")


@case("observed as direct")
def observed(bench):
    with Daemon(bench, "fifo") as daemon:
        done = daemon.run("observe", random_program(bench), SEED, COUNT, timeout=TIMEOUT)
        expect(fingerprint(done.out) == direct(bench, SEED), f"direct and observed differ: {done}")
