"""What `tools/demo` shows once everything is installed and built: steps 3 to 9."""

import json
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from places import FLEXNPU, ROOT
from programs import Programs, check_against_cpu, measured_counts
from terminal import progress, run, say, shown, step

WORK = ROOT / ".build" / "demo"
LOOK_SECONDS = 4
POLICIES = ("fifo", "fair", "decode-first")


def wait_until(what, condition, seconds=120):
    """Waits for a condition, and says so on a terminal."""
    until = time.monotonic() + seconds
    while not condition():
        left = until - time.monotonic()
        if left < 0:
            raise SystemExit(f"demo: waited {seconds} s in vain until {what}")
        progress(f"   until {what} … {left:.0f} s")
        time.sleep(0.1)
    progress("")


class Demonstration:
    def __init__(self, runtime):
        self.environment = dict(os.environ, XDG_RUNTIME_DIR=str(runtime), OMP_NUM_THREADS="1",
                                TORCH_DEVICE_BACKEND_AUTOLOAD="0")
        self.looks = []

    def flexnpu(self, *arguments, check=True):
        return run(FLEXNPU, *arguments, environment=self.environment, check=check)

    def ask(self, *arguments):
        found = run(FLEXNPU, *arguments, "--json", environment=self.environment, check=False, quiet=True)
        return json.loads(found.stdout) if found.returncode == 0 and found.stdout.strip() else None

    def show(self):
        self.flexnpu("status")
        counts = measured_counts(self.environment)
        step(4, "Record, and run two unmodified PyTorch programs at once")
        self.record("before")
        first = Programs(WORK / "first", self.environment, counts, "gelu")
        try:
            self.swap_policies(first)
            first.finish()
        finally:
            first.end()
        self.flexnpu("trace", "record", "--stop")
        self.effects(first)
        step(6, "Their numbers against PyTorch on the CPU")
        check_against_cpu(WORK / "first", self.environment)
        self.second(counts)
        step(8, "What the recording says of the first run")
        self.flexnpu("trace", "stats", WORK / "before", "--functions", "8")
        self.difference()

    def record(self, name):
        self.flexnpu("trace", "record", WORK / name, "--background")

    def swap_policies(self, programs):
        def both_work():
            programs.check()
            busy = [one for one in self.ask("list") or []
                    if sum(phase["operations"] for phase in one["phases"]) > 200]
            return len(busy) == 2

        wait_until("both programs use the device", both_work)
        step(5, "Swap the policy twice while they run")
        for policy in POLICIES:
            if policy != POLICIES[0]:
                self.flexnpu("policy", "swap", f"policies/{policy}.lua")
            begun = time.time()
            shares = self.shares(lambda: self.flexnpu("top", "--once", "--interval", f"{LOOK_SECONDS}s"))
            self.looks.append((policy, begun, time.time(), shares))
        programs.check()
        self.flexnpu("policy", "list")

    def shares(self, look):
        """Each program's part of the busy time while `look` looks."""
        before = self.busy()
        look()
        after = self.busy()
        spent = {name: busy - before.get(name, 0) for name, busy in after.items()}
        return {name: busy / max(1, sum(spent.values())) for name, busy in spent.items()}

    def busy(self):
        return {one["labels"].get("name", ""): sum(phase["busyNanoseconds"] for phase in one["phases"])
                for one in self.ask("list") or []}

    def effects(self, programs):
        """What each swap did, from the device's accounts and the programs' own clocks."""
        say("\nWhat each swap did")
        print(f"   {'policy':14}{'train: share':>14}{'a step':>10}{'generate: share':>18}{'a token':>10}")
        for policy, begun, ended, shares in self.looks:
            train, token = (programs.median(name, begun, ended) for name in ("train", "generate"))
            print(f"   {policy:14}{shares.get('train', 0):>13.0%} {milliseconds(train):>9}"
                  f"{shares.get('generate', 0):>17.0%} {milliseconds(token):>9}")

    def second(self, counts):
        step(7, "Record a second run with one thing changed: GELU becomes SiLU in the training program")
        self.flexnpu("policy", "load", "policies/fifo.lua")
        self.record("after")
        second = Programs(WORK / "second", self.environment, counts, "silu")
        try:
            second.finish()
        finally:
            second.end()
        self.flexnpu("trace", "record", "--stop")

    def difference(self):
        step(9, "What changed between the two recordings")
        if self.flexnpu("trace", "diff", WORK / "before", WORK / "after", check=False).returncode != 1:
            raise SystemExit("demo: the diff should have found the change")


def milliseconds(seconds):
    return f"{seconds * 1e3:.1f} ms" if seconds is not None else "-"


def main():
    os.chdir(ROOT)
    keep = "--keep" in sys.argv
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    # A socket's path has to be short, whatever the checkout's is.
    runtime = Path(tempfile.mkdtemp(prefix="flexnpu-demo-"))
    demonstration = Demonstration(runtime)
    step(3, "Start a daemon on the software device")
    daemon = shown([FLEXNPU, "daemon", "--policy", "policies/fifo.lua"], demonstration.environment,
                   WORK / "daemon.log")
    try:
        def answers():
            if daemon.poll() is not None:
                raise SystemExit("demo: the daemon ended: " + (WORK / "daemon.log").read_text())
            return demonstration.ask("status") is not None

        wait_until("the daemon answers", answers, 30)
        demonstration.show()
    finally:
        if daemon.poll() is None:
            daemon.send_signal(signal.SIGTERM)
            daemon.wait(timeout=30)
        shutil.rmtree(runtime, ignore_errors=True)
    if keep:
        say("\nDone. The recordings are in .build/demo.")
    else:
        shutil.rmtree(WORK, ignore_errors=True)
        say("\nDone.")


if __name__ == "__main__":
    # Whoever ends us ends what we started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    main()
