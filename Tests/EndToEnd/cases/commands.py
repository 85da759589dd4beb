"""What `flexnpu` says of itself."""

import re

from registry import case
from workbench import expect


def subcommands(text):
    """Names under SUBCOMMANDS, as the help lists them."""
    listed = text.split("SUBCOMMANDS:", 1)[1] if "SUBCOMMANDS:" in text else ""
    return re.findall(r"^  ([a-z][a-z-]*)", listed, re.MULTILINE)


@case("help of every command, by --help and by `help`")
def every_help(bench):
    def look(path):
        asked = bench.command(*path, "--help")
        expect("USAGE:" in asked.out and asked.err == "", f"{path}: {asked}")
        named = bench.command("help", *path)
        expect(named.out == asked.out, f"{path}: {named}")
        return [[*path, name] for name in subcommands(asked.out) if name != "help"]

    waiting, seen = [[]], 0
    while waiting:
        waiting += look(waiting.pop())
        seen += 1
    expect(seen > 15, f"only {seen} commands")


@case("a mistake in a command: what is wrong, and where to look")
def mistakes(bench):
    for arguments in (["lisst"], ["list", "--no-such-option"], ["policy", "set"], ["run"]):
        done = bench.command(*arguments, expected=None)
        expect(done.code == 64 and "--help" in done.err, f"{arguments}: {done}")
        expect("CommandError" not in done.err, f"{arguments}: {done}")
