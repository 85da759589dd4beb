"""The same program directly and routed."""

import json
import random
import statistics
import time

from workplace import FLEXNPU, POLICIES, PYTHON, SCENARIOS, Daemon, numbers


def measure(place, figures):
    single_operations(place, figures)
    copies(place, figures)
    loop_time(place, figures)
    new_lists(place, figures)
    paced(place, figures)
    host_bound(place, figures)
    order(place, figures)
    torch_programs(place, figures)
    many_clients(place, figures)
    resident(place, figures)


def both_ways(place, driver, *arguments, **environment):
    """What a driver prints directly and routed, one after the other."""
    routed = ("--route", "--policy", POLICIES / "fifo.lua")
    return [numbers(place.output(FLEXNPU, "run", *way, "--", driver, *arguments, **environment))
            for way in (("--direct",), routed)]


def middle(values):
    return statistics.median(values)


def single_operations(place, figures):
    """One operation and a synchronise, and operations enqueued without waiting, each beside its floors."""
    driver = place.driver("route_driver")
    halves, tails, trips, wakes = [], [], [], []
    for _ in range(place.rounds(7)):
        direct, routed = both_ways(place, driver, "sync")
        halves.append(routed[0] - direct[0])
        tails.append(routed[1] - direct[1])
        trips.append(place.floor("trip") * 1e-3)
        wakes.append(place.floor("wake"))
    if middle(trips) < 2:
        figures.report("route.sync_p50_ratio", [one / floor for one, floor in zip(halves, trips)], "x", 8,
                       beside=f"{middle(halves):.2f} µs ÷ {middle(trips):.3f} µs")
        figures.report("route.sync_p99_ratio", [one / floor for one, floor in zip(tails, wakes)], "x", 3,
                       beside=f"{middle(tails):.1f} µs ÷ {middle(wakes):.1f} µs")
    else:
        # Dividing by what a descheduled thread takes would flatter; times of a loop without a core say nothing.
        for part in ("p50", "p99"):
            figures.leave_out(f"route.sync_{part}_ratio",
                              f"two threads have no core each (a trip took {middle(trips):.0f} µs)")
    figures.inform("route.sync_p50_us", halves, "us")
    figures.inform("route.sync_p99_us", tails, "us")
    took, plain, hops, decisions = [], [], [], []
    for _ in range(place.rounds(7)):
        direct, routed = both_ways(place, driver, "sustained", 300000)
        took.append(routed[0])
        plain.append(direct[0])
        hops.append(place.floor("hop"))
        decisions.append(place.floor_of_decision())
    figures.report("route.op_ratio", [one / (hop + decide) for one, hop, decide in zip(took, hops, decisions)],
                   "x", 2, beside=f"{middle(took):.0f} ns ÷ ({middle(hops):.0f} + {middle(decisions):.0f} ns)")
    figures.inform("route.op_ns", took, "ns")
    figures.inform("route.op_direct_ns", plain, "ns")


def copies(place, figures):
    pairs = [both_ways(place, place.driver("route_driver"), "copies") for _ in range(place.rounds(5))]
    floor = place.floor("copy")
    beside = f"memcpy {floor:.1f} GB/s"
    figures.report("route.h2d_pinned_ratio", [routed[1] / direct[1] for direct, routed in pairs], "x", 0.95, False,
                   beside=beside)
    figures.report("route.h2d_pageable_ratio", [routed[0] / direct[0] for direct, routed in pairs], "x", 0.7, False,
                   beside=beside)


def loop_time(place, figures):
    """Processor time of the scheduling loop's thread. With the threaded executor the operation itself is not in it."""
    driver, count = place.driver("route_driver"), 300000
    for key, environment in (("route.loop_ns", {"FLEXNPU_DEVICE_INLINE": "0"}), ("route.loop_inline_ns", {})):
        took = []
        with Daemon(place, **environment) as daemon:
            for _ in range(place.rounds(5)):
                before = daemon.loop_nanoseconds()
                place.output(FLEXNPU, "run", "--route", "--socket", daemon.socket, "--", driver, "sustained", count)
                took.append((daemon.loop_nanoseconds() - before) / count)
        if environment:
            figures.report(key, took, "ns", 1250)
        else:
            figures.inform(key, took, "ns")


def new_lists(place, figures):
    """Calls with another offset or scalar each, in terms of the same call repeated."""
    driver, count = place.operations(), 100_000 if place.quick else 1_000_000
    with Daemon(place) as daemon:
        def took(what, calls):
            return numbers(place.output(FLEXNPU, "run", "--route", "--socket", daemon.socket, "--",
                                        driver, what, calls))[0]
        took("lists-same", 20_000)
        before = daemon.ask("status")["residentBytes"] / 2**20
        same = took("lists-same", count)
        for what in ("offset", "scalar"):
            other = took(f"lists-{what}", count)
            after = daemon.ask("status")["residentBytes"] / 2**20
            figures.report(f"route.new_lists_{what}_ratio", [other / same], "x", 1.5,
                           beside=f"{other:.0f} ÷ {same:.0f} ns; daemon {before:.0f} → {after:.0f} MiB")
    found = [figures.found[f"route.new_lists_{what}_ratio"]["value"] for what in ("offset", "scalar")]
    figures.report("route.new_lists_ratio", [max(found)], "x", 1.5)


PACED = {"FLEXNPU_DEVICE_CLOCK": "paced", "FLEXNPU_DEVICE_COMPUTE": "none"}


def paced(place, figures):
    """A device that is busy: what hardware would show of FlexNPU."""
    pairs = [both_ways(place, place.operations(), "paced", 30, FLEXNPU_DEVICE_SCALE=10, **PACED)
             for _ in range(place.rounds(7))]
    figures.report("route.paced_ratio", [routed[0] / direct[0] for direct, routed in pairs], "x", 1.01,
                   beside=f"a step of {middle(direct[0] for direct, _ in pairs) / 1e3:.2f} ms directly")


def host_bound(place, figures):
    """A decode loop whose operations are shorter than what the host needs to launch one."""
    for cost in (0, 5, 10, 20):
        pairs = [both_ways(place, place.operations(), "decode", 60, FLEXNPU_DEVICE_HOST_COST_US=f"{cost},{cost},0",
                           **PACED) for _ in range(place.rounds(5))]
        ratios = [routed[0] / direct[0] for direct, routed in pairs]
        key = "route.host_bound_ratio" + ("" if cost == 10 else f"_{cost}us")
        direct = middle(direct[0] for direct, _ in pairs)
        if cost == 10:
            figures.report(key, ratios, "x", 1.0, beside=f"a step of {direct:.0f} µs directly")
        else:
            figures.inform(key, ratios, "x")


def order(place, figures):
    """Reads that saw something else than planned, and ends that differ, in 100,000 operations a seed."""
    program, violations = place.random_program(), []
    for policy in ("fifo", "fair", "decode-first"):
        seed = random.SystemRandom().randrange(1, 1 << 32)
        print(f"    seed {seed} under {policy}", flush=True)
        with Daemon(place, policy) as daemon:
            words = place.output(FLEXNPU, "run", "--socket", daemon.socket, "--", program, seed,
                                 20_000 if place.quick else 100_000, 3, 2, "queued").split()
        found = dict(zip(words[::2], words[1::2]))
        violations.append(int(found["mismatches"]) + (found["hash"] != found["expected"]))
    figures.report("route.order_violations", [sum(violations)], "", 0)


def torch_programs(place, figures):
    for key, script, picked in (
            ("route.torch_step_ratio", ["train.py", "--steps", 40], step_seconds),
            ("route.torch_generate_ratio", ["generate.py", "--rounds", 8], token_seconds)):
        ratios, result = [], place.folder / "result.json"
        for _ in range(place.rounds(7)):
            took = []
            for way in ("--direct", "--route"):
                place.output(FLEXNPU, "run", way, "--", PYTHON, SCENARIOS / script[0], *script[1:], "--json", result)
                took.append(picked(json.loads(result.read_text())))
            ratios.append(took[1] / took[0])
        figures.report(key, ratios, "x", 1.05, first=1.15)


def step_seconds(result):
    return statistics.median(result["step_seconds"][5:])


def token_seconds(result):
    return statistics.median(t for took in result["seconds"][1:] for t in took[1:])


def many_clients(place, figures):
    """The most programs at once with fair shares and no more than twice the cost of an operation with one."""
    loop, held, rates = place.loop(), 1, {}
    for count in (1, 8, 64):
        with Daemon(place, "fair") as daemon:
            programs = [daemon.run(loop, "forever") for _ in range(count)]
            try:
                rates[count], even = rate(daemon, count, 2 if place.quick else 5)
            finally:
                for program in programs:
                    program.terminate()
                for program in programs:
                    program.wait(timeout=30)
        growth = rates[1] / rates[count]
        print(f"    {count} programs: {rates[count]:.0f} operations/s, cost {growth:.2f} x, "
              f"least share {even:.2f} of an even one", flush=True)
        if growth <= 2 and even >= 0.8:
            held = count
    figures.report("route.clients", [held], "", 64, False)


def rate(daemon, count, seconds):
    """Operations a second of all, and the least program's part of an even share."""
    until = time.monotonic() + 60
    while len([1 for done in daemon.operations().values() if done > 100]) < count:
        if time.monotonic() > until:
            raise SystemExit(f"bench: {count} programs did not start")
        time.sleep(0.1)
    before, begun = daemon.operations(), time.monotonic()
    time.sleep(seconds)
    after, took = daemon.operations(), time.monotonic() - begun
    done = [after.get(client, 0) - before[client] for client in before]
    return sum(done) / took, min(done) * count / max(1, sum(done))


def resident(place, figures):
    """The daemon's memory with the demo's two programs, without the device's."""
    most = 0
    with Daemon(place) as daemon:
        programs = [daemon.run(PYTHON, SCENARIOS / "train.py", "--steps", "60"),
                    daemon.run(PYTHON, SCENARIOS / "generate.py", "--rounds", "40")]
        while any(program.poll() is None for program in programs):
            status = daemon.ask("status") or {}
            used = sum(device["memoryUsedBytes"] for device in status.get("devices", []))
            most = max(most, status.get("residentBytes", 0) - used)
            time.sleep(0.2)
    figures.report("route.daemon_mib", [most / 2**20], "MiB", 150)
