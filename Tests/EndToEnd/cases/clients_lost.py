"""A program dies in the middle: the others go on, and what it held is free again."""

import os
import signal

from daemons import Daemon
from registry import case
from workbench import PROGRAMS, Failed, expect, loop_program, random_program, wait_until


def used(daemon):
    return [device["memoryUsedBytes"] for device in daemon.status()["devices"]]


def survive(bench, number):
    with Daemon(bench, "fair") as daemon:
        at_start = used(daemon)
        other = daemon.start("route", random_program(bench), "11", "60000", "3", "2", "queued")
        victim = daemon.start("route", loop_program(bench), "forever")
        wait_until(lambda: "running" in victim.out, "the victim works", 30)
        pid = next((one["pid"] for one in daemon.clients() if one["name"].startswith("loop")), None)
        expect(pid is not None, f"the victim is not listed: {daemon.clients()}")
        held = next(one["memoryBytes"] for one in daemon.clients() if one["pid"] == pid)
        expect(held >= 8192, f"the victim holds {held} bytes")
        os.kill(pid, number)
        wait_until(lambda: all(one["pid"] != pid for one in daemon.clients()),
                   "the victim has left the list", 10)
        victim.wait(10)
        other.wait(120, expected=0)
        wait_until(lambda: used(daemon) == at_start, "all memory is free again", 10)
        daemon.run("route", loop_program(bench), "100")


@case("killed while it works")
def killed(bench):
    survive(bench, signal.SIGKILL)


@case("killed by the number of flexnpu run, which has become the program")
def run_killed(bench):
    with Daemon(bench, "fair") as daemon:
        program = daemon.start("route", loop_program(bench), "forever")
        wait_until(lambda: "running" in program.out, "the program works", 30)
        expect([one["pid"] for one in daemon.clients()] == [program.pid],
               f"another process runs it than {program.pid}: {daemon.clients()}")
        program.kill(signal.SIGKILL)
        wait_until(lambda: not daemon.clients(), "the program has left the list", 10)
        missing = daemon.run("route", "no-such-program", expected=127)
        expect("no-such-program" in missing.err, str(missing))
        folder = daemon.run("route", "/", expected=126)
        expect("/" in folder.err, str(folder))


@case("aborted while it works")
def aborted(bench):
    survive(bench, signal.SIGABRT)


@case("twenty at once, killed at any moment")
def many_killed(bench):
    with Daemon(bench, "fair") as daemon:
        at_start = used(daemon)
        for _ in range(4):
            victims = [daemon.start("route", random_program(bench), seed, "200000", "2")
                       for seed in range(5)]
            wait_until(lambda: len(daemon.clients()) >= 3, "some of them work", 30)
            for victim in victims:
                if victim.is_over():
                    raise Failed(f"it ended by itself: {victim.result()}")
                victim.end()
        wait_until(lambda: not daemon.clients(), "the list is empty", 10)
        wait_until(lambda: used(daemon) == at_start, f"memory is free again: {at_start}", 10)
        daemon.run("route", loop_program(bench), "100")


@case("killed while a child holds its socket: its end is seen by its process")
def socket_held(bench):
    with Daemon(bench, "fair") as daemon:
        fifo = bench.folder / "fifo"
        os.mkfifo(fifo)
        held = os.open(fifo, os.O_RDWR)
        try:
            program = daemon.start("route", bench.torch_python, PROGRAMS / "held_socket.py", fifo)
            wait_until(lambda: "child" in program.out, "the child is there", 30)
            child = int(program.out.split("child", 1)[1].split()[0])
            wait_until(lambda: not daemon.clients(), "the program has left the list", 10)
            os.kill(child, 0)
        finally:
            os.close(held)
