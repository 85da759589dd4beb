"""The same program directly and routed."""

import json
import random
import statistics
import time

from workplace import FLEXNPU, POLICIES, PYTHON, SCENARIOS, Daemon, numbers


def measure(place, figures):
    single_calls(place, figures)
    order(place, figures)
    torch_programs(place, figures)
    many_clients(place, figures)
    resident(place, figures)
    for key in ("route.paced_ratio", "route.host_bound_ratio"):
        figures.leave_out(key, "the software device has no paced clock yet")


def single_calls(place, figures):
    driver = place.driver("route_driver")

    def ways(*arguments, count=7):
        routed = ("--route", "--policy", POLICIES / "fifo.lua")
        return [[numbers(place.output(FLEXNPU, "run", *way, "--", driver, *arguments))
                 for way in (("--direct",), routed)] for _ in range(place.rounds(count))]

    pairs = ways("sync")
    figures.report("route.sync_p50_us", [routed[0] - direct[0] for direct, routed in pairs], "us", 5, first=10)
    figures.report("route.sync_p99_us", [routed[1] - direct[1] for direct, routed in pairs], "us", 50)
    figures.report("route.op_ns", [routed[0] for _, routed in ways("sustained", 300000)], "ns", 1000)
    pairs = ways("copies", count=5)
    figures.report("route.h2d_pinned_ratio", [routed[1] / direct[1] for direct, routed in pairs], "x", 0.95, False)
    figures.report("route.h2d_pageable_ratio", [routed[0] / direct[0] for direct, routed in pairs], "x", 0.7, False)


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
