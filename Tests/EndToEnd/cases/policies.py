"""Policies that are wrong: the old one goes on, the message says where, and work flows."""

import os

from daemons import Daemon, busy_nanoseconds
from registry import case
from workbench import ROOT, expect, loop_program, wait_until

BROKEN = {
    "a syntax error": ("local P = {}\nfunction P.ready(op\nreturn P\n", "broken.lua:3"),
    "an endless loop": ("local P = {}\nwhile true do end\nreturn P\n", "broken.lua:2"),
    "an allocation bomb": (
        "local t, n = {}, 0\nwhile true do\n  n = n + 1\n  t[n] = ('x'):rep(1000) .. n\nend\n",
        "broken.lua:"),
    "an error while it is read": ("error('no')\n", "broken.lua:1"),
    "nothing": ("", "broken.lua"),
    "no dispatch": ("return { name = 'x', api = 1, version = 1, ready = function(op) end }\n",
                    "dispatch"),
}

LIVE = """
local P = { name = "trap", api = 1, version = 1 }
local waiting = queue.fifo()
local seen = 0
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now)
  seen = seen + 1
  if seen %% 50 == 0 then %s end
  return waiting:pop()
end
return P
"""

TRAPS = {
    "an endless loop": "while true do end",
    "an allocation bomb": "local t = {} for i = 1, 1e9 do t[i] = {} end",
    "an error": "error('no')",
    "a loop around pcall": "while true do pcall(function() while true do end end) end",
}


def progress(daemon):
    return sum(busy_nanoseconds(client) for client in daemon.clients())


def work_flows(daemon, program):
    before = progress(daemon)
    wait_until(lambda: progress(daemon) > before, "work flows", 10)
    expect(not program.is_over(), f"the program ended: {program.result()}")


@case("at load: refused with file and line, the old one goes on")
def at_load(bench):
    broken = bench.folder / "broken.lua"
    with Daemon(bench, "fair") as daemon:
        program = daemon.start("route", loop_program(bench), "forever")
        wait_until(lambda: "running" in program.out, "the program works", 30)
        for what, (text, where) in BROKEN.items():
            broken.write_text(text)
            for verb in ("load", "swap"):
                done = daemon.command("policy", verb, broken, expected=None)
                expect(done.code == 1 and where in done.err, f"{what}: {done}")
                expect(done.seconds < 10, f"{what}: {done}")
            checked = daemon.command("policy", "check", broken, expected=None)
            expect(checked.code != 0 and where in checked.out + checked.err, f"{what}: {checked}")
            expect(daemon.live_policy()["name"] == "fair", f"{what} is live")
            work_flows(daemon, program)
        program.end()


@case("while live: a breach costs a decision, too many the policy")
def while_live(bench):
    trap = bench.folder / "trap.lua"
    with Daemon(bench, "fair") as daemon:
        program = daemon.start("route", loop_program(bench), "forever")
        wait_until(lambda: "running" in program.out, "the program works", 30)
        for what, body in TRAPS.items():
            trap.write_text(LIVE % body)
            daemon.command("policy", "swap", trap)
            wait_until(lambda: daemon.live_policy()["name"] == "fair",
                       f"{what}: it is quarantined and the last good policy decides", 30)
            bad = [load for load in daemon.json("policy", "list") if load["state"] == "quarantined"]
            expect(bad and bad[-1]["name"] == "trap" and bad[-1]["breaches"] > 0, f"{what}: {bad}")
            expect(bad[-1].get("lastBreach"), f"{what}: no reason is given: {bad[-1]}")
            work_flows(daemon, program)
        program.end()


def save(path, text):
    """As editors do: a new file renamed over the old one."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    os.replace(fresh, path)


@case("a watched file: saved, it is swapped; saved with an error, the old one goes on")
def watched(bench):
    path = bench.folder / "watched.lua"
    fair = (ROOT / "policies" / "fair.lua").read_text()
    path.write_text(fair)
    with Daemon(bench, path, "--watch") as daemon:
        program = daemon.start("route", loop_program(bench), "forever")
        wait_until(lambda: "running" in program.out, "the program works", 30)
        save(path, fair.replace("version = 1", "version = 2"))
        wait_until(lambda: daemon.live_policy()["version"] == 2, "version 2 is live", 10)
        path.write_text(fair.replace("version = 1", "version = 3"))
        wait_until(lambda: daemon.live_policy()["version"] == 3, "version 3 is live", 10)
        save(path, fair + "\nthis is no Lua\n")
        line = len(fair.splitlines()) + 2
        wait_until(lambda: f"watched.lua:{line}" in daemon.process.err,
                   f"the daemon names watched.lua:{line}", 10)
        expect(daemon.live_policy()["version"] == 3, "the broken one is live")
        work_flows(daemon, program)
        save(path, fair.replace("version = 1", "version = 4"))
        wait_until(lambda: daemon.live_policy()["version"] == 4, "version 4 is live", 10)
        work_flows(daemon, program)
        program.end()


@case("options are set, refused by name, and survive a swap; rollback goes back")
def options(bench):
    with Daemon(bench, "fifo") as daemon:
        program = daemon.start("route", loop_program(bench), "forever")
        wait_until(lambda: "running" in program.out, "the program works", 30)
        daemon.command("policy", "set", "window_us=77")
        done = daemon.command("policy", "set", "no_such=1", expected=1)
        expect("no_such" in done.err, str(done))
        daemon.command("policy", "set", "window_us=-5", expected=1)
        daemon.command("policy", "set", "window_us=many", expected=1)
        daemon.command("policy", "swap", ROOT / "policies" / "fair.lua")
        values = {one["key"]: one["value"] for one in daemon.live_policy()["options"]}
        expect(float(values["window_us"]) == 77, f"the option did not survive the swap: {values}")
        daemon.command("policy", "rollback")
        expect(daemon.live_policy()["name"] == "fifo", "rollback did not go back")
        daemon.command("policy", "load", "fair")
        expect(daemon.live_policy()["name"] == "fair", "the built-in one is not live")
        daemon.command("policy", "load", "no-such-file.lua", expected=1)
        work_flows(daemon, program)
        program.end()
