"""Programs that are linked with CANN's libraries, built where there is no CANN: against libraries of its names that
have every function of the table and no code."""

import re
import subprocess
from pathlib import Path

from workbench import ROOT, expect


def table_names():
    lines = (ROOT / "Sources/AscendCL/Table/functions.tsv").read_text().splitlines()
    rows = [line for line in lines if line and not line.startswith("#")]
    return [row.split("\t")[0] for row in rows[1:]]


def cc(*arguments, compiler="cc"):
    done = subprocess.run([compiler, *map(str, arguments)], capture_output=True, text=True, timeout=120)
    expect(done.returncode == 0, f"{arguments[-1]} does not build: {done.stderr}")


def stub_folder(bench, *further):
    """A folder of libraries to link with; `further` names are functions that the table lacks."""
    folder = bench.folder / "stubs"
    folder.mkdir(exist_ok=True)
    source, code = folder / "stub.c", folder / "stub.o"
    source.write_text("".join(f"void {name}(void) {{}}\n" for name in [*table_names(), *further]))
    cc("-c", "-fPIC", "-fno-builtin", "-o", code, source)
    return folder


def library(folder, name):
    path = folder / f"lib{name}.so"
    if not path.exists():
        cc("-shared", f"-Wl,-soname,{path.name}", "-o", path, folder / "stub.o")
    return path


def words_after(text, what):
    found = re.search(rf"^// {what}:(.*)$", text, re.MULTILINE)
    return found.group(1).split() if found else []


class LinkedProgram:
    """A program, or a program with a plugin, built as the head of its source says."""

    def __init__(self, bench, source, *flags, stubs=None):
        source = Path(source)
        text = source.read_text()
        stubs = stubs or stub_folder(bench)
        compiler = "c++" if source.suffix == ".cpp" else "cc"
        common = ["-O1", "-g", "-Wall", "-Wextra", "-Werror", *words_after(text, "flags"), *flags]
        self.path = bench.folder / source.stem
        cc(*common, "-o", self.path, source, *self.linked(stubs, text, "libraries"), "-lpthread", "-ldl",
           compiler=compiler)
        self.command = [self.path]
        if re.search(r"^// plugin:", text, re.MULTILINE):
            plugin = bench.folder / f"{source.stem}.so"
            cc(*common, "-DPLUGIN", "-shared", "-fPIC", "-o", plugin, source,
               *self.linked(stubs, text, "plugin"), compiler=compiler)
            self.command.append(plugin)

    @staticmethod
    def linked(stubs, text, what):
        return ["-Wl,--no-as-needed", *(library(stubs, name) for name in words_after(text, what)),
                "-Wl,--as-needed"]
