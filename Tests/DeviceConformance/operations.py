"""Compares operations of torch on the NPU with the same operations on the CPU.

Takes no arguments (or names of groups, to run only those); prints every difference and at the end
`N passed, N failed`; exits 1 if any failed. Needs torch and torch_npu, and on LD_LIBRARY_PATH a device library
under CANN's names.
"""

import sys

from comparison.harness import Tally, report
from comparison import elementwise, layers, models, shapes

import torch

GROUPS = [
    elementwise.unary, elementwise.binary, elementwise.copies, shapes.shapes, shapes.reductions,
    layers.normalization, layers.products, shapes.indexing, layers.losses, layers.attention,
    layers.others, shapes.random, models.models,
]


def main():
    torch.npu.set_device(0)
    torch.set_num_threads(1)
    wanted = [name for name in sys.argv[1:] if not name.startswith("-")]
    for group in GROUPS:
        if wanted and group.__name__ not in wanted:
            continue
        torch.manual_seed(1)
        before = (Tally.passed, len(Tally.failures))
        try:
            group()
        except Exception as error:
            report([f"{group.__name__}: {type(error).__name__}: {error}"])
        print(f"{group.__name__}: {Tally.passed - before[0]} passed, "
              f"{len(Tally.failures) - before[1]} failed", flush=True)
    print(f"{Tally.passed} passed, {len(Tally.failures)} failed")
    sys.exit(1 if Tally.failures else 0)


if __name__ == "__main__":
    main()
