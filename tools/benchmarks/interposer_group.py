"""What a call costs beyond calling a device library that does nothing, in floors of a record."""

import statistics

from workplace import FLEXNPU, LIBRARY, Daemon, numbers


def measure(place, figures):
    driver, null = place.driver("interposer_driver"), place.null_device()

    def report(key, call, target, **environment):
        """What FlexNPU adds to a call: direct, with FlexNPU and the floor in turn."""
        added, ratios, floors = [], [], []
        for _ in range(place.rounds(9)):
            plain = numbers(place.output(driver, call, LD_LIBRARY_PATH=null))[0]
            added.append(numbers(place.output(driver, call, LD_LIBRARY_PATH=null, **environment))[0] - plain)
            floors.append(place.floor("record"))
            ratios.append(added[-1] / floors[-1])
        beside = f"{statistics.median(added):.1f} ns ÷ {statistics.median(floors):.1f} ns"
        figures.report(f"interposer.{key}_ratio", ratios, "x", target, beside=beside)
        figures.inform(f"interposer.{key}_ns", added, "ns")
        return added

    with Daemon(place) as daemon:
        observed = {"LD_PRELOAD": LIBRARY, "FLEXNPU_MODE": "observe", "FLEXNPU_SOCKET": daemon.socket}
        # Nobody listens: every function's recording is off.
        silent = {**observed, "FLEXNPU_SOCKET": place.folder / "nobody.sock"}
        report("forward", "getdevice", 0.2, **silent)
        # A daemon that does not record: only the forward path is left.
        report("idle", "copy", 0.2, **observed)
        report("idle_aclnn", "add", 0.4, **observed)
        # Calls leave records while a recording runs, and only then.
        daemon.do("trace", "record", place.folder / "events", "--background")
        report("event", "copy", 1.6, **observed)
        report("aclnn", "add", 5, **observed)
        daemon.do("trace", "record", "--stop", "--raw")
        a_million_a_second(place, figures, daemon, driver, LD_LIBRARY_PATH=null, **observed)
    figures.report("interposer.library_mib", [LIBRARY.stat().st_size / 2**20], "MiB", 2)


def a_million_a_second(place, figures, daemon, driver, **environment):
    """Records lost of a busy program's calls, into a trace on disk."""
    folder, calls = place.folder / "rate", 2_000_000 if place.quick else 10_000_000
    daemon.do("trace", "record", folder, "--background")
    place.output(driver, "rate", calls, **environment)
    daemon.do("trace", "record", "--stop", "--raw")
    stats = place.json(FLEXNPU, "trace", "stats", folder)
    size = sum(file.stat().st_size for file in folder.iterdir())
    disk = place.floor("disk", place.folder / "floor", 128 << 20)
    figures.inform("floors.disk_gbs", [disk], "GB/s")
    # The program's own start makes calls as well.
    seen = stats["calls"] + lost(stats)
    figures.report("interposer.lost", [max(lost(stats), calls - seen)], "calls", 0,
                   beside=f"{stats['calls']} recorded, {size / max(1, stats['calls']):.0f} bytes each")


def lost(stats):
    """The lost records that a trace's statistics tell, wherever they stand."""
    if isinstance(stats, dict):
        if isinstance(stats.get("lost"), (int, float)):
            return stats["lost"]
        return sum(map(lost, stats.values()))
    return sum(map(lost, stats)) if isinstance(stats, list) else 0
