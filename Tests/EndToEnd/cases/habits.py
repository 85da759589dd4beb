"""Programs of other habits: linked with other names of CANN's libraries, with functions that are not carried, opened
for themselves alone, with constructors, plugins, children. All start, and answer alike in every mode."""

import json

from daemons import Daemon
from registry import case
from stubs import LinkedProgram, stub_folder
from workbench import PROGRAMS, expect

MODES = ("direct", "observe", "route")
HABITS = PROGRAMS / "habits"


def answers_alike(bench, source, *flags, **environment):
    """Runs it in every mode; what it prints is the same, and nothing is printed beside."""
    program = LinkedProgram(bench, HABITS / source, *flags)
    with Daemon(bench, "fifo") as daemon:
        done = {mode: daemon.run(mode, *program.command, **environment) for mode in MODES}
    for mode in MODES:
        expect(done[mode].out == done["direct"].out,
               f"{mode} is not as direct:\n{done['direct']}\n{done[mode]}")
        expect(done[mode].err == "", f"{mode} prints more: {done[mode]}")
    return done["direct"].out


@case("linked with the split runtime alone")
def new_runtime(bench):
    out = answers_alike(bench, "new_runtime.c")
    expect("works(7): 1" in out, out)


@case("linked with the old and the new runtime")
def both_runtimes(bench):
    expect("works(1): 1" in answers_alike(bench, "both_runtimes.c"), "it does not work")


@case("opens libraries for itself alone")
def local_scope(bench):
    out = answers_alike(bench, "local_scope.c")
    expect("aclnnAdd: there" in out and "aclnnNonzero: not there" in out, out)


@case("stands in front of a function itself")
def wrapper(bench):
    expect("calls: 1" in answers_alike(bench, "wrapper.c"), "the next function is not found")


@case("uses the device before main and after it")
def constructors(bench):
    out = answers_alike(bench, "constructors.c")
    expect(all(f"works({n}): 1" in out for n in (1, 2, 3, 4)), out)


@case("calls after its end")
def after_end(bench):
    expect("not told why" not in answers_alike(bench, "after_end.c"), "a failure has no message")


@case("imports what is not carried, and calls none of it")
def never_called(bench):
    answers_alike(bench, "never_called.c")


@case("imports what is not carried, bound at start by the linker's flag")
def bound_by_flag(bench):
    answers_alike(bench, "never_called.c", "-Wl,-z,now")


@case("imports what is not carried, bound at start by LD_BIND_NOW")
def bound_by_environment(bench):
    answers_alike(bench, "never_called.c", LD_BIND_NOW=1)


@case("calls what is not carried, and goes on")
def called(bench):
    out = answers_alike(bench, "called.c")
    expect("not told why" not in out and "untouched: 1" in out and "works(6): 1" in out, out)


@case("asks by weak symbols what is there")
def weak(bench):
    out = answers_alike(bench, "weak.c")
    expect("aclrtNobodyHasThis != NULL: 0" in out and out.count("!= NULL: 1") == 3, out)


@case("throws where a call fails")
def exceptions(bench):
    expect("works(2): 1" in answers_alike(bench, "exceptions.cpp"), "it does not work")


@case("leaves while its threads wait")
def parked(bench):
    expect("works(2): 1" in answers_alike(bench, "parked.c"), "it does not work")


@case("forks and execs")
def offspring(bench):
    expect(answers_alike(bench, "offspring.c").count("works(count): 1") == 3, "one does not work")


@case("a plugin that is linked with what is not carried")
def plugin(bench):
    expect("works(4): 1" in answers_alike(bench, "plugin.c"), "it does not work")


@case("asks for the last error")
def last_error(bench):
    out = answers_alike(bench, "last_error.c")
    expect("not told why" not in out and "aclrtGetLastError(0): 207000" in out, out)


def run_alone(bench, *arguments):
    """`flexnpu run` with a daemon of its own."""
    environment = bench.environment()
    del environment["FLEXNPU_SOCKET"]
    return bench.command("run", *arguments, environment=environment)


# ---- What is told -------------------------------------------------------------------------------


@case("what was refused is told when the run is over")
def told_at_end(bench):
    program = LinkedProgram(bench, HABITS / "called.c")
    quiet = LinkedProgram(bench, HABITS / "new_runtime.c")
    alone = run_alone(bench, "--", *program.command)
    expect("aclrtCreateNotify  refused once: notifies are not carried yet" in alone.err, str(alone))
    expect("aclmdlCreateDesc  refused once" in alone.err, str(alone))
    expect("aclnnAsinhGetWorkspaceSize  refused once: the device library does not have it" in alone.err,
           f"what the device lacks is not told: {alone}")
    expect(run_alone(bench, "--", *quiet.command).err == "", "a list of nothing is printed")
    with Daemon(bench, "fifo", "--verbose") as daemon:
        report = daemon.command("run", "--report", "--", *program.command)
        expect("aclnnNonzero  refused once" in report.err, str(report))
        daemon.run("route", *program.command)
    expect("aclrtCreateNotify ×1" in daemon.process.out + daemon.process.err,
           f"the log has no word of it: {daemon.process.result()}")


@case("what was looked for by name and is not there is told when the run is over")
def looked_for(bench):
    program = LinkedProgram(bench, HABITS / "local_scope.c")
    done = run_alone(bench, "--", *program.command)
    expect("aclnnNonzero  looked for" not in done.err, f"a program that links nothing is seen: {done}")
    source = bench.folder / "looking.c"
    source.write_text((HABITS / "local_scope.c").read_text().replace(
        "// libraries:", "// libraries: ascendcl").replace(
        "int main(void) {", "int aclrtSynchronizeDevice(void);\nint main(void) {\n    aclrtSynchronizeDevice();"))
    done = run_alone(bench, "--", *LinkedProgram(bench, source).command)
    expect("aclnnNonzero  looked for 2 times" in done.err, f"it is not told: {done}")
    expect("aclnnAdd " not in done.err, f"what was found is told: {done}")


@case("what was refused or failed is in the trace")
def in_the_trace(bench):
    program = LinkedProgram(bench, HABITS / "called.c")
    run_alone(bench, "--trace", bench.folder / "trace", "--", *program.command)
    events = bench.command("trace", "dump", bench.folder / "trace").out
    for name in ("aclrtCreateNotify", "aclmdlCreateDesc", "aclnnNonzeroGetWorkspaceSize",
                 "HcclCommDestroy"):
        expect(name in events, f"{name} is not in the trace:\n{events}")
    run_alone(bench, "--observe", "--trace", bench.folder / "observed", "--", *program.command)
    events = bench.command("trace", "dump", bench.folder / "observed").out
    expect("aclrtCreateNotify() = 207000" in events, f"what the device lacks is not told:\n{events}")
    program = LinkedProgram(bench, HABITS / "last_error.c")
    run_alone(bench, "--trace", bench.folder / "failures", "--", *program.command)
    events = bench.command("trace", "dump", bench.folder / "failures").out
    expect("aclrtFree" in events and "107000" in events, f"a local failure is not told:\n{events}")
    expect("aclrtGetDevice" in events, f"a failure of a local function is not told:\n{events}")


@case("a function that nobody knows is named before the program starts")
def escapes(bench):
    source = bench.folder / "escaping.c"
    source.write_text(
        "// libraries: acl_rt\n"
        "int aclInit(const char *), aclrtNewestThing(void), oddThing(void);\n"
        "int main(int count, char **a) {\n"
        "    (void)a;\n"
        "    return count > 9 ? aclrtNewestThing() + oddThing() : aclInit(0);\n"
        "}\n")
    program = LinkedProgram(bench, source, stubs=stub_folder(bench, "aclrtNewestThing", "oddThing"))
    inspected = bench.command("inspect", program.path, "--json", expected=1)
    found = json.loads(inspected.out)["objects"][0]["escapes"]
    expect([one["name"] for one in found] == ["aclrtNewestThing"], str(inspected))
    inspected = bench.command(
        "inspect", program.path, "--device-library", bench.folder / "stubs", "--json", expected=1)
    found = {one["name"] for one in json.loads(inspected.out)["objects"][0]["escapes"]}
    expect(found == {"aclrtNewestThing", "oddThing"}, f"what the device has and we lack: {inspected}")
    done = run_alone(bench, "--", *program.command)
    expect("aclrtNewestThing" in done.err and str(program.path) in done.err, str(done))
