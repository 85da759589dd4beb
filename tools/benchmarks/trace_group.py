"""Traces: size on disk, speed of reading, and what the diff finds."""

import json
import random
import subprocess
import time

from workplace import FLEXNPU, PYTHON, SCENARIOS


def measure(place, figures):
    record(place, "train", PYTHON, SCENARIOS / "train.py", "--steps", 10)
    size = sum(file.stat().st_size for file in (place.folder / "train").iterdir())
    figures.report("trace.bytes_per_call", [size / calls(place, "train")], "bytes", 64)
    loop = place.loop()
    for name, arguments in (("a", [20000]), ("b", [20000]), ("c", [20000, 9000])):
        record(place, name, loop, *arguments)
    # Two processes: all their addresses and handles differ.
    figures.report("trace.diff_addresses", [differences(place, "a", "b")[0]], "", 0)
    figures.report("trace.diff_one_deletion", [differences(place, "a", "c")[0]], "", 1, exactly=True)
    million(place, figures)
    figures.leave_out("trace.replay_mismatch", "there is no replay yet")


def record(place, name, *program):
    place.output(FLEXNPU, "run", "--route", "--trace", place.folder / name, "--", *program)


def calls(place, name):
    return place.json(FLEXNPU, "trace", "stats", place.folder / name)["calls"]


def differences(place, one, other):
    """How many, and the seconds it took."""
    begun = time.perf_counter()
    done = subprocess.run([str(FLEXNPU), "trace", "diff", str(place.folder / one), str(place.folder / other),
                           "--json"], capture_output=True, text=True)
    if done.returncode not in (0, 1):
        raise SystemExit(f"bench: trace diff: {done.stderr}")
    return json.loads(done.stdout)["differences"], time.perf_counter() - begun


def million(place, figures):
    """A million calls, and the same with a hundred of them left out."""
    rounds = 100_000 if place.quick else 333_334
    skipped = sorted(random.Random(1).sample(range(rounds), 100))
    record(place, "whole", place.loop(), rounds)
    record(place, "less", place.loop(), rounds, *skipped)
    count, took = calls(place, "whole"), []
    for _ in range(place.rounds(5)):
        begun = time.perf_counter()
        place.output(FLEXNPU, "trace", "stats", place.folder / "whole", "--json")
        took.append(time.perf_counter() - begun)
    # Of a whole process, from its start to its end.
    counted = []
    for _ in range(place.rounds(5)):
        begun = time.perf_counter()
        place.output("babeltrace2", place.folder / "whole", "--component=sink.utils.counter")
        counted.append(time.perf_counter() - begun)
    ratios = [theirs / ours for theirs, ours in zip(counted, took)]
    figures.report("trace.read_vs_babeltrace2", ratios, "", 5, False)
    figures.inform("trace.read_mps", [count / one / 1e6 for one in took], "M/s")
    files = [file for file in (place.folder / "whole").iterdir() if file.is_file()]
    largest = max(files, key=lambda file: file.stat().st_size)
    size = sum(file.stat().st_size for file in files)
    figures.inform("trace.read_gbs", [size / one / 1e9 for one in took], "GB/s")
    figures.inform("floors.read_gbs", [place.floor("read", largest) for _ in range(place.rounds(5))], "GB/s")
    found, seconds = differences(place, "whole", "less")
    print(f"    {count} calls, 100 left out: {found} differences", flush=True)
    figures.report("trace.diff_million_found", [found], "", 100, exactly=True)
    figures.report("trace.diff_million_s", [seconds], "s", 3)
