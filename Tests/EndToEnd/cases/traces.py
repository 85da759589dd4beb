"""What is recorded: opened by babeltrace2, compared with itself and with one call less, cut off, and on a full disk."""

import json
import os
import re
import shutil
import subprocess

from daemons import Daemon
from registry import case
from workbench import Skipped, expect, loop_program, random_program, wait_until


def record(daemon, name, *program, mode="route"):
    """Records one run of a program; returns the trace's folder."""
    folder = daemon.bench.folder / name
    daemon.command("trace", "record", folder, "--background")
    daemon.run(mode, *program)
    done = daemon.command("trace", "record", "--stop")
    expect(" 0 lost" in done.out, f"calls were lost: {done}")
    return folder


def difference(bench, left, right):
    done = bench.command("trace", "diff", left, right, expected=None)
    as_json = bench.command("trace", "diff", left, right, "--json", expected=None)
    expect(as_json.code == done.code, f"{done}{as_json}")
    return done, json.loads(as_json.out)["differences"]


# Rounds of the loop. An observed program never waits: at full speed, what is more than its ring holds
# while the daemon does not get a processor is lost (and counted), so its loop is one that fits.
ROUNDS = {"route": 20000, "observe": 2000}


@case("the same program twice: differences: 0")
def same_twice(bench):
    with Daemon(bench, "fair") as daemon:
        for mode, rounds in ROUNDS.items():
            left = record(daemon, f"{mode}-1", loop_program(bench), str(rounds), mode=mode)
            right = record(daemon, f"{mode}-2", loop_program(bench), str(rounds), mode=mode)
            done, count = difference(bench, left, right)
            expect(done.code == 0 and "differences: 0" in done.out and count == 0, str(done))


@case("calls that a device answers at once, and later: both are in the trace")
def answered_at_once(bench):
    folders = []
    for inline in ("1", "0"):
        with Daemon(bench, "fair", socket=bench.folder / f"daemon-{inline}.sock", name=f"daemon-{inline}",
                    environment={"FLEXNPU_DEVICE_INLINE": inline}) as daemon:
            folders.append(record(daemon, f"inline-{inline}", loop_program(bench), "200"))
    for folder in folders:
        told = bench.command("trace", "dump", folder).out
        for name in ("aclrtCreateStream", "aclrtMalloc", "aclrtSynchronizeStream"):
            expect(f" {name}" in told, f"no {name} in {folder.name}: {told[:2000]}")
    done, count = difference(bench, *folders)
    expect(count == 0, str(done))


@case("one call left out of a loop of 20,000: differences: 1")
def one_less(bench):
    with Daemon(bench, "fair") as daemon:
        for mode, rounds in ROUNDS.items():
            left = record(daemon, f"{mode}-whole", loop_program(bench), str(rounds), mode=mode)
            right = record(
                daemon, f"{mode}-less", loop_program(bench), str(rounds), str(rounds // 2), mode=mode)
            done, count = difference(bench, left, right)
            expect(done.code == 1 and "differences: 1" in done.out and count == 1, str(done))
            expect("aclrtMemcpyAsync" in done.out, f"it does not name the call: {done}")


@case("two threads and streams: another interleaving is no difference")
def interleaved(bench):
    with Daemon(bench, "fair") as daemon:
        left = record(daemon, "left", random_program(bench), "21", "3000", "3", "2", "queued")
        right = record(daemon, "right", random_program(bench), "21", "3000", "3", "2", "queued")
        done, count = difference(bench, left, right)
        expect(done.code == 0 and count == 0, str(done))


@case("babeltrace2 opens it and knows the events")
def babeltrace(bench):
    if shutil.which("babeltrace2") is None:
        raise Skipped("there is no babeltrace2; run tools/setup")
    with Daemon(bench, "fair") as daemon:
        daemon.command("trace", "record", bench.folder / "trace", "--background")
        daemon.run("route", random_program(bench), "5", "2000")
        daemon.run("observe", loop_program(bench), "100")
        daemon.command("policy", "swap", "fifo", expected=None)
        daemon.command("trace", "record", "--stop")
    done = bench.run("babeltrace2", bench.folder / "trace", timeout=120)
    expect(not done.err.strip(), f"babeltrace2 complains: {done}")
    names = set(re.findall(r"\) (?:\S+ )*?([A-Za-z_:]+): \{", done.out))
    for wanted in ("aclrtMemcpyAsync", "aclrtMemsetAsync", "aclnnInplaceAdd", "aclrtRecordEvent"):
        expect(wanted in done.out, f"no event {wanted}; there are {sorted(names)[:40]}")
    events = sum(1 for line in done.out.splitlines() if line.startswith("["))
    stats = json.loads(bench.command("trace", "stats", bench.folder / "trace", "--json").out)
    expect(events > 2000, f"only {events} events; stats say {str(stats)[:400]}")


@case("a torn trace is read up to its last packet")
def torn(bench):
    with Daemon(bench, "fair") as daemon:
        whole = record(daemon, "whole", loop_program(bench), "20000")
    streams = [path for path in whole.iterdir() if path.name != "metadata" and path.stat().st_size]
    largest = max(streams, key=lambda path: path.stat().st_size)
    with open(largest, "r+b") as file:
        file.truncate(largest.stat().st_size * 2 // 3 + 5)
    stats = bench.command("trace", "stats", whole, expected=None)
    expect(stats.code == 0 and "aclrtMemcpyAsync" in stats.out, str(stats))
    dumped = bench.command("trace", "dump", whole, expected=None)
    expect(len(dumped.out.splitlines()) > 1000, f"{str(dumped)[-600:]}")


@case("a daemon killed while it records leaves a trace that is read")
def killed(bench):
    folder = bench.folder / "trace"
    daemon = Daemon(bench, "fair", "--trace", folder)
    daemon.run("route", loop_program(bench), "20000")
    wait_until(lambda: daemon.status()["trace"]["events"] > 20000, "most of it is written", 20)
    daemon.process.kill()
    daemon.process.wait(10)
    stats = bench.command("trace", "stats", folder)
    expect("aclrtMemcpyAsync" in stats.out, str(stats))


@case("what is no trace is refused by name")
def no_trace(bench):
    empty = bench.folder / "empty"
    empty.mkdir()
    (bench.folder / "file").write_text("hello")
    for path in ("none", "empty", "file"):
        for verb in ("stats", "dump"):
            done = bench.command("trace", verb, bench.folder / path, expected=None)
            expect(done.code != 0 and path in done.err, str(done))
    done = bench.command("trace", "diff", bench.folder / "none", empty, expected=None)
    expect(done.code == 2, str(done))


def full_disk(bench, folder, recording):
    """Records until the disk is full; the program goes on, the recording says that it stopped."""
    with Daemon(bench, "fair") as daemon:
        recording(daemon)
        program = daemon.start("route", loop_program(bench), "forever")
        wait_until(lambda: daemon.status()["trace"].get("failure"), "the disk is full", 60)
        failure = daemon.status()["trace"]["failure"]
        expect(str(folder) in failure or "space" in failure or "large" in failure, failure)
        lost = daemon.status()["trace"]["lost"]
        wait_until(lambda: daemon.status()["trace"]["lost"] > lost, "what is lost is counted", 20)
        expect(not program.is_over(), f"the program ended: {program.result()}")
        program.end()
        stopped = daemon.command("trace", "record", "--stop", expected=1)
        expect("stopped" in stopped.out + stopped.err, str(stopped))
        daemon.run("route", loop_program(bench), "100")
    stats = bench.command("trace", "stats", folder, expected=None)
    expect(stats.code == 0, f"what was written is not readable: {stats}")


@case("a full disk: recording stops with a message and a count, programs go on")
def disk_is_full(bench):
    small = bench.folder / "small"
    small.mkdir()
    mounted = os.getuid() == 0 and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", small], capture_output=True
    ).returncode == 0
    if not mounted:
        raise Skipped("no file system can be mounted here")
    try:
        full_disk(bench, small / "trace", lambda daemon: daemon.command(
            "trace", "record", small / "trace", "--background"))
    finally:
        subprocess.run(["umount", "-l", small], capture_output=True)
