"""Where a case works: its folder, the products under test, and every process it starts. Nothing outlives the case."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PROGRAMS = Path(__file__).resolve().parents[1] / "programs"
POLICIES = Path(__file__).resolve().parents[1] / "policies"
# What programs here that speak to the daemon by hand include.
WIRE = ROOT / "Sources" / "CWire" / "include"
SCENARIOS = ROOT / "tools" / "scenarios"

# The libraries of CANN that programs here link or open.
CANN_LIBRARIES = [
    "libascendcl.so", "libopapi.so", "libnnopbase.so", "libacl_op_compiler.so", "libhccl.so",
    "libge_runner.so", "libgraph.so", "libruntime.so", "libprofapi.so", "libms_tools_ext.so",
]


class Failed(Exception):
    """A case did not hold."""


class Skipped(Exception):
    """A case cannot be run here; the text says why."""


def expect(condition, message):
    if not condition:
        raise Failed(message)


def wait_until(condition, what, timeout=20.0):
    """Returns the first true answer of `condition`; a case fails when there is none in time."""
    end = time.monotonic() + timeout
    while True:
        answer = condition()
        if answer:
            return answer
        expect(time.monotonic() < end, f"after {timeout:g} s: {what}")
        time.sleep(0.02)


class Result:
    """How a program ended."""

    def __init__(self, arguments, code, out, err, seconds):
        self.arguments, self.code, self.out, self.err = arguments, code, out, err
        self.seconds = seconds

    def __str__(self):
        command = " ".join(str(a) for a in self.arguments)
        return f"{command}\n  exit code {self.code} after {self.seconds:.1f} s\n" + "".join(
            f"  {line}\n" for line in (self.out + self.err).splitlines()[-30:])


class Running:
    """A program that runs; its output goes to files, so that it never waits for us."""

    def __init__(self, arguments, environment, folder, name):
        self.arguments = [str(a) for a in arguments]
        self.out_path, self.err_path = folder / f"{name}.out", folder / f"{name}.err"
        self.begun = time.monotonic()
        with open(self.out_path, "wb") as out, open(self.err_path, "wb") as err:
            # A session of its own: a stray signal of a terminal reaches us alone, and a kill all of it.
            self.process = subprocess.Popen(
                self.arguments, env=environment, cwd=folder, stdout=out, stderr=err,
                stdin=subprocess.DEVNULL, start_new_session=True)

    @property
    def pid(self):
        return self.process.pid

    @property
    def out(self):
        return self.out_path.read_text(errors="replace")

    @property
    def err(self):
        return self.err_path.read_text(errors="replace")

    def is_over(self):
        return self.process.poll() is not None

    def wait(self, timeout=60.0, expected=None):
        """The result; a program that is not over in time is ended and fails the case."""
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.end()
            raise Failed(f"hangs: {self.result()}") from None
        result = self.result()
        if expected is not None:
            expect(result.code == expected, f"expected exit code {expected}: {result}")
        return result

    def result(self):
        return Result(self.arguments, self.process.returncode, self.out, self.err,
                      time.monotonic() - self.begun)

    def kill(self, number=signal.SIGKILL):
        if not self.is_over():
            self.process.send_signal(number)

    def end(self):
        """Ends it and all that it started, which may live on without it."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()


class Workbench:
    """The products, and a folder that is removed with everything that still runs."""

    compiled = {}
    programs = None

    def __init__(self, build, keep=False):
        self.build = Path(build).resolve()
        self.flexnpu = self.build / "flexnpu"
        self.keep = keep
        self.running = []
        self.folder = Path(tempfile.mkdtemp(prefix="flexnpu-test-"))
        python = os.environ.get("FLEXNPU_PYTHON")
        self.python = Path(python) if python else ROOT / ".build" / "venv" / "bin" / "python"

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        for one in reversed(self.running):
            one.kill(signal.SIGTERM)
        end = time.monotonic() + 5
        for one in self.running:
            while not one.is_over() and time.monotonic() < end:
                time.sleep(0.02)
            one.end()
        if not self.keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def torch_python(self):
        if not self.python.exists():
            raise Skipped(f"there is no {self.python}; run tools/setup")
        return self.python

    def environment(self, **extra):
        """The caller's environment without what would lead programs elsewhere, with caches in the folder."""
        kept = {k: v for k, v in os.environ.items()
                if not k.startswith("FLEXNPU_") and k not in ("LD_LIBRARY_PATH", "LD_PRELOAD")}
        kept.update(
            FLEXNPU_SOCKET=str(self.folder / "daemon.sock"), XDG_CACHE_HOME=str(self.folder / "cache"),
            XDG_RUNTIME_DIR=str(self.folder / "run"), TORCH_DEVICE_BACKEND_AUTOLOAD="0",
            OMP_NUM_THREADS="1", PYTHONDONTWRITEBYTECODE="1")
        if os.environ.get("FLEXNPU_EXECUTOR") == "threaded":
            kept["FLEXNPU_DEVICE_INLINE"] = "0"
        kept.update({k: str(v) for k, v in extra.items() if v is not None})
        (self.folder / "run").mkdir(mode=0o700, exist_ok=True)
        return kept

    def start(self, *arguments, environment=None, name=None, timeout=None):
        name = name or f"{len(self.running)}-{Path(str(arguments[0])).name}"
        one = Running(arguments, environment or self.environment(), self.folder, name)
        self.running.append(one)
        return one

    def run(self, *arguments, environment=None, timeout=60.0, expected=0):
        """Runs a program to its end. `expected` None takes any exit code."""
        return self.start(*arguments, environment=environment).wait(timeout, expected)

    def command(self, *arguments, environment=None, timeout=60.0, expected=0):
        """`flexnpu …`."""
        return self.run(self.flexnpu, *arguments, environment=environment, timeout=timeout,
                        expected=expected)

    def program(self, name, *sources):
        """A C program from `programs/`, built once a run."""
        if name not in Workbench.compiled:
            if Workbench.programs is None:
                Workbench.programs = Path(tempfile.mkdtemp(prefix="flexnpu-programs-"))
            target = Workbench.programs / name
            command = ["cc", "-O1", "-g", "-Wall", "-Wextra", "-Werror", "-I", WIRE, "-o", target]
            command += [*sources, "-lpthread", "-ldl"]
            done = subprocess.run([str(a) for a in command], capture_output=True, text=True, timeout=120)
            expect(done.returncode == 0, f"{name} does not build: {done.stderr}")
            Workbench.compiled[name] = target
        return Workbench.compiled[name]

    def slow_device(self):
        """A device library that is slow now and then (`slow_device.c`)."""
        return self.device_library("slow_device")

    def broken_device(self):
        """A device library that crashes or hangs on request (`broken_device.c`)."""
        return self.device_library("broken_device")

    def device_library(self, name):
        target = self.folder / f"lib{name}.so"
        self.run("cc", "-O1", "-Wall", "-Wextra", "-Werror", "-D_GNU_SOURCE", "-shared", "-fPIC",
                 "-Wl,--no-as-needed", "-o", target, PROGRAMS / f"{name}.c",
                 self.build / "libflexnpu-device.so", f"-Wl,-rpath,{self.build}", "-ldl")
        return target

    def interposer(self):
        for name in ("libflexnpu.so", "libflexnpu-interposer.so"):
            if (self.build / name).exists():
                return self.build / name
        raise Failed(f"there is no libflexnpu.so in {self.build}")

    def links(self, library):
        """A folder in which CANN's names lead to `library`, for programs that are started by hand."""
        folder = self.folder / f"links-{Path(library).stem}"
        if not folder.exists():
            folder.mkdir()
            for name in CANN_LIBRARIES:
                (folder / name).symlink_to(library)
        return folder

    def routed_by_hand(self, socket):
        """The environment of a program that is routed to `socket`, whether somebody listens there or not."""
        return self.environment(
            FLEXNPU_MODE="route", FLEXNPU_SOCKET=socket,
            LD_LIBRARY_PATH=self.links(self.interposer()))

    def observed_by_hand(self, socket):
        device = self.links(self.build / "libflexnpu-device.so")
        return self.environment(
            FLEXNPU_MODE="observe", FLEXNPU_SOCKET=socket, LD_LIBRARY_PATH=device,
            LD_PRELOAD=self.interposer())


def random_program(bench):
    return bench.program("random_program", *(PROGRAMS / f"{name}.c" for name in (
        "random_program", "random_plan", "random_run", "ascendcl")))


def unusual_program(bench):
    return bench.program("unusual", *sorted(PROGRAMS.glob("unusual*.c")), PROGRAMS / "ascendcl.c")


def plain_program(bench, name):
    """A program of one file."""
    return bench.program(name, PROGRAMS / f"{name}.c", PROGRAMS / "ascendcl.c")


def loop_program(bench):
    return bench.program("loop", PROGRAMS / "loop.c", PROGRAMS / "ascendcl.c")


def conformance_program(bench):
    return bench.program("conformance", *sorted((ROOT / "Tests" / "DeviceConformance").glob("*.c")))
