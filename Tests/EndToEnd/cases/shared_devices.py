"""Two programs on one device: what each leaves to the other, and what it does not."""

from daemons import Daemon
from registry import case
from workbench import expect, plain_program, wait_until


def turns(bench):
    return plain_program(bench, "turns")


@case("memory comes without what another program left in it")
def memory_is_clear(bench):
    for inline in ("1", "0"):
        with Daemon(bench, "fifo", socket=bench.folder / f"daemon-{inline}.sock", name=f"daemon-{inline}",
                    environment={"FLEXNPU_DEVICE_INLINE": inline}) as daemon:
            for _ in range(2):
                daemon.run("route", turns(bench), "write")
                done = daemon.run("route", turns(bench), "read")
                expect("foreign 0\n" in done.out, f"inline {inline}: {done}")


@case("a device that is reset has its memory back")
def reset_gives_back(bench):
    memory = 256 << 20
    with Daemon(bench, "fifo", environment={"FLEXNPU_DEVICE_MEMORY": memory}) as daemon:
        daemon.run("route", turns(bench), "reset", memory * 3 // 4)
        expect(daemon.status()["devices"][0]["memoryUsedBytes"] == 0, "memory is left behind")


@case("memory that queued work still uses is waited for, and not refused")
def freed_behind_work(bench):
    memory = 64 << 20
    for inline in ("1", "0"):
        with Daemon(bench, "fifo", socket=bench.folder / f"daemon-{inline}.sock", name=f"daemon-{inline}",
                    environment={"FLEXNPU_DEVICE_MEMORY": memory, "FLEXNPU_DEVICE_INLINE": inline}) as daemon:
            daemon.run("route", turns(bench), "requeue", memory * 3 // 4)


@case("each program reads the settings that it made itself")
def settings(bench):
    go = bench.folder / "go"
    with Daemon(bench, "fifo") as daemon:
        programs = [daemon.start("route", turns(bench), "settings", value, go) for value in (1, 0)]
        for program in programs:
            wait_until(lambda: program.is_over() or "set\n" in program.out, "its settings are made", 30)
        go.touch()
        first, second = (program.wait(10, expected=0) for program in programs)
    expect("option 1 compile enable saturation 0" in first.out, str(first))
    expect("option 0 compile disable saturation 200006" in second.out,
           f"a mode that is not the device's is refused: {second}")
