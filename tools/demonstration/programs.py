"""The two PyTorch programs, and PyTorch on the CPU that they are held against."""

import json
import math
import signal
import statistics

from places import FLEXNPU, PYTHON, ROOT, SCENARIOS
from terminal import run, shown

# With the device to itself, about so long; two at once on two cores take twice that and more.
SECONDS = 14
CHECKED_STEPS = 20
GENERATE = ["--batch", "8"]


def measured_counts(environment):
    """Steps and rounds that take about the same time on any machine."""
    print("   (how fast is this machine? both programs alone, for a moment)", flush=True)
    counts = {}
    for name, few, picked in (("train", ["--steps", 12], lambda found: found["step_seconds"][2:]),
                              ("generate", ["--rounds", 3, *GENERATE], lambda found: map(sum, found["seconds"][1:]))):
        result = ROOT / ".build" / "demo" / f"{name}.json"
        run(FLEXNPU, "run", "--direct", "--", PYTHON, SCENARIOS / f"{name}.py", *few, "--json", result,
            environment=environment, quiet=True)
        one = statistics.median(picked(json.loads(result.read_text())))
        counts[name] = max(CHECKED_STEPS, min(2000, round(SECONDS / one)))
    return counts


class Programs:
    """Both at once, each under `flexnpu run --route`."""

    def __init__(self, folder, environment, counts, activation):
        self.folder = folder
        folder.mkdir()
        commands = {
            "train": ["train.py", "--steps", counts["train"], "--activation", activation],
            "generate": ["generate.py", "--rounds", counts["generate"], *GENERATE],
        }
        self.running = {}
        for name, (script, *options) in commands.items():
            command = [FLEXNPU, "run", "--route", "--label", f"name={name}", "--", PYTHON, SCENARIOS / script,
                       *options, "--json", folder / f"{name}.json"]
            typed = f"flexnpu run --route --label name={name} -- python {script} " + " ".join(map(str, options))
            self.running[name] = shown(command, environment, folder / f"{name}.log", typed)

    def check(self):
        """Neither is over yet, nor has failed."""
        for name, program in self.running.items():
            if program.poll() is not None:
                raise SystemExit(f"demo: {name} ended early:\n" + (self.folder / f"{name}.log").read_text()[-2000:])

    def finish(self):
        for name, program in self.running.items():
            code = program.wait(timeout=400)
            log = (self.folder / f"{name}.log").read_text()
            if code != 0:
                raise SystemExit(f"demo: {name} ended with {code}:\n{log[-2000:]}")
            print("   " + log.strip().splitlines()[-1], flush=True)

    def end(self):
        for program in self.running.values():
            if program.poll() is None:
                program.send_signal(signal.SIGTERM)
                program.wait(timeout=30)

    def median(self, name, begun, ended):
        """The median of a training step, or of a token, between two times of day."""
        found = json.loads((self.folder / f"{name}.json").read_text())
        seconds = found["step_seconds" if name == "train" else "seconds"]
        inside = [one for one, at in zip(seconds, found["ended"]) if begun <= at <= ended]
        if name == "generate":
            inside = [token for round in inside for token in round[1:]]
        return statistics.median(inside) if inside else None


def check_against_cpu(folder, environment):
    """Losses within float tolerance, tokens equal."""
    theirs = {}
    for name, few in (("train", ["--steps", CHECKED_STEPS]), ("generate", ["--rounds", 1, *GENERATE])):
        result = folder / f"{name}-cpu.json"
        run(PYTHON, SCENARIOS / f"{name}.py", "--device", "cpu", *few, "--json", result, environment=environment,
            quiet=True)
        theirs[name] = json.loads(result.read_text())
    ours = {name: json.loads((folder / f"{name}.json").read_text()) for name in theirs}
    worst = max(abs(a - b) / abs(b) for a, b in zip(ours["train"]["losses"], theirs["train"]["losses"]))
    if not (math.isfinite(worst) and worst < 1e-3):
        raise SystemExit(f"demo: losses differ from the CPU's by {worst:.2e}")
    if ours["generate"]["tokens"] != theirs["generate"]["tokens"]:
        raise SystemExit("demo: generated tokens differ from the CPU's")
    count = sum(map(len, theirs["generate"]["tokens"]))
    print(f"   losses of the first {CHECKED_STEPS} steps: within {worst:.1e} of PyTorch's on the CPU\n"
          f"   the first {count} tokens: equal")
