"""A device library that crashes or hangs, and work without an end: who is told, and who goes on."""

import signal
import time

from daemon_lost import calls
from daemons import Daemon
from registry import case
from workbench import expect, loop_program, plain_program, wait_until

ABORT_BYTES, FAULT_BYTES, HANG_BYTES = 12345856, 12346368, 12346880


def heavy(bench):
    return plain_program(bench, "heavy")


def expect_told(done):
    """The program was told of the daemon's end, within a second of the call that it was in."""
    failed = calls(done.out)
    expect(failed, f"it was not told: {done}")
    for name, code, ms, message in failed:
        expect(code != 0 and ms <= 1000 and "daemon" in message, f"{name}: {code} after {ms} ms, {message}: {done}")


def crash(bench, trigger, **environment):
    """A program makes the device library crash; another works beside it. Then the daemon is started again."""
    library, state = bench.broken_device(), bench.folder / "state"
    options = ("--device-library", library, "--state", state)
    environment = {"FLEXNPU_DEVICE_INLINE": "0", **environment}
    daemon = Daemon(bench, "decode-first", *options, environment=environment, name="daemon-1")
    programs = bench.routed_by_hand(daemon.socket)
    beside = bench.start(loop_program(bench), "forever", environment=programs)
    wait_until(lambda: "running" in beside.out, "the program beside works", 30)
    culprit = bench.start(heavy(bench), *trigger, environment=programs)
    died = daemon.process.wait(10)
    expect(died.code != 0, f"the daemon lives on: {died}")
    begun = time.monotonic()
    done = culprit.wait(10)
    expect(done.code == 3 and time.monotonic() - begun < 2, f"who asked for it is told: {done}")
    expect("507899" in done.out + done.err, f"its error says that the daemon is lost: {done}")
    expect_told(beside.wait(10, expected=7))
    with Daemon(bench, None, *options, environment={"FLEXNPU_DEVICE_INLINE": "0"}, name="daemon-2") as second:
        live = second.live_policy()
        expect(live["name"] == "decode-first", f"the policy is forgotten: {live}")
        bench.run(loop_program(bench), 200, environment=programs)


@case("a device library that aborts in aclrtMalloc: programs are told, a restarted daemon goes on")
def abort_in_malloc(bench):
    crash(bench, ("malloc", ABORT_BYTES))


@case("a device library that faults in aclrtMalloc: the same")
def fault_in_malloc(bench):
    crash(bench, ("malloc", FAULT_BYTES))


@case("a device library that faults in a launch: the same")
def fault_in_launch(bench):
    crash(bench, ("compile",), FLEXNPU_TEST_MUL="fault")


def expect_answers(daemon):
    for command in (("status",), ("list",), ("policy", "show"), ("top", "--once", "--interval", "100ms")):
        done = daemon.command(*command, timeout=5)
        expect(done.seconds < 1, f"{command} took {done.seconds:.1f} s")


def expect_quick_end(daemon):
    begun = time.monotonic()
    daemon.process.kill(signal.SIGTERM)
    daemon.process.wait(20, expected=0)
    took = time.monotonic() - begun
    expect(took < 2, f"it took {took:.1f} s to end")


def hang(bench, trigger, is_device_lost, **environment):
    daemon = Daemon(bench, "fifo", "--device-library", bench.broken_device(),
                    environment={"FLEXNPU_DEVICE_INLINE": "0", **environment})
    programs = bench.routed_by_hand(daemon.socket)
    culprit = bench.start(heavy(bench), *trigger, environment=programs)
    wait_until(lambda: any(one["calls"] > 3 for one in daemon.clients()), "the program works", 30)
    expect_answers(daemon)
    if not is_device_lost:
        bench.run(loop_program(bench), 200, environment=programs)
    expect(not culprit.is_over(), str(culprit.result()))
    expect_quick_end(daemon)
    done = culprit.wait(5)
    expect(done.code != 0, f"the program is told: {done}")


@case("a device that hangs in aclrtMalloc: status, list and policies answer, others work, SIGTERM ends the daemon")
def hang_in_malloc(bench):
    hang(bench, ("malloc", HANG_BYTES), False)


@case("a device that hangs in a launch: status, list and policies answer, SIGTERM ends the daemon")
def hang_in_launch(bench):
    hang(bench, ("compile",), True, FLEXNPU_TEST_MUL="hang")


@case("a copy that fails in its middle says so, once")
def copy_fails(bench):
    for kind in (1, 2):
        with Daemon(bench, "fifo", "--device-library", bench.broken_device(),
                    socket=bench.folder / f"daemon-{kind}.sock", name=f"daemon-{kind}",
                    environment={"FLEXNPU_DEVICE_INLINE": "0", "FLEXNPU_TEST_COPY": "1"}) as daemon:
            done = bench.run(plain_program(bench, "turns"), "copy", kind,
                             environment=bench.routed_by_hand(daemon.socket))
            expect(done.out == "copy 507011\ncopy 0\ncopy 0\n", f"kind {kind}: {done}")


@case("a device that hangs at its start: SIGTERM ends the daemon all the same")
def hang_at_start(bench):
    socket = bench.folder / "daemon.sock"
    environment = bench.environment(FLEXNPU_TEST_INIT="hang", FLEXNPU_SOCKET=socket)
    daemon = bench.start(bench.flexnpu, "daemon", "--socket", socket, "--device-library", bench.broken_device(),
                         environment=environment, name="daemon")
    wait_until(socket.exists, "the daemon starts", 10)
    begun = time.monotonic()
    daemon.kill(signal.SIGTERM)
    done = daemon.wait(20)
    expect(done.code == 1 and time.monotonic() - begun < 2, str(done))


@case("a device that hangs when the process ends: SIGTERM ends the daemon all the same")
def hang_at_exit(bench):
    daemon = Daemon(bench, "fifo", "--device-library", bench.broken_device(),
                    environment={"FLEXNPU_TEST_EXIT": "hang"})
    bench.run(loop_program(bench), 20, environment=bench.routed_by_hand(daemon.socket))
    expect_quick_end(daemon)


def in_flight(daemon):
    return daemon.status()["devices"][0]["inFlight"]


def abandon(bench, *work):
    """Killed in the middle of `work`: the device is the others' within two seconds. Told to stop in the middle of it:
    the daemon ends within two seconds."""
    for inline in ("1", "0"):
        daemon = Daemon(bench, "fifo", socket=bench.folder / f"daemon-{inline}.sock", name=f"daemon-{inline}",
                        environment={"FLEXNPU_DEVICE_INLINE": inline})
        for number in (signal.SIGKILL, None):
            program = daemon.start("route", heavy(bench), *work)
            wait_until(lambda: program.is_over() or in_flight(daemon) > 0, "the work runs", 60)
            expect(not program.is_over(), str(program.result()))
            if number is None:
                break
            begun = time.monotonic()
            program.kill(number)
            wait_until(lambda: in_flight(daemon) == 0, "the device is free", 20)
            took = time.monotonic() - begun
            expect(took < 2, f"inline {inline}: the work outlived its program by {took:.1f} s")
            daemon.run("route", loop_program(bench), 200, timeout=10)
        expect_quick_end(daemon)


@case("a fill that takes hours ends with its program, and with the daemon")
def endless_fill(bench):
    abandon(bench, "endless")


@case("a product that takes half a minute ends with its program, and with the daemon")
def long_product(bench):
    abandon(bench, "product", 12288)
