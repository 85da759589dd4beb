"""A daemon of the case's own, and programs under it."""

import json
import signal

from workbench import ROOT, expect, wait_until


class Daemon:
    """`flexnpu daemon` on the software device, ready when the constructor returns."""

    def __init__(self, bench, policy="fifo", *options, socket=None, environment=None, name="daemon"):
        self.bench = bench
        self.socket = socket or bench.folder / "daemon.sock"
        self.environment = bench.environment(FLEXNPU_SOCKET=self.socket, **(environment or {}))
        arguments = [bench.flexnpu, "daemon", "--socket", self.socket]
        if policy is not None:
            path = policy if str(policy).endswith(".lua") else ROOT / "policies" / f"{policy}.lua"
            arguments += ["--policy", path]
        self.process = bench.start(*arguments, *options, environment=self.environment, name=name)
        wait_until(self.answers, "the daemon does not serve: " + str(self.process.result()))

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind is None:
            self.stop()

    def answers(self):
        expect(not self.process.is_over(), f"the daemon ended: {self.process.result()}")
        return self.command("status", expected=None).code == 0

    def stop(self):
        """In good order; a daemon that does not end, or not well, fails the case."""
        if not self.process.is_over():
            self.process.kill(signal.SIGTERM)
            self.process.wait(20, expected=0)

    def command(self, *arguments, expected=0, timeout=60.0):
        return self.bench.command(*arguments, environment=self.environment, expected=expected,
                                  timeout=timeout)

    def json(self, *arguments):
        return json.loads(self.command(*arguments, "--json").out)

    def status(self):
        return self.json("status")

    def clients(self):
        return self.json("list")

    def live_policy(self):
        return self.status()["policy"]

    def start(self, mode, *program, labels=(), **environment):
        """A program under the daemon; `mode` is route, observe or direct."""
        arguments = [self.bench.flexnpu, "run", f"--{mode}"]
        for label in labels:
            arguments += ["--label", label]
        return self.bench.start(*arguments, "--", *program,
                                environment={**self.environment, **{
                                    k: str(v) for k, v in environment.items()}})

    def run(self, mode, *program, labels=(), timeout=60.0, expected=0, **environment):
        return self.start(mode, *program, labels=labels, **environment).wait(timeout, expected)


def busy_nanoseconds(client):
    return sum(phase["busyNanoseconds"] for phase in client["phases"])
