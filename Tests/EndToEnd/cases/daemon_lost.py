"""The daemon is not there, or goes away: routed programs are told, observed ones notice nothing."""

import re
import signal

from daemons import Daemon
from registry import case
from workbench import Failed, expect, loop_program, random_program, wait_until

CALL = re.compile(r"^call (\S+) code (-?\d+) ms (\d+): (.*)$", re.MULTILINE)


def calls(text):
    return [(name, int(code), int(ms), message) for name, code, ms, message in CALL.findall(text)]


@case("absent at start: a routed program gets an error within a second")
def absent_routed(bench):
    environment = bench.routed_by_hand(bench.folder / "nobody.sock")
    done = bench.run(loop_program(bench), "10", environment=environment, timeout=10, expected=6)
    (name, code, ms, message), = calls(done.out)
    expect(name == "start" and code == 507899 and ms < 1000, str(done))
    expect("daemon" in message and "nobody.sock" in message, f"the message does not say it: {done}")


@case("absent at start: an observed program does not notice")
def absent_observed(bench):
    environment = bench.observed_by_hand(bench.folder / "nobody.sock")
    bench.run(random_program(bench), "5", "3000", environment=environment, timeout=60)


@case("absent at start: flexnpu run starts a private daemon")
def absent_private(bench):
    environment = bench.environment()
    del environment["FLEXNPU_SOCKET"]
    bench.command("run", "--route", "--", loop_program(bench), "100", environment=environment)
    bench.command("status", environment=environment, expected=1)


@case("absent at start, but named: flexnpu run says so")
def absent_named(bench):
    done = bench.command("run", "--route", "--", loop_program(bench), "100", expected=125)
    expect("no daemon" in done.err and done.seconds < 5, str(done))


@case("a command without a daemon says so")
def command_without(bench):
    done = bench.command("list", expected=1)
    expect("no daemon" in done.err and done.seconds < 5, str(done))


def lose(bench, number):
    daemon = Daemon(bench, "fair")
    program = daemon.start("route", loop_program(bench), "forever")
    wait_until(lambda: "running" in program.out, "the program works", 30)
    daemon.process.kill(number)
    done = program.wait(20, expected=7)
    failed = calls(done.out)
    expect(len(failed) == 11, f"not every call came back: {done}")
    for name, code, ms, message in failed:
        expect(code != 0, f"{name} succeeded without a daemon: {done}")
        expect(ms <= 1000, f"{name} took {ms} ms: {done}")
        expect("daemon" in message, f"{name} does not say what happened: {done}")
    expect(failed[0][1] == 507899, f"the first failure's code: {done}")
    daemon.process.wait(10)


@case("killed while programs are routed: every call fails within a second and says why")
def killed(bench):
    lose(bench, signal.SIGKILL)


@case("told to stop while programs are routed: the same")
def stopped(bench):
    lose(bench, signal.SIGTERM)


@case("killed while a program waits for its stream: the wait ends")
def killed_while_waiting(bench):
    daemon = Daemon(bench, "fifo")
    program = daemon.start("route", random_program(bench), "3", "4000000", "4")
    wait_until(lambda: any(client["calls"] > 5000 for client in daemon.clients()),
               "the program works", 60)
    daemon.process.kill(signal.SIGKILL)
    daemon.process.wait(10)
    done = program.wait(10, expected=3)
    expect("507899" in done.out and "daemon" in done.out, str(done))


@case("killed while a program is observed: it does not notice")
def killed_observed(bench):
    daemon = Daemon(bench, "fifo", "--trace", bench.folder / "trace")
    program = daemon.start("observe", random_program(bench), "7", "400000")
    wait_until(lambda: any(client["calls"] > 100 for client in daemon.clients()),
               "the program is observed", 30)
    if program.is_over():
        raise Failed("the program was over before the daemon was killed")
    daemon.process.kill(signal.SIGKILL)
    program.wait(120, expected=0)


@case("a restarted daemon serves new programs and remembers its policy")
def restarted(bench):
    state = bench.folder / "state"
    first = Daemon(bench, "decode-first", "--state", state, name="daemon-1")
    first.command("policy", "set", "starve_ms=20")
    program = first.start("route", loop_program(bench), "forever")
    wait_until(lambda: "running" in program.out, "the program works", 30)
    first.process.kill(signal.SIGKILL)
    first.process.wait(10)
    program.wait(20, expected=7)
    with Daemon(bench, None, "--state", state, name="daemon-2") as second:
        live = second.live_policy()
        expect(live["name"] == "decode-first", f"the policy is forgotten: {live}")
        values = {option["key"]: option["value"] for option in live["options"]}
        expect(float(values["starve_ms"]) == 20, f"the option is forgotten: {live}")
        second.run("route", loop_program(bench), "200")
