"""Unmodified PyTorch programs: direct, observed and routed give the same numbers, and PyTorch's on the CPU."""

import json
import math

from daemons import Daemon, busy_nanoseconds
from registry import case
from workbench import PROGRAMS, ROOT, SCENARIOS, expect, wait_until

TRAIN = ["--steps", "12", "--batch", "4", "--length", "32", "--width", "64"]
GENERATE = ["--batch", "3", "--prompt", "16", "--tokens", "12", "--width", "64"]


def close(left, right, relative):
    return len(left) == len(right) and all(
        math.isclose(a, b, rel_tol=relative, abs_tol=relative) for a, b in zip(left, right))


def numbers(bench, name):
    return json.loads((bench.folder / f"{name}.json").read_text())


def on_cpu(bench, script, options):
    out = bench.folder / "cpu.json"
    bench.run(bench.torch_python, SCENARIOS / script, "--device", "cpu", *options, "--json", out,
              timeout=180)
    return numbers(bench, "cpu")


def in_each_mode(bench, script, options):
    """What the program wrote on the CPU, direct, observed and routed."""
    found = {"cpu": on_cpu(bench, script, options)}
    with Daemon(bench, "fair") as daemon:
        for mode in ("direct", "observe", "route"):
            daemon.run(mode, bench.torch_python, SCENARIOS / script, *options,
                       "--json", bench.folder / f"{mode}.json", timeout=180)
            found[mode] = numbers(bench, mode)
    return found


@case("training: direct, observed, routed and the CPU agree")
def training(bench):
    found = in_each_mode(bench, "train.py", TRAIN)
    expect(close(found["cpu"]["losses"], found["direct"]["losses"], 2e-3),
           f"CPU and direct differ: {found['cpu']['losses']} {found['direct']['losses']}")
    expect(close([found["cpu"]["weights"]], [found["direct"]["weights"]], 1e-3), "weights differ")
    for mode in ("observe", "route"):
        for key in ("losses", "weights"):
            expect(found[mode][key] == found["direct"][key],
                   f"{key} of direct and {mode} differ: {found['direct'][key]} {found[mode][key]}")


@case("generating: direct, observed, routed and the CPU agree")
def generating(bench):
    found = in_each_mode(bench, "generate.py", GENERATE)
    for mode in ("direct", "observe", "route"):
        expect(found[mode]["tokens"] == found["cpu"]["tokens"],
               f"tokens of the CPU and {mode} differ: {found['cpu']['tokens']} {found[mode]['tokens']}")


@case("two programs at once while the policy is swapped three times")
def two_at_once(bench):
    train = ["--steps", "15", "--seconds", "8", *TRAIN[2:]]
    generate = ["--rounds", "1", "--seconds", "8", *GENERATE]
    cpu_losses = on_cpu(bench, "train.py", TRAIN)["losses"]
    cpu_tokens = on_cpu(bench, "generate.py", GENERATE)["tokens"]
    watched = bench.folder / "watched.lua"
    watched.write_text((ROOT / "policies" / "fifo.lua").read_text())
    with Daemon(bench, watched, "--watch") as daemon:
        trainer = daemon.start("route", bench.torch_python, SCENARIOS / "train.py", *train,
                               "--json", bench.folder / "train.json",
                               labels=["name=train", "weight=1"])
        generator = daemon.start("route", bench.torch_python, SCENARIOS / "generate.py", *generate,
                                 "--json", bench.folder / "generate.json",
                                 labels=["name=generate", "weight=3", "phase=decode"])

        def both_work():
            expect(not trainer.is_over(), f"it ended early: {trainer.result()}")
            expect(not generator.is_over(), f"it ended early: {generator.result()}")
            clients = daemon.clients()
            return len(clients) == 2 and all(busy_nanoseconds(one) > 0 for one in clients)

        wait_until(both_work, "both programs have had device time", 60)
        for policy in ("fair", "decode-first", "fair"):
            daemon.command("policy", "swap", ROOT / "policies" / f"{policy}.lua")
            expect(daemon.live_policy()["name"] == policy, f"{policy} is not live")
            before = {one["id"]: busy_nanoseconds(one) for one in daemon.clients()}
            wait_until(lambda: all(busy_nanoseconds(one) > before.get(one["id"], 0)
                                   for one in daemon.clients()),
                       f"both programs go on under {policy}", 30)
        labels = sorted(one["labels"].get("name", "") for one in daemon.clients())
        expect(labels == ["generate", "train"], f"labels {labels}")
        trainer.wait(120, expected=0)
        generator.wait(120, expected=0)
        loads = daemon.json("policy", "list")
        # The first is the built-in one that decides until a policy is loaded.
        names = [load["name"] for load in sorted(loads, key=lambda load: load["load"])]
        expect(names == ["fair", "fifo", "fair", "decode-first", "fair"], f"loads: {names}")
        expect(all(load["breaches"] == 0 for load in loads), f"breaches in {loads}")
    losses = numbers(bench, "train")["losses"][:len(cpu_losses)]
    expect(close(losses, cpu_losses, 2e-3), f"losses {losses}, on the CPU {cpu_losses}")
    expect(numbers(bench, "generate")["tokens"] == cpu_tokens, "tokens differ")


@case("an operation that the device lacks: PyTorch raises and names it")
def lacking(bench):
    with Daemon(bench, "fair") as daemon:
        for mode in ("direct", "route"):
            done = daemon.run(mode, bench.torch_python, PROGRAMS / "lacking.py", timeout=120)
            expect("raised and named" in done.out, str(done))
