"""What a policy does wrong, or what lies where its file should: told at once, and nobody else's matter."""

import json
import os
import unicodedata

from daemons import Daemon
from registry import case
from workbench import ROOT, expect, loop_program, wait_until

FIFO = """
local P = {{ name = "{name}", api = 1, version = {version} }}
local waiting = queue.fifo()
{more}
function P.ready(op) waiting:push(op) end
function P.dispatch(device, now) return waiting:pop() end
return P
"""

BLIND = """
-- Never chooses what belongs to the program that is labelled so.
local P = { name = "blind", api = 1, version = 1 }
local others, loser = queue.fifo(), queue.fifo()
function P.ready(op)
  if tag(op, "name") == "loser" then loser:push(op) else others:push(op) end
end
function P.dispatch(device, now) return others:pop() end
return P
"""


def write(path, name="plain", version=1, more=""):
    path.write_text(FIFO.format(name=name, version=version, more=more))
    return path


def labelled(daemon, name):
    return next((one for one in daemon.clients() if one["labels"].get("name") == name), None)


def operations(daemon, name):
    client = labelled(daemon, name)
    return sum(phase["operations"] for phase in client["phases"]) if client else 0


@case("a program that a policy never chooses gets an operation per bound; the policy goes on")
def starved(bench):
    blind = bench.folder / "blind.lua"
    blind.write_text(BLIND)
    with Daemon(bench, blind) as daemon:
        # It never waits, so that the device is never idle: nothing is held while there is room.
        daemon.start("route", loop_program(bench), "1000000000", labels=["name=winner"])
        wait_until(lambda: operations(daemon, "winner") > 1000, "the other works", 30)
        daemon.start("route", loop_program(bench), "forever", labels=["name=loser"])
        wait_until(lambda: operations(daemon, "loser") >= 1, "it gets something", 10)
        before, others = operations(daemon, "loser"), operations(daemon, "winner")
        wait_until(lambda: operations(daemon, "loser") >= before + 2, "it gets more", 10)
        expect(operations(daemon, "winner") > others + 100, "the other does not go on")
        live = daemon.live_policy()
        expect(live["name"] == "blind", f"it was thrown out: {live}")
        expect(live["breaches"] >= 1 and "starvation: client" in live.get("lastBreach", ""),
               f"it is not said: {live}")
        # One that says that it means it breaches nothing; its clients get theirs all the same.
        blind.write_text(BLIND.replace("version = 1", "version = 2, starvation_ms = 10000"))
        daemon.command("policy", "load", blind)
        before = operations(daemon, "loser")
        wait_until(lambda: operations(daemon, "loser") >= before + 2, "it gets more", 10)
        live = daemon.live_policy()
        expect(live["version"] == 2 and live["breaches"] == 0, f"it breached something: {live}")


@case("first come, first served breaches nothing at three times overload")
def overload(bench):
    with Daemon(bench, "fifo") as daemon:
        programs = [daemon.start("route", loop_program(bench), "forever", labels=[f"name=p{i}"])
                    for i in range(6)]
        for program in programs:
            wait_until(lambda program=program: "running" in program.out, "it works", 60)
        before = [operations(daemon, f"p{i}") for i in range(6)]
        wait_until(lambda: all(operations(daemon, f"p{i}") > before[i] + 100 for i in range(6)),
                   "all go on", 30)
        live = daemon.live_policy()
        expect(live["name"] == "fifo" and live["breaches"] == 0, f"{live}")


@case("the first fault is told at once: in the list, in show and in the log")
def first_fault(bench):
    path = write(bench.folder / "once.lua", more="""
local seen = 0
function P.done(op, ns)
  seen = seen + 1
  if seen == 20 then
    error("the twentieth")
  end
end""")
    with Daemon(bench, path) as daemon:
        program = daemon.start("route", loop_program(bench), "forever")
        wait_until(lambda: "running" in program.out, "the program works", 30)
        wait_until(lambda: daemon.live_policy()["breaches"] == 1, "the fault is counted", 10)
        text = daemon.command("policy", "list").out
        row = text.splitlines()[-1].split()
        heading = text.splitlines()[0].split()
        expect(row[heading.index("BREACHES")] == "1", f"the list does not have it:\n{text}")
        where = "once.lua:9: done: the twentieth"
        shown = daemon.command("policy", "show").out
        expect(where in shown, f"show does not say where:\n{shown}")
        wait_until(lambda: where in daemon.process.err, "the log does not have it", 5)
        program.end()


@case("a policy whose save fails says so when it is swapped; what is no UTF-8 comes back as it was")
def saving(bench):
    path = write(bench.folder / "saving.lua", more="function P.save()\n  return { print }\nend")
    plain = write(bench.folder / "plain.lua")
    with Daemon(bench, path) as daemon:
        done = daemon.command("policy", "swap", plain)
        expect("no state carried over" in done.out and "not a function" in done.out, str(done))
        first = daemon.json("policy", "list")[-2]
        expect(first["breaches"] == 1 and "save" in first["lastBreach"], f"{first}")
        bytes_ = """
local state = {}
for byte = 1, 255 do state[byte] = string.char(byte, 0xff, byte) .. "\\xc3" end
function P.open(ctx)
  local same = ctx.saved ~= nil
  for key, value in pairs(state) do same = same and ctx.saved[key] == value end
  log("the same: " .. tostring(same))
end
function P.save() return state end"""
        write(path, more=bytes_.replace("ctx.saved ~= nil", "true").replace("ctx.saved[key]", "value"))
        daemon.command("policy", "load", path)
        write(path, version=2, more=bytes_)
        done = daemon.command("policy", "swap", path)
        expect("state carried over" in done.out and "no state" not in done.out, str(done))
        expect("the same: true" in daemon.command("policy", "show").out, "it was altered")


@case("a pipe, a folder, a device or a link is refused at once, wherever a policy's file is expected")
def no_file(bench):
    plain = write(bench.folder / "plain.lua")
    names = {"pipe.lua": "pipe", "folder.lua": "folder", "device.lua": "device", "large.lua": "larger"}
    os.mkfifo(bench.folder / "pipe.lua")
    (bench.folder / "folder.lua").mkdir()
    (bench.folder / "device.lua").symlink_to("/dev/zero")
    with open(bench.folder / "large.lua", "wb") as file:
        file.truncate(1 << 40)
    with Daemon(bench, plain) as daemon:
        for name, what in names.items():
            for verb in ("load", "swap", "check"):
                done = daemon.command("policy", verb, bench.folder / name, expected=None, timeout=5)
                expect(done.code in (1, 2) and what in done.err, str(done))
            if name == "device.lua":
                what = "link"
            requiring = bench.folder / "requiring.lua"
            write(requiring, more=f"require '{name[:-4]}'")
            for verb in ("load", "swap", "check"):
                done = daemon.command("policy", verb, requiring, expected=1, timeout=5)
                expect(what in done.out + done.err and "requiring.lua:4" in done.out + done.err,
                       str(done))
        expect(daemon.live_policy()["name"] == "plain", "another is live")
    done = bench.command("daemon", "--socket", bench.folder / "other.sock", "--policy",
                         bench.folder / "pipe.lua", expected=1, timeout=10)
    expect("pipe" in done.err, str(done))


def is_plain(text):
    return all(unicodedata.category(one) != "Cc" or one in "\n\t" for one in text)


@case("nothing that a policy says of itself breaks a listing")
def odd_answers(bench):
    evil = r"string.char(27) .. ']0;x' .. string.char(7, 0xff, 0xc2, 0x9b, 13, 10)"
    path = bench.folder / "odd.lua"
    with Daemon(bench, write(bench.folder / "plain.lua")) as daemon:
        program = daemon.start("route", loop_program(bench), "forever")
        wait_until(lambda: "running" in program.out, "the program works", 30)
        for more in (
                f"P.name = {evil} .. 'odd'", "P.name = ''", "P.name = ('n'):rep(4000)",
                "P.version = math.maxinteger", "P.version = math.mininteger",
                f"P.options = {{ n = {{ default = 1, doc = {evil} }} }}",
                f"log({evil}, 0/0, 1/0, P, print)",
                f"local n = 0 function P.done() n = n + 1 if n == 5 then error({evil}) end end",
                "local n = 0 function P.done() n = n + 1 if n == 5 then error({}) end end",
                "local n = 0 function P.done() n = n + 1 if n == 5 then error() end end",
                "local n = 0 function P.done() n = n + 1 if n == 5 then error(0/0) end end"):
            write(path, name="odd", more=more)
            daemon.command("policy", "load", path)
            if "P.done" in more:
                wait_until(lambda: daemon.live_policy()["breaches"] == 1, "the fault is told", 10)
            for verb in ("list", "show"):
                loads = daemon.json("policy", verb)
                expect(all(is_plain(json.dumps(one, ensure_ascii=False)) for one in loads), str(loads))
                text = daemon.command("policy", verb).out
                expect(is_plain(text), f"{more}: {text!r}")
            expect(is_plain(daemon.command("status").out), more)
        for wrong in ("1/0", "-1/0", "0/0", "1e300", "math.mininteger", evil):
            write(path, name="odd", more=f"P.options = {{ n = {{ default = {wrong} }} }}")
            for verb in ("load", "swap", "check"):
                done = daemon.command("policy", verb, path, expected=1)
                expect("option `n`: `default`" in done.out + done.err, str(done))
        write(path, name="odd", more="P.options = { n = { default = 1.5 } }")
        daemon.command("policy", "load", path)
        for wrong in ("inf", "nan", "-inf", "1e999", "0x1p99"):
            daemon.command("policy", "set", f"n={wrong}", expected=1)
        expect(daemon.live_policy()["options"][0]["value"] == "1.5", "it was set")
        program.end()


@case("rollback opens what was live with the files of then")
def rollback_modules(bench):
    module = bench.folder / "order.lua"
    module.write_text("return { name = 'then' }\n")
    path = write(bench.folder / "first.lua", name="first",
                 more="local order = require 'order'\nfunction P.open() log(order.name) end")
    with Daemon(bench, path) as daemon:
        program = daemon.start("route", loop_program(bench), "forever")
        wait_until(lambda: "running" in program.out, "the program works", 30)
        daemon.command("policy", "swap", write(bench.folder / "second.lua", name="second"))
        module.write_text("this is no Lua\n")
        path.write_text("nor is this\n")
        daemon.command("policy", "rollback")
        live = daemon.live_policy()
        expect(live["name"] == "first" and live["log"][-1] == "then", f"{live}")
        daemon.command("policy", "load", "fair")
        module.unlink()
        path.unlink()
        daemon.command("policy", "rollback", "2")  # load 1 is what a daemon begins with
        expect(daemon.live_policy()["name"] == "first", "it does not come back")
        expect(daemon.live_policy()["breaches"] == 0, "it breached something")
        program.end()


def options(daemon):
    return {one["key"]: one["value"] for one in daemon.live_policy()["options"]}


@case("a restart brings back what was live: not what was rolled back, thrown out or saved since")
def restarts(bench):
    state, count = bench.folder / "state", 0

    def restarted(policy=None):
        nonlocal count
        count += 1
        return Daemon(bench, policy, "--state", state, name=f"daemon-{count}")

    path = write(bench.folder / "first.lua", name="first", more="""
P.options = { n = { default = 1 }, text = { default = "a" } }
local order = require 'order'
function P.open() log(order.name) end""")
    (bench.folder / "order.lua").write_text("return { name = 'then' }\n")
    second = write(bench.folder / "second.lua", name="second", more="""
P.options = { n = { default = 5 } }
if false then error() end""")
    bad = write(bench.folder / "bad.lua", name="bad", more="function P.done() error('always') end")
    with restarted(path) as daemon:
        daemon.command("policy", "set", "n=7", "text=ü=1")
    path.write_text("saved since, and no Lua\n")
    (bench.folder / "order.lua").unlink()
    with restarted() as daemon:
        live = daemon.live_policy()
        expect(live["name"] == "first" and live["log"] == ["then"], f"{live}")
        expect(options(daemon) == {"n": "7", "text": "ü=1"}, f"{options(daemon)}")
        daemon.command("policy", "swap", second)
        expect(options(daemon) == {"n": "7"}, f"{options(daemon)}")
        daemon.process.kill()
        daemon.process.wait(10)
    with restarted() as daemon:
        expect(daemon.live_policy()["name"] == "second", f"{daemon.live_policy()}")
        expect(options(daemon) == {"n": "7"}, f"{options(daemon)}")
        daemon.command("policy", "load", bench.folder / "bad.lua")
        daemon.command("policy", "rollback")
        expect(daemon.live_policy()["name"] == "second", f"{daemon.live_policy()}")
    with restarted() as daemon:
        expect(daemon.live_policy()["name"] == "second", "what was rolled back came back")
        program = daemon.start("route", loop_program(bench), "forever")
        wait_until(lambda: "running" in program.out, "the program works", 30)
        daemon.command("policy", "load", bad)
        wait_until(lambda: daemon.live_policy()["name"] == "second", "it is thrown out", 20)
        wait_until(lambda: '"name" : "second"' in (state / "state.json").read_text()
                   or "second.lua" in (state / "state.json").read_text(), "it is remembered", 5)
        daemon.process.kill()
        daemon.process.wait(10)
    with restarted() as daemon:
        expect(daemon.live_policy()["name"] == "second", "what was thrown out came back")
        daemon.command("policy", "load", "passthrough")
    with restarted() as daemon:
        expect(daemon.live_policy()["name"] == "passthrough", "the built-in one is forgotten")
        expect(daemon.status().get("stateProblem") is None, f"{daemon.status()}")


@case("a damaged state file starts the default, and says so")
def damaged_state(bench):
    def directory(path):
        path.mkdir()
        (path / "x").write_text("x")

    def huge(path):
        with open(path, "wb") as file:
            file.truncate(1 << 40)

    damages = {
        "torn": lambda path: path.write_text('{"options": {"n": "7'),
        "garbage": lambda path: path.write_bytes(bytes(range(256)) * 100),
        "huge": huge, "a folder": directory, "a pipe": os.mkfifo,
        "a device": lambda path: path.symlink_to("/dev/zero"),
    }
    if os.geteuid() == 0:
        def foreign(path):
            path.write_text('{"options": {}, "builtIn": "fifo"}')
            os.chown(path, 12345, 12345)
        damages["another user's"] = foreign
    for index, (what, damage) in enumerate(damages.items()):
        folder = bench.folder / f"state-{index}"
        folder.mkdir()
        damage(folder / "state.json")
        with Daemon(bench, None, "--state", folder, name=f"daemon-{index}") as daemon:
            expect(daemon.live_policy()["name"] == "fair", f"{what}: {daemon.live_policy()}")
            expect("state.json" in daemon.status().get("stateProblem", ""), f"{what} is not told")
            expect("state.json" in daemon.command("status").out, f"{what} is not shown")
            expect("state.json" in daemon.process.err, f"{what} is not logged")
            daemon.run("route", loop_program(bench), "20")
            daemon.command("policy", "load", ROOT / "policies" / "fifo.lua")
            expect(daemon.status().get("stateProblem") is None, f"{what}: {daemon.status()}")
        with Daemon(bench, None, "--state", folder, name=f"daemon-{index}-again") as daemon:
            expect(daemon.live_policy()["name"] == "fifo", f"{what}: {daemon.live_policy()}")
