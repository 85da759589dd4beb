"""What a call costs beyond calling a device library that does nothing."""

from workplace import BENCHMARKS, FLEXNPU, LIBRARY, Daemon, numbers


def measure(place, figures):
    driver = place.driver("interposer_driver")
    null = place.folder / "null"
    null.mkdir()
    for name in ("libascendcl.so", "libopapi.so", "libnnopbase.so"):
        place.output("cc", "-O2", "-shared", "-fPIC", "-o", null / name, BENCHMARKS / "null_device.c")

    def added(call, **environment):
        values = []
        for _ in range(place.rounds(9)):
            plain = numbers(place.output(driver, call, LD_LIBRARY_PATH=null))[0]
            values.append(numbers(place.output(driver, call, LD_LIBRARY_PATH=null, **environment))[0] - plain)
        return values

    with Daemon(place) as daemon:
        observed = {"LD_PRELOAD": LIBRARY, "FLEXNPU_MODE": "observe", "FLEXNPU_SOCKET": daemon.socket}
        # Nobody listens: every function's recording is off.
        silent = {**observed, "FLEXNPU_SOCKET": place.folder / "nobody.sock"}
        figures.report("interposer.forward_ns", added("getdevice", **silent), "ns", 5)
        figures.report("interposer.idle_ns", added("copy", **observed), "ns", 5)
        # Calls leave records while a recording runs, and only then.
        daemon.do("trace", "record", place.folder / "events", "--background")
        figures.report("interposer.event_ns", added("copy", **observed), "ns", 50, first=60)
        figures.report("interposer.aclnn_ns", added("add", **observed), "ns", 250)
        daemon.do("trace", "record", "--stop", "--raw")
        folder = place.folder / "rate"
        daemon.do("trace", "record", folder, "--background")
        place.output(driver, "rate", 2_000_000 if place.quick else 10_000_000, LD_LIBRARY_PATH=null, **observed)
        daemon.do("trace", "record", "--stop", "--raw")
        figures.report("interposer.lost", [lost(place.json(FLEXNPU, "trace", "stats", folder))], "calls", 0)
    figures.report("interposer.library_mib", [LIBRARY.stat().st_size / 2**20], "MiB", 2)
    for key, tool in (("vs_uprobe", "bpftrace"), ("vs_lttng_ust", "lttng"), ("vs_ltrace", "ltrace")):
        figures.leave_out(f"interposer.{key}", f"no driver for {tool} yet")


def lost(stats):
    """The lost records that a trace's statistics tell, wherever they stand."""
    if isinstance(stats, dict):
        if isinstance(stats.get("lost"), (int, float)):
            return stats["lost"]
        return sum(map(lost, stats.values()))
    return sum(map(lost, stats)) if isinstance(stats, list) else 0
