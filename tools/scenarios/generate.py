"""Generates with a batched key-value cache and prints the tokens: an ordinary PyTorch program."""

import argparse
import json
import time

import torch

from model import Transformer
from start import start


def generate(model, prompts, count, device):
    """Prefill of the whole batch, then one token a step for every sequence. Returns tokens and times."""
    caches = [{} for _ in model.blocks]
    begun = time.perf_counter()
    logits = model(prompts.to(device), caches)
    token = logits[:, -1].argmax(dim=-1, keepdim=True)
    produced = [token]
    first = time.perf_counter()
    token.cpu()
    times = [first - begun]
    for index in range(count - 1):
        begun = time.perf_counter()
        logits = model(token, caches, start=prompts.shape[1] + index)
        token = logits[:, -1].argmax(dim=-1, keepdim=True)
        produced.append(token)
        token.cpu()
        times.append(time.perf_counter() - begun)
    return torch.cat(produced, dim=1).cpu(), times


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", default="npu")
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--prompt", type=int, default=32)
    parser.add_argument("--tokens", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=0, help="generate at least this long")
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--json", help="write tokens and times here")
    options = parser.parse_args()
    start(options.device, 3)
    model = Transformer(width=options.width, layers=options.layers).to(options.device).eval()
    source = torch.Generator().manual_seed(5)
    tokens, times = None, []
    started = time.perf_counter()
    rounds = 0
    with torch.no_grad():
        while rounds < options.rounds or time.perf_counter() - started < options.seconds:
            prompts = torch.randint(0, 256, (options.batch, options.prompt), generator=source)
            made, took = generate(model, prompts, options.tokens, options.device)
            tokens = made if tokens is None else tokens
            times.append(took)
            rounds += 1
    if options.json:
        with open(options.json, "w") as file:
            json.dump({"tokens": tokens.tolist(), "seconds": times}, file)
    decode = sorted(t for took in times for t in took[1:])
    print(f"generate: {rounds} rounds of {options.batch} x {options.tokens} tokens, "
          f"median decode step {decode[len(decode) // 2] * 1e3:.1f} ms, "
          f"first tokens {tokens[0, :6].tolist()}")


if __name__ == "__main__":
    main()
