"""Who may come in, how many, and how much each may have; whoever is kept out is told why, and the others never notice."""

import contextlib
import os
import re
import resource
import shutil
import signal
import socket
import struct
import subprocess
import threading
import time

from daemons import Daemon
from registry import case
from workbench import CANN_LIBRARIES, PROGRAMS, Skipped, expect, loop_program, wait_until

USER, GROUP = 54320, 54321


def start_loop(bench, daemon, *labels):
    program = daemon.start("route", loop_program(bench), "forever", labels=labels)
    wait_until(lambda: "running" in program.out, "the program works", 30)
    return program


def greedy(daemon, *arguments, labels=()):
    """A program that takes what it can get; how much, the code that ended it, and the message."""
    program = daemon.start("route", "python3", PROGRAMS / "greedy.py", *arguments, labels=labels)
    return program, got(program, 1)


def got(program, turn):
    found = wait_until(lambda: (program.is_over() and [None] * turn) or re.findall(
        r"^got (\d+) code (\d+): (.*)$", program.out, re.MULTILINE)[turn - 1:], "it has what it can get", 60)[0]
    expect(found is not None, f"it ended: {program.result()}")
    return int(found[0]), int(found[1]), found[2]


def uses(daemon, name):
    return {one["name"]: (one.get("used"), one.get("limit"))
            for client in daemon.clients() if client["name"] == name for one in client["limits"]}


def descriptors(daemon):
    return len(os.listdir(f"/proc/{daemon.process.pid}/fd"))


# ---- Limits of a program ----


@case("device memory past a label's limit is a named error; the limit is shown, and changed while it runs")
def memory_limit(bench):
    with Daemon(bench, "fifo") as daemon:
        other = start_loop(bench, daemon)
        program, (count, code, message) = greedy(
            daemon, "memory", labels=["name=greedy", "limit.memory=5M"])
        expect((count, code) == (5, 207001) and "memory" in message, f"{count} {code} {message}")
        expect(uses(daemon, "greedy")["memory"] == (5 << 20, 5 << 20), str(uses(daemon, "greedy")))
        listed = daemon.command("list", "--limits").out
        expect(re.search(r"greedy +memory +5.00 MiB +5.00 MiB", listed), listed)
        client = next(one["id"] for one in daemon.clients() if one["name"] == "greedy")
        daemon.command("limit", client, "memory=7M")
        program.kill(signal.SIGUSR1)
        expect(got(program, 2)[:2] == (6, 0), "a raised limit gives no more")
        done = daemon.command("limit", client, "programs=7", expected=1)
        expect("--limit" in done.err, str(done))
        daemon.command("limit", 999, "memory=1G", expected=1)
        expect(not other.is_over(), f"it ended: {other.result()}")


@case("a label that asks for more than the daemon gives, or for nothing that there is: told at the start")
def wrong_limits(bench):
    with Daemon(bench, "fifo", "--limit", "memory=1G") as daemon:
        for label, words in (("limit.memory=2G", "lower"), ("limit.memory=x", "memory=8G"), ("limit.x=1", "one of")):
            done = daemon.run("route", loop_program(bench), "10", labels=[label], expected=6)
            expect(words in done.out and label.split("=")[0] in done.out, str(done))
        daemon.run("route", loop_program(bench), "10", labels=["limit.memory=512M"])
    done = bench.command("daemon", "--limit", "memroy=1G", expected=64)
    expect("memory" in done.err, str(done))


@case("a program at its rate waits; another one does not")
def rate_limit(bench):
    with Daemon(bench, "fifo") as daemon:
        begun = time.monotonic()
        slow = daemon.start("route", loop_program(bench), "1000", labels=["limit.operations_per_second=1000"])
        daemon.run("route", loop_program(bench), "1000", timeout=30)
        expect(not slow.is_over(), "3,000 operations took less than three seconds")
        slow.wait(30, expected=0)
        took = time.monotonic() - begun
        expect(2.5 < took < 12, f"3,000 operations at 1,000 a second took {took:.1f} s")


@case("pinned memory keeps no descriptor of the daemon's, and its limit is a named error")
def pinned(bench):
    with Daemon(bench, "fifo") as daemon:
        before = descriptors(daemon)
        program, (count, code, _) = greedy(daemon, "pinned", "1000")
        expect((count, code) == (1000, 0), f"{count} {code}")
        more = descriptors(daemon) - before
        expect(more <= 6, f"1000 blocks of pinned memory keep {more} descriptors")
        _, (count, code, message) = greedy(daemon, "pinned", labels=["limit.host_memory=1M"])
        expect(count == 16 and code != 0 and "host_memory" in message, f"{count} {code} {message}")


# ---- Descriptors ----


@contextlib.contextmanager
def few_descriptors(count):
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(count, before[1]), before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


@case("the daemon may open as many files as the system lets it")
def raised(bench):
    with few_descriptors(256), Daemon(bench, "fifo") as daemon:
        lines = open(f"/proc/{daemon.process.pid}/limits").read().splitlines()
        soft, hard = next(line.split()[3:5] for line in lines if line.startswith("Max open files"))
        expect(soft == hard, f"{soft} of {hard}")


@case("no descriptors left: programs are told so, who is served goes on, and room is used again")
def no_descriptors(bench):
    with Daemon(bench, "fifo") as daemon:
        other = start_loop(bench, daemon)
        limit = descriptors(daemon) + 12
        done = bench.run("prlimit", f"--nofile={limit}:{limit}", "--pid", daemon.process.pid, expected=None)
        if done.code != 0:
            raise Skipped(f"the limit of a process cannot be set: {done.err}")
        served, refused = [], None
        for _ in range(20):
            program = daemon.start("route", loop_program(bench), "forever")
            wait_until(lambda: "running" in program.out or program.is_over(), "it works or is told", 60)
            if program.is_over():
                refused = program.result()
                break
            served.append(program)
        expect(refused and served, f"{len(served)} are served: {refused}")
        expect("descriptors" in refused.out + refused.err, str(refused))
        # A thread's ring needs one for a moment only; where there is none its call says so.
        expect(not other.is_over() and not any(one.is_over() for one in served), "others ended with it")
        for one in served:
            one.end()
        wait_until(lambda: descriptors(daemon) < limit - 6, "the descriptors come back")
        daemon.run("route", loop_program(bench), "100")
        expect(not other.is_over(), f"it ended: {other.result()}")


# ---- Crowds ----


def hello():
    return struct.pack("<IIIIiIQ4Q", 0x31575846, 2, 2, 0, os.getpid(), 0, 0, 0, 0, 0, 0)


@case("ten thousand connections that say nothing: programs start among them, and nothing is left of them")
def ten_thousand(bench):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    count = min(10_000, hard - 300)
    with Daemon(bench, "fifo") as daemon:
        before = descriptors(daemon)
        peers, lost = [], []

        def crowd():
            # All stay open on this side; the daemon lets go of them.
            try:
                for _ in range(count):
                    peers.append(socket.socket(socket.AF_UNIX))
                    peers[-1].connect(str(daemon.socket))
            except OSError as why:
                lost.append(why)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        thread = threading.Thread(target=crowd)
        try:
            thread.start()
            wait_until(lambda: len(peers) > 600, "the crowd is there", 30)
            slowest, runs = 0.0, 0
            while runs == 0 or thread.is_alive():
                begun = time.monotonic()
                daemon.run("route", loop_program(bench), "100", timeout=30)
                slowest, runs = max(slowest, time.monotonic() - begun), runs + 1
            expect(not lost and len(peers) == count, f"a connection failed: {lost}")
            expect(slowest < 12, f"a program took {slowest:.1f} s")
            wait_until(lambda: descriptors(daemon) <= before + 1, "the crowd's descriptors are closed", 30)
        finally:
            thread.join(60)
            for peer in peers:
                peer.close()
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@case("three hundred commands that never read their answers: another is answered")
def never_reading(bench):
    with Daemon(bench, "fifo") as daemon:
        request = b'{"status":{}}'
        framed = struct.pack("<I", len(request)) + request
        peers = []
        try:
            for _ in range(300):
                peer = socket.socket(socket.AF_UNIX)
                peers.append(peer)
                peer.settimeout(10)
                peer.connect(str(daemon.socket))
                peer.sendall(hello())
                peer.setblocking(False)
                with contextlib.suppress(BlockingIOError, BrokenPipeError, ConnectionResetError):
                    while True:
                        peer.send(framed * 64)
            for _ in range(3):
                done = daemon.command("status", timeout=20)
                expect(done.seconds < 8, f"it took {done.seconds:.1f} s")
            daemon.run("route", loop_program(bench), "100", timeout=20)
        finally:
            for peer in peers:
                peer.close()


@case("a daemon that is stopped: commands say so and what to do, in seconds")
def stopped(bench):
    with Daemon(bench, "fifo") as daemon:
        daemon.process.kill(signal.SIGSTOP)
        try:
            for command in (["list", "--json"], ["daemon", "--drain"]):
                done = daemon.command(*command, expected=1, timeout=20)
                expect(f"kill -CONT {daemon.process.pid}" in done.err, str(done))
                expect(done.seconds < 10, f"{command} took {done.seconds:.1f} s")
            second = bench.command("daemon", "--socket", daemon.socket, expected=1, timeout=20)
            expect("listens there already" in second.err, str(second))
        finally:
            daemon.process.kill(signal.SIGCONT)
        daemon.command("status")


# ---- Users ----


def as_user(groups, *command):
    groups = f"--groups={groups}" if groups else "--clear-groups"
    return ["setpriv", f"--reuid={USER}", f"--regid={USER}", groups, *map(str, command)]


def open_place(bench):
    """A folder that anybody may enter, with what another user needs in it."""
    if os.getuid() != 0:
        raise Skipped("only root can start a program as another user")
    if shutil.which("setpriv") is None:
        raise Skipped("there is no setpriv")
    bench.folder.chmod(0o755)
    place = bench.folder / "open"
    place.mkdir()
    # One file, or a program would load several libraries that know nothing of each other.
    library = shutil.copy(bench.interposer(), place)
    (place / "links").mkdir()
    for name in CANN_LIBRARIES:
        (place / "links" / name).symlink_to(library)
    for program in (loop_program(bench), bench.flexnpu):
        shutil.copy(program, place)
    place.chmod(0o755)
    if subprocess.run(as_user(0, place / "loop", "0"), capture_output=True).returncode == 126:
        raise Skipped("another user may not reach the test's folder")
    return place


@case("a group may use the socket: its programs are served, its commands look and change nothing")
def group(bench):
    place = open_place(bench)
    path = bench.folder / "socket" / "daemon.sock"
    options = ("--group", GROUP, "--limit", "programs_per_user=1")
    with Daemon(bench, "fifo", *options, socket=path) as daemon:
        for one, mode in ((path, 0o660), (path.parent, 0o750)):
            facts = one.stat()
            expect((facts.st_mode & 0o777, facts.st_gid) == (mode, GROUP), f"{one}: {facts}")
        environment = {**bench.routed_by_hand(path), "LD_LIBRARY_PATH": str(place / "links")}
        bench.run(*as_user(GROUP, place / "loop", "100"), environment=environment, timeout=20)
        command = lambda *words, expected: bench.run(  # noqa: E731
            *as_user(GROUP, place / "flexnpu", *words, "--socket", path), expected=expected)
        expect("no program" in command("list", expected=0).out, "list")
        command("status", expected=0)
        for words in (["policy", "load", "fair"], ["trace", "record", "/tmp/never"], ["daemon", "--drain"],
                      ["policy", "set", "a=1"], ["limit", "1", "memory=1G"], ["policy", "rollback"]):
            done = command(*words, expected=1)
            expect("only user 0 and root" in done.err and f"user {USER}" in done.err, str(done))
        # Whoever is not of the group is kept out by the folder, and where that is open by the daemon.
        done = bench.run(*as_user(0, place / "loop", "10"), environment=environment, timeout=20, expected=6)
        expect("Permission denied" in done.out, str(done))
        path.parent.chmod(0o755)
        path.chmod(0o666)
        done = bench.run(*as_user(0, place / "loop", "10"), environment=environment, timeout=20, expected=6)
        expect(f"group {GROUP}" in done.out and f"user {USER}" in done.out, str(done))
        # So many of one user, and another user's beside them.
        forever = bench.start(*as_user(GROUP, place / "loop", "forever"), environment=environment)
        wait_until(lambda: "running" in forever.out, "the program works", 30)
        done = bench.run(*as_user(GROUP, place / "loop", "10"), environment=environment, timeout=20, expected=6)
        expect("programs_per_user" in done.out, str(done))
        daemon.run("route", loop_program(bench), "100")
        expect([one["user"] for one in daemon.clients()] == [USER], str(daemon.clients()))


@case("a group that there is none of: the daemon does not start, and says so")
def no_group(bench):
    done = bench.command("daemon", "--group", "nobody-is-in-this", expected=1, timeout=20)
    expect("nobody-is-in-this" in done.err, str(done))


# ---- Devices ----


def vendor_library(bench):
    """The software device without the names by which it says that it is one."""
    target = bench.folder / "libvendor.so"
    shutil.copy(bench.build / "libflexnpu-device.so", target)
    data = target.read_bytes()
    expect(data.count(b"flexnpu_device_description") > 0, "the software device says nothing of itself")
    target.write_bytes(data.replace(b"flexnpu_device_description", b"flexnpu_device_descriptiox"))
    return target


@case("a device of a vendor's library has one daemon, wherever the sockets lie")
def one_daemon_a_device(bench):
    library = vendor_library(bench)
    locks = bench.folder / "locks"
    locks.mkdir()
    variables = {"FLEXNPU_LOCK_FOLDER": locks}
    options = ("--device-library", library, "--device")
    with Daemon(bench, "fifo", *options, "0", socket=bench.folder / "a" / "daemon.sock", environment=variables,
                name="daemon-1") as first:
        second = bench.command("daemon", "--socket", bench.folder / "b" / "daemon.sock", *options, "0", expected=1,
                               environment=bench.environment(**variables), timeout=20)
        expect("device 0 has a daemon already" in second.err and str(first.process.pid) in second.err, str(second))
        with Daemon(bench, "fifo", *options, "1", socket=bench.folder / "c" / "daemon.sock", environment=variables,
                    name="daemon-2"):
            pass
        first.process.kill(signal.SIGKILL)
        first.process.wait(10)
    precious = bench.folder / "precious"
    precious.write_text("keep")
    lock = locks / "flexnpu-device-0.lock"
    lock.unlink()
    lock.symlink_to(precious)
    linked = bench.command("daemon", "--socket", bench.folder / "d" / "daemon.sock", *options, "0", expected=1,
                           environment=bench.environment(**variables), timeout=20)
    expect("is a link" in linked.err and precious.read_text() == "keep", str(linked))
    lock.unlink()
    with Daemon(bench, "fifo", *options, "0", socket=bench.folder / "e" / "daemon.sock", environment=variables,
                name="daemon-3"):
        pass
