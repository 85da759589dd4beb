"""What the demonstration prints: steps, commands as a user would type them, progress on a terminal."""

import subprocess
import sys

from places import BUILD, ROOT

terminal = sys.stdout.isatty()


def say(text):
    print(f"\033[1m{text}\033[0m" if terminal else text, flush=True)


def step(number, text):
    print()
    say(f"{number}. {text}")


def progress(text):
    if terminal:
        print(f"\r\033[K{text}", end="", flush=True)


def typed(command):
    return " ".join(str(part) for part in command).replace(f"{BUILD}/", "").replace(f"{ROOT}/", "")


def run(*command, environment, check=True, quiet=False):
    """Runs a command to its end; not quiet: shows it and what it prints."""
    if not quiet:
        print(f"$ {typed(command)}", flush=True)
    done = subprocess.run([str(part) for part in command], env=environment, text=True,
                          capture_output=quiet)
    if check and done.returncode != 0:
        raise SystemExit(f"demo: `{typed(command)}` ended with {done.returncode}\n"
                         + ((done.stdout or "") + (done.stderr or "") if quiet else ""))
    return done


def shown(command, environment, log, shown_as=None):
    """Starts a program in the background, its output in a file."""
    print(f"$ {shown_as or typed(command)} &", flush=True)
    with open(log, "w") as file:
        return subprocess.Popen([str(part) for part in command], env=environment, stdout=file, stderr=file)
