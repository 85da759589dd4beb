"""What others' probes cost on the same calls of the same program. Wants tools/setup --peers."""

import shutil
import statistics
import subprocess
import time

from workplace import BENCHMARKS, LIBRARY, Daemon, numbers


def measure(place, figures):
    driver, null = place.driver("interposer_driver"), place.null_device()

    def took(folder=null, prefix=(), arguments=(), **environment):
        return numbers(place.output(*prefix, driver, "copy", *arguments, LD_LIBRARY_PATH=folder, **environment))[0]

    ours = []
    with Daemon(place) as daemon:
        daemon.do("trace", "record", place.folder / "ours", "--background")
        for _ in range(place.rounds(7)):
            plain = took()
            ours.append(took(LD_PRELOAD=LIBRARY, FLEXNPU_MODE="observe", FLEXNPU_SOCKET=daemon.socket) - plain)
        daemon.do("trace", "record", "--stop", "--raw")
    figures.inform("interposer.event_ns", ours, "ns")
    for key, target, theirs in (("vs_uprobe", 350, uprobe), ("vs_lttng_ust", 6, lttng), ("vs_ltrace", 18000, ltrace)):
        why, costs = theirs(place, took)
        if why:
            figures.leave_out(f"interposer.{key}", why)
            continue
        our = statistics.median(ours)
        figures.report(f"interposer.{key}", [cost / our for cost in costs], "x", target, False,
                       beside=f"{statistics.median(costs):.0f} ns ÷ {our:.1f} ns")


def uprobe(place, took):
    """bpftrace at entry and return, with the call's duration summed: the least that tells durations."""
    if shutil.which("bpftrace") is None:
        return "no bpftrace (tools/setup --peers)", []
    place_of = f"{place.null_device()}/libascendcl.so:aclrtMemcpyAsync"
    script = (f"uprobe:{place_of} {{ @begun[tid] = nsecs; }} uretprobe:{place_of} "
              "{ @took = sum(nsecs - @begun[tid]); @calls = count(); delete(@begun[tid]); } "
              "interval:ms:100 { printf(\"ready\\n\"); }")
    probe = subprocess.Popen(["bpftrace", "-B", "line", "-e", script], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True)
    try:
        for line in probe.stdout:
            if line.startswith("ready"):
                costs = [took(arguments=(2000, 5)) for _ in range(place.rounds(5))]
                probe.send_signal(2)
                seen = numbers(" ".join(part for part in probe.communicate(timeout=30)[0].split("@")
                                        if part.startswith("calls")))
                return ("", costs) if seen and seen[0] > 0 else ("bpftrace saw no call", [])
        return f"bpftrace cannot: {probe.stderr.read()[-160:].strip()}", []
    finally:
        if probe.poll() is None:
            probe.terminate()
        probe.wait(timeout=30)


def lttng(place, took):
    """A wrapper with a trace point before and after the call, recorded to disk by LTTng's daemon."""
    if shutil.which("lttng") is None:
        return "no lttng (tools/setup --peers)", []
    folder = place.folder / "lttng"
    folder.mkdir()
    shutil.copy(place.null_device() / "libopapi.so", folder)
    place.output("cc", "-O2", "-shared", "-fPIC", "-Wl,-soname,libnull_device.so", "-o",
                 folder / "libnull_device.so", BENCHMARKS / "null_device.c")
    try:
        place.output("cc", "-O2", "-shared", "-fPIC", "-I", BENCHMARKS, "-o", folder / "libascendcl.so",
                     BENCHMARKS / "lttng_wrapper.c", "-L", folder, "-Wl,--no-as-needed", "-lnull_device",
                     "-llttng-ust", "-ldl")
    except SystemExit as failed:
        return f"no headers of LTTng-UST (tools/setup --peers): {str(failed)[-120:]}", []
    sessions = subprocess.Popen(["lttng-sessiond", "--no-kernel", "--quiet"], env=place.environment,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    session = "flexnpu-bench"
    try:
        for _ in range(50):
            if subprocess.run(["lttng", "list"], capture_output=True, env=place.environment).returncode == 0:
                break
            time.sleep(0.1)
        place.output("lttng", "create", session, f"--output={place.folder / 'lttng-trace'}")
        place.output("lttng", "enable-channel", "-u", "-s", session, "--subbuf-size=1M", "--num-subbuf=8", "bench")
        place.output("lttng", "enable-event", "-u", "-s", session, "-c", "bench", "flexnpu_bench:*")
        place.output("lttng", "start", session)
        costs = []
        for _ in range(place.rounds(7)):
            plain = took()
            costs.append(took(folder, LTTNG_UST_REGISTER_TIMEOUT=5000) - plain)
        place.output("lttng", "stop", session)
        counted = place.output("babeltrace2", place.folder / "lttng-trace", "--component=sink.utils.counter")
        return ("", costs) if numbers(counted) and numbers(counted)[0] > 0 else ("LTTng recorded nothing", [])
    finally:
        subprocess.run(["lttng", "destroy", session], capture_output=True, env=place.environment)
        sessions.terminate()
        sessions.wait(timeout=30)


def ltrace(place, took):
    """A breakpoint at entry and return, as ltrace sets them."""
    if shutil.which("ltrace") is None:
        return "no ltrace (tools/setup --peers)", []
    out = place.folder / "ltrace.out"
    prefix = ("ltrace", "-x", "aclrtMemcpyAsync@libascendcl.so", "-e", "-*", "-o", out)
    plain = took()
    try:
        costs = [took(prefix=prefix, arguments=(200, 3)) - plain for _ in range(place.rounds(5))]
    except (SystemExit, subprocess.TimeoutExpired) as failed:
        return f"ltrace cannot: {str(failed)[-160:]}", []
    seen = out.read_text(errors="replace").count("aclrtMemcpyAsync")
    return ("", costs) if seen >= 600 else ("ltrace saw no call of a library that was opened by name", [])
