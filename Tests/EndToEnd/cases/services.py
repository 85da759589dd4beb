"""The daemon as a service: what the service manager hears, draining, and a restart under programs that are observed."""

import json
import re
import shutil
import signal
import socket
import subprocess
import time

from daemons import Daemon
from registry import case
from workbench import ROOT, Skipped, expect, loop_program, wait_until


class ServiceManager:
    """A socket as systemd's, and what came to it."""

    def __init__(self, bench):
        self.path = bench.folder / "notify"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self.path))
        self.socket.setblocking(False)
        self.heard = []

    def listen(self):
        while True:
            try:
                self.heard += [(time.monotonic(), line) for line in self.socket.recv(4096).decode().split("\n")]
            except BlockingIOError:
                return [line for _, line in self.heard]


@case("the service manager hears that the daemon serves, whom, that it lives, and that it ends")
def service_manager(bench):
    manager = ServiceManager(bench)
    variables = {"NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": 1_000_000}
    daemon = Daemon(bench, "fifo", environment=variables)
    wait_until(lambda: "READY=1" in manager.listen(), "it is ready")
    expect(daemon.socket.exists(), "ready before it could be reached")
    expect(manager.listen()[0] == "READY=1", str(manager.heard))
    program = daemon.start("route", loop_program(bench), "forever")
    wait_until(lambda: "STATUS=serving, 1 program" in manager.listen(), "it says whom it serves")
    wait_until(lambda: manager.listen().count("WATCHDOG=1") >= 8, "it lives", 20)
    beats = [at for at, line in manager.heard if line == "WATCHDOG=1"]
    gaps = [b - a for a, b in zip(beats, beats[1:])]
    expect(max(gaps) < 1, f"a second without a sign of life: {gaps}")
    # Stopped, it gives none; a side thread's timer would be no different, so the loop's part is a unit test's.
    daemon.process.kill(signal.SIGSTOP)
    time.sleep(0.1)
    manager.listen()
    manager.heard.clear()
    time.sleep(1)
    expect(manager.listen() == [], f"a stopped daemon says that it lives: {manager.heard}")
    daemon.process.kill(signal.SIGCONT)
    wait_until(lambda: "WATCHDOG=1" in manager.listen(), "it lives again")
    # A second signal is harmless.
    daemon.process.kill(signal.SIGTERM)
    daemon.process.kill(signal.SIGTERM)
    daemon.process.wait(20, expected=0)
    expect("STOPPING=1" in manager.listen(), str(manager.heard))
    program.wait(20, expected=7)


@case("a drained daemon takes nobody, says so, and ends when the last program goes")
def drain(bench):
    manager = ServiceManager(bench)
    daemon = Daemon(bench, "fifo", environment={"NOTIFY_SOCKET": manager.path})
    programs = [daemon.start("route", loop_program(bench), "forever"),
                daemon.start("observe", loop_program(bench), "forever")]
    wait_until(lambda: len(daemon.clients()) == 2, "the programs are there", 30)
    first = daemon.command("daemon", "--drain")
    expect("2 that it serves" in first.out, str(first))
    daemon.command("daemon", "--drain")
    status = daemon.status()
    expect(status["isDraining"] and "draining" in daemon.command("status").out, str(status))
    wait_until(lambda: "STATUS=draining, 2 programs" in manager.listen(), "the service manager hears it")
    done = bench.run(loop_program(bench), "10", environment=bench.routed_by_hand(daemon.socket), expected=6)
    expect("draining" in done.out, str(done))
    # One that is observed goes on as if there were no daemon.
    bench.run(loop_program(bench), "10", environment=bench.observed_by_hand(daemon.socket), expected=0)
    programs[0].end()
    wait_until(lambda: len(daemon.clients()) == 1, "one is left")
    expect(not daemon.process.is_over(), "it ended with a program that it served")
    programs[1].end()
    daemon.process.wait(10, expected=0)
    expect(not daemon.socket.exists(), "the socket is left behind")


@case("a drained daemon without programs ends at once, with an answer")
def drain_empty(bench):
    for _ in range(5):
        daemon = Daemon(bench, "fifo")
        expect("ends now" in daemon.command("daemon", "--drain").out, "no answer")
        daemon.process.wait(10, expected=0)


@case("an observed program goes on over a restart, and the next daemon records it")
def observed_over_restart(bench):
    first = Daemon(bench, "fifo", name="daemon-1")
    program = first.start("observe", loop_program(bench), "forever")
    wait_until(lambda: "running" in program.out and first.clients(), "the program is there", 30)
    for number in (signal.SIGTERM, signal.SIGKILL):
        first.process.kill(number)
        first.process.wait(20)
        second = Daemon(bench, "fifo", name=f"daemon-{number}")
        wait_until(second.clients, "the program comes to the next daemon", 20)
        trace = bench.folder / f"trace-{number}"
        second.command("trace", "record", trace, "--for", "500ms")
        stats = json.loads(bench.command("trace", "stats", trace, "--json").out)
        expect(stats["calls"] > 100, f"its calls are not recorded: {stats['calls']}")
        first = second
    expect(not program.is_over(), f"it ended: {program.result()}")
    program.end()
    first.stop()


@case("programs and daemons in namespaces of their own, as containers have them")
def namespaces(bench):
    apart = ["unshare", "--fork", "--kill-child", "--pid", "--net", "--ipc", "--mount-proc"]
    if shutil.which("unshare") is None or subprocess.run([*apart, "true"], capture_output=True).returncode != 0:
        raise Skipped("no namespaces can be made here")

    def come_and_go(daemon, *prefix):
        environment = bench.routed_by_hand(daemon.socket)
        bench.run(*prefix, loop_program(bench), "100", environment=environment)
        program = bench.start(*prefix, loop_program(bench), "forever", environment=environment)
        wait_until(lambda: "running" in program.out, "the program works", 30)
        expect(len(daemon.clients()) == 1, str(daemon.clients()))
        program.end()
        wait_until(lambda: not daemon.clients(), "its end is seen")

    with Daemon(bench, "fifo", name="daemon-1") as daemon:
        come_and_go(daemon, *apart)
    inside = bench.folder / "inside.sh"
    inside.write_text('#!/bin/sh\nexec unshare --fork --kill-child --pid --net --ipc --mount-proc '
                      f'{bench.flexnpu} "$@"\n')
    inside.chmod(0o755)
    bench.flexnpu, flexnpu = inside, bench.flexnpu
    try:
        daemon = Daemon(bench, "fifo", socket=bench.folder / "inside.sock", name="daemon-2")
    finally:
        bench.flexnpu = flexnpu
    come_and_go(daemon)
    daemon.command("daemon", "--drain")
    daemon.process.wait(10, expected=0)


@case("the unit is one that systemd takes, and shuts the service in")
def unit(bench):
    if shutil.which("systemd-analyze") is None:
        raise Skipped("there is no systemd-analyze")
    text = (ROOT / "tools" / "deploy" / "flexnpu.service").read_text()
    # The program is looked for where the unit says, which is nowhere here.
    unit = bench.folder / "flexnpu.service"
    unit.write_text(re.sub(r"/usr/local/bin/flexnpu", str(bench.flexnpu), text))
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, timeout=60)
    complaints = [line for line in done.stderr.splitlines() if "flexnpu.service" in line]
    expect(done.returncode == 0 and not complaints, f"{done.returncode}: {done.stderr}")
    done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=30", unit],
                          capture_output=True, text=True, timeout=60)
    if "unrecognized option" in done.stderr:
        raise Skipped("this systemd-analyze cannot look at a file")
    expect(done.returncode == 0, done.stdout[-2000:] + done.stderr)
