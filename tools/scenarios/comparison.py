"""What policies do to two programs that share one device: one serves prompts, one decodes.

Both are unmodified PyTorch programs and run for as long as the comparison takes; policies are swapped under them,
segment by segment. The programs measure themselves; this cuts what they print by segments.
"""

import json
import os
import statistics
import subprocess
import time
from pathlib import Path

SCENARIOS = Path(__file__).resolve().parent
POLICIES = SCENARIOS.parent.parent / "policies"
NAMES = ("passthrough", "fifo", "fair", "decode-first")
# The chip is a 910B2 whose time is stretched by this, so that two CPU cores compute in time even beside other work.
SCALE = 300
# Predicted work in flight, the same for every policy that has a window; a launched operation cannot be taken back.
WINDOW_MICROSECONDS = 50
# Prompts arrive in bursts, and each has a stream while it is computed.
PERIOD, BURST, STREAMS, LENGTH = 2.5, 10, 8, 96
BATCH, DECODE_LAYERS = 4, 4
# Bursts in a segment. The first is left out: what the policy before had launched is still under way.
BURSTS = 6
REPETITIONS = 2
WARM_UP_BURSTS = 2
TIE = 0.05
# Seconds a second that threads of the daemon and the programs, taken together, may wait for a core.
DELAY_MAX = 0.6


def policy_file(name):
    return POLICIES / f"{name}.lua"


class Comparison:
    """One run: both programs, every policy `REPETITIONS` times."""

    def __init__(self, flexnpu, python, folder, show, scale=SCALE):
        self.flexnpu, self.python, self.folder, self.show = str(flexnpu), str(python), folder, show
        self.segments, self.scale = [], scale
        # Everything takes so much longer on a slower chip, and so does the time between bursts.
        self.period = PERIOD * scale / SCALE
        self.index_shown = NAMES.index("fair")
        self.environment = dict(
            os.environ, FLEXNPU_DEVICE_CLOCK="paced", FLEXNPU_DEVICE_SCALE=str(scale), FLEXNPU_DEVICE_COUNT="1")

    def command(self, *arguments):
        done = subprocess.run([self.flexnpu, *map(str, arguments)], capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"flexnpu {' '.join(map(str, arguments))}: {done.stderr.strip()}")
        return done.stdout

    def status(self):
        return json.loads(self.command("status", "--json"))

    def run(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        setting = f"FLEXNPU_DEVICE_CLOCK=paced FLEXNPU_DEVICE_SCALE={self.scale} FLEXNPU_DEVICE_COUNT=1"
        self.show(f"$ export {setting}\n$ flexnpu device")
        told = subprocess.run([self.flexnpu, "device"], env=self.environment, capture_output=True, text=True)
        shown = ("clock", "computes", "DEVICE", "  ")
        self.show("\n".join(line for line in told.stdout.splitlines() if line.startswith(shown)))
        self.show("$ flexnpu daemon --policy policies/fifo.lua &")
        with open(self.folder / "daemon.log", "w") as log:
            daemon = subprocess.Popen(
                [self.flexnpu, "daemon", "--policy", str(policy_file("fifo"))], env=self.environment, stderr=log)
        self.daemon_id = daemon.pid
        try:
            self.wait_until("the daemon answers", self.answers, 30)
            self.run_programs()
            self.lateness = [device.get("lateness") for device in self.status()["devices"]]
        finally:
            daemon.terminate()
            daemon.wait(timeout=30)

    def answers(self):
        return subprocess.run([self.flexnpu, "status"], capture_output=True).returncode == 0

    def wait_until(self, what, condition, seconds):
        until = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > until:
                raise RuntimeError(f"waited {seconds} s in vain until {what}")
            time.sleep(0.1)

    def run_programs(self):
        seconds = self.period * (WARM_UP_BURSTS + BURSTS * len(NAMES) * REPETITIONS)
        serve = self.start("serve", "--threads", STREAMS, "--burst", BURST, "--period", self.period,
                           "--length", LENGTH, "--seconds", seconds)
        decode = self.start("decode", "--batch", BATCH, "--layers", DECODE_LAYERS, "--seconds", seconds + 8)
        try:
            self.wait_until("both programs work", lambda: self.lines("serve") and self.lines("decode"), 120)
            self.swap_policies(self.lines("serve")[0]["arrived"])
            for name, program in (("serve", serve), ("decode", decode)):
                if program.wait(timeout=120) != 0:
                    raise RuntimeError(f"{name} failed:\n" + (self.folder / f"{name}.log").read_text()[-2000:])
        finally:
            for program in (serve, decode):
                if program.poll() is None:
                    program.terminate()

    def start(self, name, *arguments):
        arguments = [str(argument) for argument in arguments]
        self.show(f"$ flexnpu run --label name={name} -- python {name}.py {' '.join(arguments)} &")
        command = [self.flexnpu, "run", "--label", f"name={name}", "--", self.python, str(SCENARIOS / f"{name}.py"),
                   *arguments, "--json", str(self.folder / f"{name}.json")]
        with open(self.folder / f"{name}.out", "w") as out, open(self.folder / f"{name}.log", "w") as log:
            return subprocess.Popen(command, env=self.environment, stdout=out, stderr=log)

    def lines(self, name):
        """What a program has printed; its last line may be under way."""
        text = (self.folder / f"{name}.out").read_text()
        return [json.loads(line) for line in text.split("\n")[:-1] if line.startswith("{")]

    def swap_policies(self, begin):
        """Swaps shortly before a burst arrives, so that every prompt of a segment has one policy."""
        order = [NAMES[(at + turn) % len(NAMES)] for turn in range(REPETITIONS) for at in range(len(NAMES))]
        lead = 0.05 * self.period
        start = begin + WARM_UP_BURSTS * self.period - lead
        while start < time.monotonic():
            start += self.period
        for index, name in enumerate(order):
            sleep_until(start)
            said = self.command("policy", "swap", policy_file(name)).strip()
            if name != "passthrough":
                self.command("policy", "set", f"window_us={WINDOW_MICROSECONDS}")
            if index < len(NAMES):
                self.show(f"$ flexnpu policy swap policies/{name}.lua\n{said}")
            elif index == len(NAMES):
                self.show("   … and again in rotated order")
            end = start + BURSTS * self.period
            counted = start + self.period
            sleep_until(counted)
            before, looked, delays = self.status(), time.monotonic(), self.run_delay()
            if index == self.index_shown:
                top = ("top", "--once", "--interval", "2s")
                self.show(f"$ flexnpu {' '.join(top)}\n" + self.command(*top).rstrip())
            sleep_until(end - lead)
            after, span = self.status(), time.monotonic() - looked
            busy = [(new["busyNanoseconds"] - old["busyNanoseconds"]) / span / 1e9
                    for old, new in zip(before["devices"], after["devices"])]
            self.segments.append({"policy": name, "from": counted, "until": end, "busy": busy,
                                  "delay": sum(max(0, delay - delays.get(thread, delay))
                                               for thread, delay in self.run_delay().items()) / span})
            start = end

    def run_delay(self):
        """By thread of the daemon and of its programs: seconds in which it was ready to run and had no core."""
        told = json.loads(self.command("list", "--json"))
        clients = told["clients"] if isinstance(told, dict) else told
        delays = {}
        for process in [self.daemon_id] + [client["pid"] for client in clients]:
            for thread in Path(f"/proc/{process}/task").glob("*/schedstat"):
                try:
                    delays[thread] = int(thread.read_text().split()[1]) / 1e9
                except OSError:
                    continue  # The thread has ended.
        return delays

    # MARK: What came of it

    def is_valid(self):
        """No completion was later than 2 % of the run, which is the device's measure; and each policy has a quiet segment."""
        in_time = all(device and device["isValid"] for device in self.lateness)
        return in_time and {segment["policy"] for segment in self.quiet_segments()} == set(NAMES)

    def quiet_segments(self):
        """Those in which the machine had room for the programs and the daemon. The others say nothing of a policy."""
        return [segment for segment in self.segments if segment["delay"] <= DELAY_MAX]

    def table(self):
        prompts, tokens = self.lines("serve"), self.lines("decode")
        return {name: self.row(name, prompts, tokens) for name in NAMES}

    def row(self, name, prompts, tokens):
        ttft, between, produced, answered, seconds, busy = [], [], 0, 0, 0.0, []
        for segment in self.quiet_segments():
            if segment["policy"] != name:
                continue
            within = lambda moment: segment["from"] <= moment < segment["until"]
            ttft += [(p["first"] - p["arrived"]) * 1e3 for p in prompts if within(p["arrived"])]
            steps = [token for token in tokens if within(token["begun"])]
            between += [(token["token"] - token["begun"]) * 1e3 for token in steps]
            produced += sum(token["sequences"] for token in steps)
            answered += sum(1 for prompt in prompts if within(prompt["first"]))
            seconds += segment["until"] - segment["from"]
            busy.append(segment["busy"])
        return {
            "ttft_mean": statistics.mean(ttft), "ttft_p99": quantile(ttft, 0.99),
            "tbt_mean": statistics.mean(between), "tbt_p99": quantile(between, 0.99),
            "tokens": produced / seconds, "prompts": answered / seconds,
            "busy": [statistics.mean(device) for device in zip(*busy)],
            "counted": (len(ttft), len(between)),
        }


def sleep_until(moment):
    time.sleep(max(0, moment - time.monotonic()))


def quantile(values, share):
    """The least value that at least `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-len(ordered) * share // 1) - 1)]


COLUMNS = (("ttft_mean", "TTFT mean", "{:.0f} ms"), ("ttft_p99", "p99", "{:.0f} ms"),
           ("tbt_mean", "between tokens mean", "{:.1f} ms"), ("tbt_p99", "p99", "{:.1f} ms"),
           ("tokens", "tokens/s", "{:.0f}"), ("prompts", "prompts/s", "{:.1f}"))


def table_lines(table):
    devices = len(next(iter(table.values()))["busy"])
    head = ["policy"] + [title for _, title, _ in COLUMNS] + [f"device {number} busy" for number in range(devices)]
    rows = [head] + [
        [name] + [form.format(row[key]) for key, _, form in COLUMNS] + [f"{busy:.0%}" for busy in row["busy"]]
        for name, row in table.items()]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    return ["  ".join(cell.ljust(width) if column == 0 else cell.rjust(width)
                      for column, (cell, width) in enumerate(zip(row, widths))).rstrip() for row in rows]


BARS = (("tbt_p99", "between tokens, p99"), ("ttft_mean", "time to first token, mean"))


def picture_lines(table, width=40):
    """What tokens and prompts wait under each policy, as bars: one scale a group."""
    lines = []
    for key, title in BARS:
        most = max(row[key] for row in table.values())
        lines.append(f"{title} (ms)")
        for name, row in table.items():
            lines.append(f"  {name:14}{'█' * max(1, round(row[key] / most * width))} {row[key]:.0f}")
    return lines


def order_line(table, key):
    """The policies from the least value to the greatest; = where two differ by 5 % at most."""
    names = sorted(table, key=lambda name: table[name][key])
    text = names[0]
    for before, name in zip(names, names[1:]):
        is_tie = table[name][key] <= table[before][key] * (1 + TIE)
        text += f" {'=' if is_tie else '<'} {name}"
    return text


PAIRS = (("tbt_p99", "decode-first", "fair"), ("tbt_p99", "fair", "fifo"))


def pairs_that_hold(table):
    """By more than a tie."""
    return [table[less][key] * (1 + TIE) < table[more][key] for key, less, more in PAIRS]


WHY = """\
Why: fifo takes the streams in turn, as the chip's own queues do (passthrough), so each operation of a token waits
behind one of every prompt under way; fair gives both programs the same time; under decode-first a token waits only for
what is in flight when it begins. The work is the same under each of them, so what tokens gain, prompts pay: see their
TTFT, the time from a prompt's arrival to its first token."""
