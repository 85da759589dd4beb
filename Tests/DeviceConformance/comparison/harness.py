"""Runs a function on the CPU and on the NPU and compares what comes out."""

import os
import sys
import traceback

# Errors then come from the operation that caused them, and the next one works again.
os.environ.setdefault("TASK_QUEUE_ENABLE", "0")

import torch
import torch_npu  # noqa: F401  (registers the device)

FLOATS = [torch.float32, torch.float16, torch.bfloat16]
INTEGERS = [torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8]
TOLERANCE = {torch.float32: (3e-5, 3e-5), torch.float16: (2e-3, 2e-3), torch.bfloat16: (1.6e-2, 1e-2)}

class Tally:
    """How many comparisons agreed, and what the others said."""

    passed = 0
    failures = []


def data(*shape, dtype=torch.float32, low=-3.0, high=3.0):
    """Numbers that differ from call to call but not from run to run."""
    if dtype == torch.bool:
        return torch.rand(shape) < 0.5
    if not dtype.is_floating_point:
        return torch.randint(0 if dtype == torch.uint8 else -20, 20, shape).to(dtype)
    return (torch.rand(shape) * (high - low) + low).to(dtype)


def moved(value):
    """The same value on the NPU; views are made there, by the function in the pair."""
    if isinstance(value, View):
        return value.make(value.base.npu())
    if isinstance(value, torch.Tensor):
        return value.npu()
    if isinstance(value, (list, tuple)):
        return type(value)(moved(item) for item in value)
    return value


def here(value):
    if isinstance(value, View):
        return value.make(value.base.clone())
    if isinstance(value, torch.Tensor):
        return value.clone()
    if isinstance(value, (list, tuple)):
        return type(value)(here(item) for item in value)
    return value


class View:
    """A view of a tensor, made on whichever device the tensor is."""

    def __init__(self, base, make):
        self.base, self.make = base, make


def differences(label, wanted, got, scale=1.0):
    if isinstance(wanted, (list, tuple)):
        if len(wanted) != len(got):
            return [f"{label}: {len(got)} results, expected {len(wanted)}"]
        pairs = enumerate(zip(wanted, got))
        return [line for i, (w, g) in pairs for line in differences(f"{label}[{i}]", w, g, scale)]
    if not isinstance(wanted, torch.Tensor):
        return [] if wanted == got else [f"{label}: {got}, expected {wanted}"]
    got = got.cpu()
    if wanted.dtype != got.dtype:
        return [f"{label}: {got.dtype}, expected {wanted.dtype}"]
    if wanted.shape != got.shape:
        return [f"{label}: shape {tuple(got.shape)}, expected {tuple(wanted.shape)}"]
    rtol, atol = TOLERANCE.get(wanted.dtype, (0, 0))
    same = torch.isclose(
        got.double(), wanted.double(), rtol=rtol * scale, atol=atol * scale, equal_nan=True)
    if same.all():
        return []
    bad = ~same
    return [f"{label}: {int(bad.sum())} of {wanted.numel()} differ: got {got[bad][:4].tolist()}, "
            f"expected {wanted[bad][:4].tolist()}"]


def check(label, function, *arguments, scale=1.0):
    """Runs `function` on copies of the arguments on both devices and compares results and arguments."""
    try:
        on_cpu, on_npu = here(arguments), moved(arguments)
        wanted, got = function(*on_cpu), function(*on_npu)
        found = differences(label, wanted, got, scale)
        found += differences(f"{label} (arguments after)", list(on_cpu), list(on_npu), scale)
    except Exception as error:  # every kind of failure is a result here
        lines = [line for line in str(error).splitlines() if line.strip()]
        found = [f"{label}: {type(error).__name__}: {' | '.join(lines[:3])[:400]}"]
        if "-v" in sys.argv:
            traceback.print_exc()
    report(found)


def report(found):
    if not found:
        Tally.passed += 1
        return
    Tally.failures.extend(found)
    for line in found:
        print("FAIL", line, flush=True)


def gradient(label, function, *arguments, scale=1.0):
    """Compares results and the gradients of all floating-point arguments."""

    def run(*values):
        leaves = [v.detach().requires_grad_() if isinstance(v, torch.Tensor)
                  and v.is_floating_point() else v for v in values]
        result = function(*leaves)
        weights = torch.linspace(-1, 1, max(result.numel(), 1))[: result.numel()]
        (result * weights.view(result.shape).to(result)).sum().backward()
        return [result.detach()] + [v.grad for v in leaves if isinstance(v, torch.Tensor)
                                    and v.is_floating_point() and v.grad is not None]

    check(label, run, *arguments, scale=scale)


def views(base):
    """A tensor of at least [6, 8] in several layouts."""
    return {
        "plain": base,
        "transposed": View(base, lambda x: x.transpose(-1, -2)),
        "strided": View(base, lambda x: x[..., ::2]),
        "offset": View(base, lambda x: x[1:, 3:]),
        "expanded": View(base, lambda x: x[:1].expand(5, *x.shape[1:])),
        "empty": View(base, lambda x: x[:0]),
        "scalar": View(base, lambda x: x[(0,) * x.dim()]),
    }
