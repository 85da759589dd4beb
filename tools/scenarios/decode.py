"""Decodes a batch of sequences token by token, and tells when each token was there.

An ordinary PyTorch program that knows nothing of FlexNPU. All sequences continue one prefix, again and again: each
round begins with the prefix's keys and values. Prints a JSON line a token; times are CLOCK_MONOTONIC.
"""

import argparse
import json
import time

import torch

from model import Transformer
from start import start


def decode(model, prefix, token, start, count):
    """Yields the next token of every sequence, `count` times."""
    caches = [dict(cache) for cache in prefix]
    for index in range(count):
        logits = model(token, caches, start=start + index)
        token = logits[:, -1].argmax(dim=-1, keepdim=True)
        yield token.cpu()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", default="npu")
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--prefix", type=int, default=32)
    parser.add_argument("--tokens", type=int, default=16, help="tokens of a round")
    parser.add_argument("--seconds", type=float, default=10, help="decode so long")
    parser.add_argument("--width", type=int, default=192)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--json", help="write the first round's tokens here")
    options = parser.parse_args()
    start(options.device, 3)
    model = Transformer(width=options.width, layers=options.layers).to(options.device).eval()
    source = torch.Generator().manual_seed(5)
    first = None
    with torch.no_grad():
        ids = torch.randint(0, 256, (options.batch, options.prefix), generator=source)
        prefix = [{} for _ in model.blocks]
        logits = model(ids.to(options.device), prefix)
        token = logits[:, -1].argmax(dim=-1, keepdim=True)
        token.cpu()
        end = time.monotonic() + options.seconds
        while first is None or time.monotonic() < end:
            begun = time.monotonic()
            made = []
            for ids in decode(model, prefix, token, options.prefix, options.tokens):
                now = time.monotonic()
                print(json.dumps({"sequences": options.batch, "begun": begun, "token": now}), flush=True)
                begun = now
                made.append(ids)
            first = first or torch.cat(made, dim=1).tolist()
    if options.json:
        with open(options.json, "w") as file:
            json.dump(first, file)


if __name__ == "__main__":
    main()
