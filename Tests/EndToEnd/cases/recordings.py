"""What a recording costs and keeps: nobody listens, it begins and ends while programs run, its compact form."""

import json
import signal

from daemons import Daemon
from registry import case
from workbench import Failed, expect, loop_program, wait_until


def calls(daemon):
    return sum(client["calls"] for client in daemon.clients() if client["mode"] == "observe")


@case("an observed program's calls are seen while a recording runs, and only then")
def seen_while_recorded(bench):
    with Daemon(bench, "fair") as daemon:
        program = daemon.start("observe", loop_program(bench), "forever")
        wait_until(lambda: "running" in program.out and daemon.clients(), "the program is there", 30)
        expect(calls(daemon) == 0, f"calls are counted though nobody records: {daemon.clients()}")
        for name in ("first", "second"):
            before = calls(daemon)
            daemon.command("trace", "record", bench.folder / name, "--background")
            wait_until(lambda: calls(daemon) > before + 1000, f"the {name} recording sees calls", 20)
            daemon.command("trace", "record", "--stop")
            stopped = calls(daemon)
            expect(calls(daemon) == stopped, "calls are counted after the recording")
            stats = json.loads(bench.command("trace", "stats", bench.folder / name, "--json").out)
            expect(stats["calls"] == stopped - before, f"{stopped - before} calls were seen: {stats['calls']}")
        program.end()


@case("records as they came and their compact form say the same")
def compact_form(bench):
    with Daemon(bench, "fair") as daemon:
        for mode in ("route", "observe"):
            folder = bench.folder / mode
            daemon.command("trace", "record", folder, "--background")
            daemon.run(mode, loop_program(bench), "1000")
            daemon.command("trace", "record", "--stop", "--raw")
            expect(any(path.name.startswith("thread-") for path in folder.iterdir()), str(list(folder.iterdir())))
            expect(folder.stat().st_mode & 0o777 == 0o700, "the folder is open to others")
            expect(all(path.stat().st_mode & 0o777 == 0o600 for path in folder.iterdir()), "a file is open to others")
            raw = bench.command("trace", "dump", folder).out
            size = sum(path.stat().st_size for path in folder.iterdir())
            bench.command("trace", "compact", folder)
            expect(bench.command("trace", "dump", folder).out == raw, f"{mode}: another dump when compact")
            compact = sum(path.stat().st_size for path in folder.iterdir())
            expect(compact < size, f"{mode}: {size} bytes became {compact}")
            expect(not any(path.name.startswith("thread-") for path in folder.iterdir()), "not compact")
            expect("compact already" in bench.command("trace", "compact", folder).out, "it is compact")


@case("what was lost is the same number at the end and in the trace")
def lost_counts(bench):
    with Daemon(bench, "fair") as daemon:
        folder = bench.folder / "trace"
        daemon.command("trace", "record", folder, "--background")
        # More than the rings hold while the draining thread does not run.
        program = daemon.start("observe", loop_program(bench), "forever")
        wait_until(lambda: calls(daemon) > 1000, "calls are seen", 30)
        daemon.process.kill(signal.SIGSTOP)
        try:
            program.wait(2)  # it does not end by itself: it works on, and is ended
        except Failed:
            pass
        finally:
            daemon.process.kill(signal.SIGCONT)
        wait_until(lambda: not daemon.clients(), "the program is gone", 20)
        stopped = json.loads(daemon.command("trace", "record", "--stop", "--json").out)
        stats = json.loads(bench.command("trace", "stats", folder, "--json").out)
        expect(stats["lost"] == stopped["lost"], f"{stopped} and {stats['lost']}")
        expect(stats["lost"] > 0, "nothing was lost: the case does not test")


@case("an observed program finds the next daemon although nobody recorded it")
def next_daemon(bench):
    first = Daemon(bench, "fair", name="daemon-1")
    program = first.start("observe", loop_program(bench), "forever")
    wait_until(lambda: "running" in program.out and first.clients(), "the program is there", 30)
    first.process.kill(signal.SIGKILL)
    first.process.wait(10)
    with Daemon(bench, "fair", "--trace", bench.folder / "trace", name="daemon-2") as second:
        wait_until(lambda: calls(second) > 1000, "the next daemon sees its calls", 30)
        program.end()
