"""Answers prompts that arrive at fixed times, and tells how long each waited for its first token.

An ordinary PyTorch program that knows nothing of FlexNPU: a few threads, each with a stream of its own, take
prompts as they arrive and compute their first token. Prints a JSON line a prompt; times are CLOCK_MONOTONIC.
"""

import argparse
import json
import queue
import threading
import time

import torch

from model import Transformer
from start import start


class Server:
    """Threads that prefill prompts, one stream each."""

    def __init__(self, model, options):
        self.model, self.options = model, options
        self.arrived = queue.Queue()
        self.tokens = {}
        self.printing = threading.Lock()
        self.threads = [threading.Thread(target=self.serve) for _ in range(options.threads)]
        for thread in self.threads:
            thread.start()

    def serve(self):
        with torch.no_grad(), stream_of(self.options.device):
            while True:
                prompt = self.arrived.get()
                if prompt is None:
                    return
                number, arrived, ids = prompt
                logits = self.model(ids.to(self.options.device))
                token = logits[:, -1].argmax(dim=-1).cpu()
                first = time.monotonic()
                with self.printing:
                    self.tokens[number] = token.tolist()
                    print(json.dumps({"prompt": number, "arrived": arrived, "first": first}), flush=True)

    def stop(self):
        for _ in self.threads:
            self.arrived.put(None)
        for thread in self.threads:
            thread.join()


def stream_of(device):
    """A stream of its own for the calling thread, where the device has streams."""
    if not device.startswith("npu"):
        return torch.no_grad()
    torch.npu.set_device(device if ":" in device else "npu:0")
    return torch.npu.stream(torch.npu.Stream())


def arrivals(options):
    """Seconds after the start: bursts, a fixed time apart."""
    begin = 0.0
    while begin < options.seconds:
        for _ in range(options.burst):
            yield begin
        begin += options.period


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", default="npu")
    parser.add_argument("--threads", type=int, default=4, help="prompts that are computed at once")
    parser.add_argument("--length", type=int, default=96, help="tokens of a prompt")
    parser.add_argument("--burst", type=int, default=4, help="prompts that arrive together")
    parser.add_argument("--period", type=float, default=1.0, help="seconds from one burst to the next")
    parser.add_argument("--seconds", type=float, default=10, help="prompts arrive for so long")
    parser.add_argument("--width", type=int, default=192)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--json", help="write the first tokens here")
    options = parser.parse_args()
    start(options.device, 3)
    model = Transformer(width=options.width, layers=options.layers).to(options.device).eval()
    source = torch.Generator().manual_seed(5)
    server = Server(model, options)
    started = time.monotonic()
    for number, after in enumerate(arrivals(options)):
        ids = torch.randint(0, 256, (1, options.length), generator=source)
        time.sleep(max(0, started + after - time.monotonic()))
        server.arrived.put((number, started + after, ids))
    server.stop()
    if options.json:
        with open(options.json, "w") as file:
            json.dump([server.tokens[number] for number in sorted(server.tokens)], file)


if __name__ == "__main__":
    main()
