"""Policies in Lua, limits on: what a decision costs, what a swap loses, how exact shares are."""

import statistics
import time

from workplace import BENCHMARKS, POLICIES, ROOT, Daemon, numbers


def measure(place, figures):
    scratch = ROOT / ".build" / "policy-benchmark"
    place.output("swift", "build", "-c", "release", "--package-path", BENCHMARKS / "policy",
                 "--scratch-path", scratch)
    program = scratch / "release" / "PolicyBenchmark"

    def figure(*arguments):
        return numbers(place.output(program, *arguments))

    for key, policy, clients, target in (("fifo", "fifo", 8, 3), ("fair64", "fair", 64, 5)):
        took, ratios, floors = [], [], []
        for _ in range(place.rounds(5)):
            floors.append(place.floor_of_decision())
            took.append(min(figure("decide", POLICIES / f"{policy}.lua", clients)))
            ratios.append(took[-1] / floors[-1])
        figures.report(f"policy.{key}_ratio", ratios, "x", target,
                       beside=f"{statistics.median(took):.0f} ns ÷ {statistics.median(floors):.0f} ns")
        figures.inform(f"policy.{key}_ns", took, "ns")
    figures.report("policy.reload_us", figure("load", POLICIES / "decode-first.lua"), "us", 1000)
    scripts = sorted((ROOT / "Tests" / "LuaPolicyTests" / "hostile").glob("*.lua"))
    kinds, stalls = figure("hostile", *scripts)
    print(f"    {kinds:.0f} hostile scripts", flush=True)
    figures.report("policy.hostile_stalls", [stalls], "", 0)
    swaps(place, figures)
    shares(place, figures)


def swaps(place, figures):
    """Swaps under full load: programs whose memory is wrong at the end, and decisions that were not the policy's."""
    count, programs = 100 if place.quick else 1000, []
    program = place.random_program()
    with Daemon(place) as daemon:
        for swap in range(count):
            while sum(one.poll() is None for one in programs) < 3:
                programs.append(daemon.run(program, len(programs) + 1, 50_000, 2, 2, "queued"))
            policy = ("fair", "decode-first", "fifo")[swap % 3]
            daemon.do("policy", "swap", POLICIES / f"{policy}.lua")
        wrong = sum(one.wait(timeout=120) != 0 for one in programs)
        wrong += sum(load["breaches"] for load in daemon.ask("policy", "list"))
    print(f"    {count} swaps under {len(programs)} random programs", flush=True)
    figures.report("policy.swap_lost", [wrong], "", 0)


def shares(place, figures):
    """How far shares of busy time are from the weights, in points of a hundred."""
    loop, errors = place.loop(), []
    for weights in ((70, 30), (50, 30, 20), (90, 10)):
        with Daemon(place, "fair") as daemon:
            programs = [daemon.run(loop, 1_000_000_000, labels=[f"name={number}", f"weight={weight}"])
                        for number, weight in enumerate(weights)]
            try:
                errors.append(share_error(daemon, weights, 3 if place.quick else 10))
            finally:
                for one in programs:
                    one.terminate()
                for one in programs:
                    one.wait(timeout=30)
    figures.report("policy.share_error_points", [max(errors)], "points", 2)


def share_error(daemon, weights, seconds):
    until = time.monotonic() + 30
    while len([1 for busy in daemon.busy().values() if busy > 0]) < len(weights):
        if time.monotonic() > until:
            raise SystemExit("bench: the programs did not start")
        time.sleep(0.05)
    before = daemon.busy()
    time.sleep(seconds)
    after = daemon.busy()
    busy = [after[str(number)] - before[str(number)] for number in range(len(weights))]
    shown = [100 * one / sum(busy) for one in busy]
    print("    weights " + ":".join(map(str, weights)) + " got "
          + ":".join(f"{share:.1f}" for share in shown), flush=True)
    return max(abs(share - 100 * weight / sum(weights)) for share, weight in zip(shown, weights))
