"""Sockets and devices that somebody else has, or has left behind."""

import os
import shutil
import signal
import socket
import subprocess
import threading
import time

from daemons import Daemon
from registry import case
from workbench import PROGRAMS, Skipped, expect, loop_program, wait_until


@case("two daemons on one device: the second refuses and says why")
def two_on_one_device(bench):
    with Daemon(bench, "fifo") as daemon:
        second = bench.command("daemon", "--socket", bench.folder / "second.sock", expected=None,
                               timeout=20)
        expect(second.code == 1 and "device 0" in second.err and "daemon" in second.err, str(second))
        same = bench.command("daemon", "--socket", daemon.socket, expected=None, timeout=20)
        expect(same.code == 1, str(same))
        daemon.run("route", loop_program(bench), "100")


@case("two daemons, a device each")
def two_daemons(bench):
    with Daemon(bench, "fifo", "--device", "0", name="daemon-0"):
        with Daemon(bench, "fifo", "--device", "1", socket=bench.folder / "other.sock",
                    name="daemon-1") as second:
            expect([one["device"] for one in second.status()["devices"]] == [1], "its device")


@case("a socket file that a killed daemon left")
def stale_socket(bench):
    first = Daemon(bench, "fifo", name="daemon-1")
    first.process.kill(signal.SIGKILL)
    first.process.wait(10)
    expect(first.socket.exists(), "the socket is gone by itself: nothing to test")
    with Daemon(bench, "fifo", name="daemon-2") as second:
        second.run("route", loop_program(bench), "100")
    # What is no socket is not removed.
    precious = bench.folder / "precious"
    precious.write_text("keep")
    refused = bench.command("daemon", "--socket", precious, expected=None, timeout=20)
    expect(refused.code == 1 and precious.read_text() == "keep", str(refused))


@case("a socket whose owner does not answer")
def silent_owner(bench):
    path = bench.folder / "silent.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(8)
        program = bench.start(loop_program(bench), "10", environment=bench.routed_by_hand(path))
        done = program.wait(30, expected=6)
        expect("507899" in done.out, str(done))
        observed = bench.run(loop_program(bench), "2000", environment=bench.observed_by_hand(path),
                             timeout=10)
        expect(observed.seconds < 5, f"the program was held up: {observed}")


@case("nonsense on the socket: the daemon drops it and goes on")
def nonsense(bench):
    with Daemon(bench, "fifo") as daemon:
        for text in (b"", b"GET / HTTP/1.1\r\n\r\n", b"\0" * 65536, b"\xff" * 4096, os.urandom(300)):
            with socket.socket(socket.AF_UNIX) as peer:
                peer.connect(str(daemon.socket))
                try:
                    peer.sendall(text)
                except (BrokenPipeError, ConnectionResetError):
                    pass
        daemon.run("route", loop_program(bench), "100")


def connects(peer, path):
    """False: the queue of the socket is full."""
    peer.setblocking(False)
    try:
        peer.connect(str(path))
        return True
    except BlockingIOError:
        return False


@case("two hundred connections that say nothing, or a byte now and then: a program starts beside them")
def silent_connections(bench):
    with Daemon(bench, "fifo") as daemon:
        peers = [socket.socket(socket.AF_UNIX) for _ in range(200)]
        stop = threading.Event()

        def drip():
            while not stop.wait(0.3):
                for peer in peers[::2]:
                    try:
                        peer.send(b"x")
                    except OSError:
                        pass
        dripping = threading.Thread(target=drip)
        try:
            for peer in peers:
                wait_until(lambda: connects(peer, daemon.socket), "there is room in the socket's queue")
            dripping.start()
            begun = time.monotonic()
            daemon.run("route", loop_program(bench), "100", timeout=30)
            took = time.monotonic() - begun
            expect(took < 4, f"a program took {took:.1f} s")
        finally:
            stop.set()
            for peer in peers:
                peer.close()
            if dripping.ident:
                dripping.join()
        expect(daemon.command("status").code == 0, "no status")


@case("a program that asks by halves, or reads no answer: the others go on")
def half_asks(bench):
    with Daemon(bench, "fifo") as daemon:
        other = daemon.start("route", loop_program(bench), "forever")
        wait_until(lambda: "running" in other.out, "the program works", 30)
        halves = daemon.start("route", "python3", PROGRAMS / "half_asks.py")
        wait_until(lambda: "sent" in halves.out or halves.is_over(), "it has sent its halves", 30)
        begun = time.monotonic()
        daemon.run("route", loop_program(bench), "100", timeout=20)
        took = time.monotonic() - begun
        expect(took < 5, f"a program took {took:.1f} s")
        expect(not other.is_over(), f"it ended: {other.result()}")


def as_nobody(*command):
    return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *map(str, command)]


@case("a socket of another user: refused")
def another_user(bench):
    if os.getuid() != 0:
        raise Skipped("only root can start a program as another user")
    if shutil.which("setpriv") is None:
        raise Skipped("there is no setpriv")
    # Everything that nobody needs, in a place that nobody may enter; the socket itself in a folder open to all.
    bench.folder.chmod(0o755)
    place = bench.folder / "open"
    place.mkdir()
    shutil.copytree(bench.links(bench.interposer()), place / "links")
    program = shutil.copy(loop_program(bench), place / "loop")
    place.chmod(0o755)
    probe = subprocess.run(as_nobody("test", "-x", program), capture_output=True)
    if probe.returncode != 0:
        raise Skipped("nobody may not reach the test's folder")
    path = place / "daemon.sock"
    with Daemon(bench, "fifo", socket=path) as daemon:
        place.chmod(0o755)
        mode = path.stat().st_mode & 0o777
        expect(mode & 0o007 == 0, f"the socket is open to others: {mode:o}")
        environment = {**bench.routed_by_hand(path), "LD_LIBRARY_PATH": str(place / "links")}
        done = bench.run(*as_nobody(program, "10"), environment=environment, timeout=20, expected=6)
        expect("507899" in done.out, str(done))
        # Even where the file lets anybody in, the peer is asked for.
        path.chmod(0o666)
        done = bench.run(*as_nobody(program, "10"), environment=environment, timeout=20, expected=6)
        expect("507899" in done.out and ("user" in done.out or "refused" in done.out), str(done))
        listed = bench.run(*as_nobody(bench.flexnpu, "list", "--socket", path), expected=None)
        expect(listed.code != 0, str(listed))
        daemon.run("route", loop_program(bench), "100")


@case("SIGTERM ends a daemon in good order")
def orderly(bench):
    trace = bench.folder / "trace"
    daemon = Daemon(bench, "fair", "--trace", trace)
    daemon.run("route", loop_program(bench), "500")
    daemon.process.kill(signal.SIGTERM)
    daemon.process.wait(10, expected=0)
    expect(not daemon.socket.exists(), "the socket is left behind")
    stats = bench.command("trace", "stats", trace)
    expect("aclrtMemcpyAsync" in stats.out, str(stats))


@case("a daemon that cannot start says why")
def cannot_start(bench):
    for options, words in (
        (["--device", "9"], "device 9"),
        (["--device-library", bench.folder / "none"], "none"),
        (["--device-library", "/bin/true"], "true"),
        (["--policy", bench.folder / "none.lua"], "none.lua"),
        (["--socket", "/proc/none/daemon.sock"], "/proc"),
    ):
        done = bench.command("daemon", *options, expected=None, timeout=20)
        expect(done.code != 0 and words in done.err, str(done))
        expect(len(done.err.strip().splitlines()) <= 5, f"not one clear message: {done}")
