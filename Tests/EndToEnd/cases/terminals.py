"""Words of others never reach a terminal as commands to it: names, labels, options, errors, notes, names in traces."""

import shutil
import signal
import unicodedata

from daemons import Daemon
from registry import case
from workbench import expect, loop_program, wait_until

# Clears the screen, rings, goes back, sets the title, turns the writing round, and is an 8-bit CSI; no comma, no slash.
HOSTILE = "x\x1b[2J\x07\r\x1b]0;t\x07\u202e\u009b31m\u2066\x7fy"


def hostile_characters(text):
    return sorted({f"{ord(c):x}" for c in text
                   if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")})


def expect_clean(result, mark=r"\u"):
    for name, text in (("out", result.out), ("err", result.err)):
        found = hostile_characters(text)
        expect(not found, f"{name} has {found}: {result.arguments}\n{text!r}")
    if mark:
        # A policy's own words have the replacement character where they had a control.
        shown = result.out + result.err
        expect(mark in shown or "\ufffd" in shown, f"the words are not shown at all: {result}")


def lua(text):
    return "".join(f"\\{byte:03d}" for byte in text.encode())


POLICY = f"""local said = false
local P = {{ name = "talks", api = 1, version = 1, options = {{ word = {{ default = "x", doc = "any" }} }} }}
local all = queue.fifo()
function P.ready(op)
  if not said then said = true; log("{lua(HOSTILE)}"); error("{lua(HOSTILE)}") end
  all:push(op)
end
function P.dispatch() return all:pop() end
return P
"""


@case("control characters in names, labels, options, notes and errors are written out by every command")
def written_out(bench):
    program = bench.folder / HOSTILE
    shutil.copy(loop_program(bench), program)
    policy = bench.folder / f"{HOSTILE}.lua"
    policy.write_text(POLICY)
    trace = bench.folder / f"trace {HOSTILE}"
    with Daemon(bench, "fifo", "--verbose") as daemon:
        swapped = daemon.command("policy", "load", policy)
        expect_clean(swapped, mark=None)
        running = bench.start(program, "forever", environment={
            **bench.routed_by_hand(daemon.socket), "FLEXNPU_LABELS": f"tenant={HOSTILE},{HOSTILE}=1"})
        wait_until(lambda: "running" in running.out, "the program works", 30)
        expect_clean(daemon.command("trace", "record", trace, "--background"))
        wait_until(lambda: daemon.status()["trace"]["events"] > 0, "something is recorded")
        # It stays there, and what is recorded stays short.
        running.kill(signal.SIGSTOP)
        for words in (["list"], ["list", "--limits"], ["top", "--once", "--interval", "200ms"], ["status"],
                      ["policy", "list"], ["policy", "show"], ["trace", "record", "--status"]):
            expect_clean(daemon.command(*words))
            # The empty list of a limit has no words of others.
            expect_clean(daemon.command(*words, "--json"))
        client = daemon.clients()[0]["id"]
        for words in (["limit", client, "queue=4000"], ["policy", "set", f"{HOSTILE}=1"],
                      ["policy", "load", bench.folder / f"none {HOSTILE}"], ["trace", "record", trace]):
            expect_clean(daemon.command(*words, expected=None))
        refused = daemon.command("policy", "set", f"word={HOSTILE}", expected=1)
        expect_clean(refused, mark=None)
        expect("control characters" in refused.err, str(refused))
        broken = bench.folder / f"broken {HOSTILE}.lua"
        broken.write_text(f'error("{lua(HOSTILE)}")')
        for words in (["policy", "load", broken], ["policy", "check", broken], ["policy", "check", "--json", broken]):
            expect_clean(daemon.command(*words, expected=None))
        running.end()
        wait_until(lambda: not daemon.clients(), "the program is gone")
        expect_clean(daemon.command("trace", "record", "--stop"))
        with_daemon = daemon.run("route", bench.folder / f"none {HOSTILE}", expected=127)
        expect_clean(with_daemon)
    expect("client attached" in daemon.process.err, "the log is not looked at: " + daemon.process.err)
    expect(not hostile_characters(daemon.process.err), f"in the log: {daemon.process.err!r}")
    for words in (["stats"], ["stats", "--json"], ["dump"], ["dump", "--json"]):
        expect_clean(bench.command("trace", *words, trace))
    expect_clean(bench.command("trace", "diff", trace, bench.folder / f"none {HOSTILE}", expected=2))
    empty = bench.folder / "empty"
    with Daemon(bench, "fifo", "--trace", empty, name="daemon-2"):
        pass
    expect_clean(bench.command("trace", "diff", empty, trace, expected=1))
    expect_clean(bench.command("trace", "diff", empty, trace, "--json", expected=1))
    for words in (["inspect", program], ["inspect", "--json", program], ["inspect", bench.folder / f"none {HOSTILE}"],
                  ["device", "--device-library", bench.folder / f"none {HOSTILE}"],
                  ["status", "--socket", bench.folder / f"none {HOSTILE}"],
                  ["daemon", "--socket", program], ["daemon", "--policy", broken]):
        expect_clean(bench.command(*words, expected=None, timeout=20))
