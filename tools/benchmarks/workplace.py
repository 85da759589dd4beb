"""The products, a folder, programs that run to their end, and daemons that end with their block."""

import json
import os
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / ".build" / "release"
FLEXNPU = BUILD / "flexnpu"
LIBRARY = BUILD / "libflexnpu-interposer.so"
PYTHON = ROOT / ".build" / "venv" / "bin" / "python"
BENCHMARKS = ROOT / "tools" / "benchmarks"
SCENARIOS = ROOT / "tools" / "scenarios"
POLICIES = ROOT / "policies"
PROGRAMS = ROOT / "Tests" / "EndToEnd" / "programs"


def numbers(text):
    """The numbers in a text, words left out."""
    found = []
    for word in text.split():
        try:
            found.append(float(word))
        except ValueError:
            pass
    return found


class Workplace:
    def __init__(self, folder, quick):
        self.folder, self.quick = folder, quick
        (folder / "run").mkdir(mode=0o700)
        self.environment = {key: value for key, value in os.environ.items()
                            if not key.startswith(("FLEXNPU_", "LD_"))}
        self.environment.update(XDG_RUNTIME_DIR=str(folder / "run"), XDG_CACHE_HOME=str(folder / "cache"))

    def rounds(self, count):
        return max(2, count // 3) if self.quick else count

    def output(self, *command, timeout=600, **environment):
        """What a program prints; one that fails ends the bench."""
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=timeout,
                              env={**self.environment, **{k: str(v) for k, v in environment.items()}})
        if done.returncode != 0:
            raise SystemExit(f"bench: {' '.join(str(part) for part in command)} ended with {done.returncode}:\n"
                             f"{done.stdout[-800:]}{done.stderr[-800:]}")
        return done.stdout

    def json(self, *command, **environment):
        return json.loads(self.output(*command, "--json", **environment))

    def start(self, *command, **environment):
        return subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL,
                                env={**self.environment, **{k: str(v) for k, v in environment.items()}})

    def compiled(self, name, *sources):
        """A C program, built in the folder."""
        target = self.folder / name
        if not target.exists():
            self.output("cc", "-O2", "-I", PROGRAMS, "-o", target, *sources, "-ldl", "-lpthread")
        return target

    def driver(self, name):
        return self.compiled(name, BENCHMARKS / f"{name}.c")

    def operations(self):
        return self.compiled("operations_driver", BENCHMARKS / "operations_driver.c", PROGRAMS / "ascendcl.c")

    def null_device(self):
        """A folder with a device library that does nothing, under CANN's names."""
        null = self.folder / "null"
        if not null.exists():
            null.mkdir()
            for name in ("libascendcl.so", "libopapi.so", "libnnopbase.so"):
                self.output("cc", "-O2", "-shared", "-fPIC", "-o", null / name, BENCHMARKS / "null_device.c")
        return null

    def floor(self, *arguments):
        """What a floor is at this moment: its first number."""
        return numbers(self.output(self.driver("floors"), *arguments))[0]

    def floor_of_decision(self):
        """Three protected calls of empty Lua functions, in nanoseconds; a program of its own because it wants Lua."""
        flags = self.output("pkg-config", "--cflags", "--libs", "lua5.4").split()
        return numbers(self.output(self.compiled("lua_floor", BENCHMARKS / "lua_floor.c", *flags)))[1]

    def loop(self):
        return self.compiled("loop", PROGRAMS / "loop.c", PROGRAMS / "ascendcl.c")

    def random_program(self):
        return self.compiled("random_program", *(PROGRAMS / f"{name}.c" for name in (
            "random_program", "random_plan", "random_run", "ascendcl")))


class Daemon:
    """A daemon on the software device, ended with the block."""

    def __init__(self, place, policy="fifo", *options, build=BUILD, under=(), **environment):
        """`build` is the folder of the products, `under` a tool that runs the daemon, as valgrind does."""
        self.place, self.environment = place, environment
        self.socket = place.folder / "run" / "bench.sock"
        self.command = [*under, build / "flexnpu", "daemon", "--socket", self.socket, "--policy",
                        POLICIES / f"{policy}.lua", *options]

    def __enter__(self):
        self.process = self.place.start(*self.command, **self.environment)
        until = time.monotonic() + 60
        while self.ask("status") is None:
            if time.monotonic() > until or self.process.poll() is not None:
                raise SystemExit("bench: the daemon does not answer")
            time.sleep(0.05)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=30)

    def ask(self, *command):
        done = subprocess.run([str(FLEXNPU), *command, "--socket", str(self.socket), "--json"],
                              capture_output=True, text=True, env=self.place.environment)
        return json.loads(done.stdout) if done.returncode == 0 and done.stdout.strip() else None

    def do(self, *command):
        self.place.output(FLEXNPU, *command, "--socket", self.socket)

    def loop_nanoseconds(self):
        """Processor time that the scheduling loop's thread has taken."""
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            if (task / "comm").read_text().strip() == "flexnpu-loop":
                return int((task / "schedstat").read_text().split()[0])
        raise SystemExit("bench: the daemon has no thread flexnpu-loop")

    def run(self, *program, labels=()):
        """Starts a routed program."""
        labelled = [part for label in labels for part in ("--label", label)]
        return self.place.start(FLEXNPU, "run", "--route", "--socket", self.socket, *labelled, "--", *program)

    def busy(self):
        """Busy nanoseconds of each client, by its label `name` or its number."""
        return {client["labels"].get("name", client["id"]): sum(p["busyNanoseconds"] for p in client["phases"])
                for client in self.ask("list") or []}

    def operations(self):
        return {client["id"]: sum(phase["operations"] for phase in client["phases"])
                for client in self.ask("list") or []}
