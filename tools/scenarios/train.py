"""Trains a small transformer for some steps and prints the losses: an ordinary PyTorch program."""

import argparse
import json
import time

import torch
from torch.nn import functional

from model import Transformer
from start import start


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", default="npu")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--length", type=int, default=64)
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--activation", default="gelu", choices=["gelu", "silu"])
    parser.add_argument("--seconds", type=float, default=0, help="train at least this long")
    parser.add_argument("--json", help="write losses and times here")
    options = parser.parse_args()
    start(options.device, 7)
    model = Transformer(
        width=options.width, layers=options.layers, activation=options.activation
    ).to(options.device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    source = torch.Generator().manual_seed(11)
    losses, times = [], []
    started = time.perf_counter()
    step = 0
    while step < options.steps or time.perf_counter() - started < options.seconds:
        begun = time.perf_counter()
        ids = torch.randint(0, 32, (options.batch, options.length + 1), generator=source)
        ids = ids.to(options.device)
        logits = model(ids[:, :-1])
        loss = functional.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        times.append(time.perf_counter() - begun)
        step += 1
    weights = sum(float(p.detach().float().cpu().double().abs().sum()) for p in model.parameters())
    result = {"losses": losses, "weights": weights, "step_seconds": times}
    if options.json:
        with open(options.json, "w") as file:
            json.dump(result, file)
    ordered = sorted(times)
    print(f"train: {step} steps, loss {losses[0]:.4f} -> {losses[-1]:.4f}, "
          f"median step {ordered[len(ordered) // 2] * 1e3:.1f} ms, weights {weights:.4f}")


if __name__ == "__main__":
    main()
