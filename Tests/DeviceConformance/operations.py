"""Compares operations of torch on the NPU with the same operations on the CPU.

Takes no arguments; prints every difference and at the end `N passed, N failed`; exits 1 if any failed.
Needs torch and torch_npu, and on LD_LIBRARY_PATH a device library under CANN's names.
"""

import itertools
import os
import sys
import traceback

# Errors then come from the operation that caused them, and the next one works again.
os.environ.setdefault("TASK_QUEUE_ENABLE", "0")

import torch
import torch_npu  # noqa: F401  (registers the device)
from torch.nn import functional as F

FLOATS = [torch.float32, torch.float16, torch.bfloat16]
INTEGERS = [torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8]
TOLERANCE = {torch.float32: (3e-5, 3e-5), torch.float16: (2e-3, 2e-3), torch.bfloat16: (1.6e-2, 1e-2)}

passed, failures = 0, []


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
    global passed
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
    global passed
    if not found:
        passed += 1
        return
    failures.extend(found)
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


def gelu_by_tanh(x):
    return (F.gelu if x.device.type == "cpu" else torch_npu.npu_gelu)(x, approximate="tanh")


def unary():
    functions = {
        "neg": torch.neg, "abs": torch.abs, "exp": torch.exp, "sin": torch.sin, "cos": torch.cos,
        "sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu, "silu": F.silu,
        "gelu": F.gelu, "erf": torch.erf,
        "floor": torch.floor, "ceil": torch.ceil, "round": torch.round, "trunc": torch.trunc,
        "sign": torch.sign, "square": torch.square, "isfinite": torch.isfinite,
        "logical_not": torch.logical_not, "leaky": lambda x: F.leaky_relu(x, 0.1),
        "clamp": lambda x: x.clamp(-1, 1.5), "clamp_min": lambda x: x.clamp(min=0.25),
        "pow 2": lambda x: x**2, "pow 3": lambda x: x**3, "hardswish": F.hardswish,
    }
    positive = {
        "sqrt": torch.sqrt, "rsqrt": torch.rsqrt, "log": torch.log, "log2": torch.log2,
        "log1p": torch.log1p, "reciprocal": torch.reciprocal, "pow 0.5": lambda x: x**0.5,
        "pow -0.5": lambda x: x**-0.5, "pow -1.7": lambda x: x**-1.7, "expm1": torch.expm1,
    }
    for dtype in FLOATS:
        for kind, (low, high) in ((functions, (-3, 3)), (positive, (0.1, 9))):
            for name, function in kind.items():
                for label, x in views(data(6, 8, dtype=dtype, low=low, high=high)).items():
                    check(f"{name} {dtype} {label}", function, x)
    for dtype in INTEGERS:
        for name in ("neg", "abs", "sign", "square", "relu", "logical_not", "pow 2"):
            if dtype == torch.uint8 and name in ("neg", "sign"):
                continue
            check(f"{name} {dtype}", functions[name], data(6, 8, dtype=dtype))
    special = torch.tensor([0.0, -0.0, float("inf"), -float("inf"), float("nan"), 1e-40, 3e38, -90, 89])
    for name in ("exp", "tanh", "sigmoid", "silu", "relu", "abs", "isfinite", "sign"):
        check(f"{name} of special values", functions[name], special)
    for dtype in FLOATS:
        for name in ("exp", "tanh", "sigmoid", "silu", "gelu", "relu", "leaky"):
            gradient(f"{name} gradient {dtype}", functions[name], data(17, 33, dtype=dtype), scale=2)
        check(f"long silu {dtype}", F.silu, data(3, 4099, dtype=dtype))
        gradient(f"gelu by tanh {dtype}", gelu_by_tanh, data(5, 9, dtype=dtype), scale=2)
    check("in place exp_", lambda x: x.exp_(), data(5, 7))
    check("in place relu_ on a view", lambda x: x[:, ::2].relu_(), data(5, 8))


def binary():
    functions = {
        "add": torch.add, "sub": torch.sub, "mul": torch.mul, "maximum": torch.maximum,
        "minimum": torch.minimum, "eq": torch.eq, "ne": torch.ne, "lt": torch.lt, "le": torch.le,
        "gt": torch.gt, "ge": torch.ge,
    }
    shapes = [((6, 8), (6, 8)), ((6, 8), (8,)), ((6, 1), (1, 8)), ((4, 1, 5), (3, 1)), ((), (3, 4)),
              ((0, 4), (4,)), ((2, 3, 4, 5), (1, 3, 1, 5)), ((2000,), (1,)), ((), ())]
    for dtype, (name, function) in itertools.product(FLOATS + INTEGERS, functions.items()):
        for a, b in shapes:
            check(f"{name} {dtype} {a} {b}", function, data(*a, dtype=dtype), data(*b, dtype=dtype))
    for dtype, (name, function) in itertools.product(FLOATS, functions.items()):
        for label, x in views(data(6, 8, dtype=dtype)).items():
            if label in ("expanded", "empty"):
                continue
            check(f"{name} {dtype} {label}", function, x, data(1, dtype=dtype))
    for a, b in itertools.product([torch.float32, torch.float16, torch.int64, torch.int32, torch.bool],
                                  [torch.float32, torch.bfloat16, torch.int64, torch.uint8]):
        for name in ("add", "mul", "lt", "eq", "maximum"):
            check(f"{name} {a} with {b}", functions[name], data(5, 6, dtype=a), data(5, 6, dtype=b))
    for dtype in FLOATS + [torch.int64, torch.int32]:
        x, y = data(6, 8, dtype=dtype), data(6, 8, dtype=dtype)
        check(f"add alpha {dtype}", lambda x, y: torch.add(x, y, alpha=3), x, y)
        check(f"sub alpha {dtype}", lambda x, y: torch.sub(x, y, alpha=2), x, y)
        check(f"rsub {dtype}", lambda x: 5 - x, x)
        check(f"scalars {dtype}", lambda x: [x + 2, x - 3, x * 4, x == 1, x < 2, x >= 0, x != 3], x)
        check(f"div {dtype}", torch.div, x, y.abs() + 1)
        check(f"div scalar {dtype}", lambda x: x / 4, x)
        for rounding in ("floor", "trunc"):
            check(f"div {rounding} {dtype}",
                  lambda x, y: torch.div(x, y, rounding_mode=rounding), x, y.abs() + 1)
        check(f"floor_divide {dtype}", lambda x: x // 3, x)
        check(f"remainder {dtype}", lambda x, y: torch.remainder(x, y), x, y.abs() + 1)
        check(f"remainder scalar {dtype}", lambda x: x % 4, x)
        check(f"add_ {dtype}", lambda x, y: x.add_(y), x, y)
        check(f"mul_ {dtype}", lambda x, y: x.mul_(y), x, y)
        check(f"add_ view {dtype}", lambda x, y: x[:, 1::2].add_(y[:, ::2]), x, y)
        check(f"add_ transposed {dtype}", lambda x, y: x.t().add_(y.t()), x, y)
        check(f"where {dtype}", lambda c, x, y: torch.where(c, x, y), x > 0, x, y)
        check(f"masked_fill {dtype}", lambda x, m: x.masked_fill(m, 7), x, x > 0)
        check(f"masked_fill_ broadcast {dtype}",
              lambda x, m: x.masked_fill_(m, 0), x, data(8, dtype=torch.bool))
    for dtype in FLOATS:
        x, y, z = (data(5, 9, dtype=dtype) for _ in range(3))
        check(f"addcmul {dtype}", lambda x, y, z: torch.addcmul(x, y, z, value=0.3), x, y, z)
        check(f"addcdiv_ {dtype}", lambda x, y, z: x.addcdiv_(y, z.abs() + 1, value=-0.1), x, y, z)
        check(f"lerp {dtype}", lambda x, y: torch.lerp(x, y, 0.3), x, y)
        check(f"lerp_ {dtype}", lambda x, y: x.lerp_(y, 0.9), x, y)
        check(f"pow tensor {dtype}", lambda x, y: torch.pow(x.abs() + 0.1, y), x, y, scale=3)
        gradient(f"mul gradient {dtype}", torch.mul, data(4, 1, 5, dtype=dtype), data(3, 1, dtype=dtype))
        gradient(f"div gradient {dtype}", lambda x, y: x / (y * y + 1), x, y, scale=3)
    for dtype in INTEGERS + [torch.bool]:
        x, y = data(6, 8, dtype=dtype), data(8, dtype=dtype)
        check(f"and {dtype}", torch.bitwise_and, x, y)
        check(f"or {dtype}", torch.bitwise_or, x, y)
        check(f"xor {dtype}", torch.bitwise_xor, x, y)
        check(f"not {dtype}", torch.bitwise_not, x)
        check(f"logical {dtype}", lambda x, y: [torch.logical_and(x, y), torch.logical_or(x, y)], x, y)


def copies():
    dtypes = FLOATS + INTEGERS + [torch.bool]
    for source, target in itertools.product(dtypes, dtypes):
        for label, x in views(data(6, 8, dtype=source)).items():
            if label in ("plain", "strided", "transposed"):
                base = x.base if isinstance(x, View) else x
                if source.is_floating_point and not target.is_floating_point:
                    base = base.abs()
                x = View(base, x.make) if isinstance(x, View) else base
                check(f"{source} to {target} {label}", lambda x: x.to(target), x)
    for dtype in dtypes:
        for label, x in views(data(6, 8, dtype=dtype)).items():
            check(f"contiguous {dtype} {label}", lambda x: x.contiguous(), x)
        check(f"permute {dtype}", lambda x: x.permute(2, 0, 1).contiguous(), data(5, 6, 7, dtype=dtype))
        check(f"permute 4d {dtype}", lambda x: x.permute(0, 2, 1, 3).reshape(2, 5, -1),
              data(2, 3, 5, 8, dtype=dtype))
        check(f"large transpose {dtype}", lambda x: x.t().contiguous(), data(130, 67, dtype=dtype))
        check(f"copy_ into view {dtype}", lambda x, y: x[:, ::2].copy_(y), data(4, 8, dtype=dtype),
              data(4, 4, dtype=dtype))
        check(f"copy_ broadcast {dtype}", lambda x, y: x.copy_(y), data(4, 8, dtype=dtype),
              data(8, dtype=dtype))
        check(f"fill_ {dtype}", lambda x: x.fill_(3), data(4, 8, dtype=dtype))
        check(f"fill_ view {dtype}", lambda x: x[1:, ::3].fill_(1), data(4, 8, dtype=dtype))
        check(f"zero_ {dtype}", lambda x: x[:, 2:5].zero_(), data(4, 8, dtype=dtype))
        check(f"ones {dtype}", lambda x: torch.ones_like(x), data(4, 8, dtype=dtype))
        check(f"full {dtype}", lambda x: torch.full((3, 4), 2, dtype=dtype, device=x.device), data(1))
    check("flip", lambda x: x.flip(0, 1), data(4, 5))
    check("repeat", lambda x: x.repeat(2, 3, 1), data(4, 5))
    check("roll", lambda x: x.roll(2, 1), data(4, 5))


def shapes():
    for dtype in FLOATS + [torch.int64, torch.bool]:
        x, y = data(3, 4, dtype=dtype), data(3, 5, dtype=dtype)
        check(f"cat {dtype}", lambda x, y: torch.cat((x, y), dim=1), x, y)
        check(f"cat views {dtype}", lambda x, y: torch.cat((x[:, ::2], y.t()[:2, :3].t()), dim=-1), x, y)
        check(f"cat empty {dtype}", lambda x: torch.cat((x, x[:0], x)), x)
        check(f"stack {dtype}", lambda x: torch.stack((x, x + x, x), dim=1), x)
        check(f"pad {dtype}", lambda x: F.pad(x, (1, 2, 3, 0), value=1), x)
        check(f"pad negative {dtype}", lambda x: F.pad(x, (-1, 2)), x)
        check(f"split {dtype}", lambda x: [p.contiguous() for p in x.split(2, dim=1)], x)
        for diagonal in (-2, 0, 1, 9):
            check(f"triu {diagonal} {dtype}", lambda x: x.triu(diagonal), data(5, 7, dtype=dtype))
            check(f"tril {diagonal} {dtype}", lambda x: x.tril(diagonal), data(2, 7, 5, dtype=dtype))
    def ranges(x):
        d = x.device
        return [torch.arange(10, device=d), torch.arange(3, 20, 4, device=d), torch.arange(0, device=d),
                torch.arange(0, 1, 0.1, device=d), torch.arange(7.0, device=d),
                torch.arange(5, dtype=torch.bfloat16, device=d), torch.linspace(0, 1, 7, device=d),
                torch.eye(4, device=d), torch.arange(5, 0, -1, dtype=torch.int32, device=d)]
    check("ranges", ranges, data(1))
    for dtype in [torch.float32, torch.float16, torch.int64, torch.int32, torch.bool]:
        for dim in (0, 1, -1):
            check(f"cumsum {dim} {dtype}", lambda x: x.cumsum(dim), data(5, 7, dtype=dtype), scale=4)
    check("cumsum long", lambda x: x.cumsum(0), data(5000), scale=20)


def reductions():
    for dtype in FLOATS + [torch.int64, torch.int32, torch.bool]:
        for label, x in views(data(6, 8, dtype=dtype)).items():
            check(f"sum {dtype} {label}", lambda x: x.sum(), x, scale=4)
            if label not in ("scalar",):
                check(f"sum 0 {dtype} {label}", lambda x: x.sum(0), x, scale=4)
                check(f"sum -1 keep {dtype} {label}", lambda x: x.sum(-1, keepdim=True), x, scale=4)
            check(f"all {dtype} {label}", lambda x: x.bool().all(), x)
            check(f"any {dtype} {label}", lambda x: x.bool().any(), x)
            if label != "empty" and dtype != torch.bool:
                check(f"max {dtype} {label}", lambda x: [x.max(), x.min()], x)
        x = data(3, 4, 5, 6, dtype=dtype)
        for dims in ((0, 2), (1, 3), (0, 1, 2), (-1, -2), (1,), (0, 1, 2, 3)):
            check(f"sum {dims} {dtype}", lambda x: x.sum(dims), x, scale=8)
            check(f"sum {dims} permuted {dtype}", lambda x: x.permute(2, 0, 3, 1).sum(dims), x, scale=8)
        if dtype != torch.bool:
            check(f"amax {dtype}", lambda x: [x.amax((0, 2)), x.amin(-1, keepdim=True)], x)
            for dim in (0, 1, -1):
                check(f"argmax {dim} {dtype}", lambda x: [x.argmax(dim), x.argmin(dim, keepdim=True)], x)
                check(f"max {dim} {dtype}", lambda x: list(x.max(dim)), x)
                check(f"min {dim} {dtype}", lambda x: list(x.min(dim)), x)
            check(f"argmax of all {dtype}", lambda x: x.argmax(), x)
        check(f"all any {dtype}", lambda x: [x.bool().all(1), x.bool().any(-1, keepdim=True)], x)
    for dtype in FLOATS:
        x = data(3, 4, 50, 6, dtype=dtype)
        for dims in ((0, 2), (-1,), (2, 1), (0, 1, 2, 3)):
            check(f"mean {dims} {dtype}", lambda x: x.mean(dims, keepdim=True), x, scale=4)
        check(f"mean {dtype}", lambda x: x.mean(), x, scale=4)
        check(f"var std {dtype}", lambda x: [x.var(-1), x.std(1), x.var((0, 2), correction=0)], x, scale=4)
        check(f"norm {dtype}", lambda x: [x.norm(), torch.linalg.vector_norm(x, 1, dim=1)], x, scale=4)
        gradient(f"mean gradient {dtype}", lambda x: x.mean((0, 2)), x)
        check(f"topk {dtype}", lambda x: list(x.topk(3, dim=1)), data(5, 40))
        check(f"sort {dtype}", lambda x: list(x.sort(dim=-1, descending=True)), data(5, 40))
    check("sum to float", lambda x: x.sum(dtype=torch.float32), data(5, 6, dtype=torch.int64))
    check("sum of half in float", lambda x: x.sum(1, dtype=torch.float32), data(5, 6, dtype=torch.float16))
    check("long sum", lambda x: [x.sum(), x.view(1000, 200).sum(0)], data(200000), scale=100)
    nan = torch.tensor([[1.0, float("nan"), 3.0], [4.0, 5.0, 6.0]])
    check("nan max", lambda x: [x.max(), x.amax(1), *x.max(1), x.argmax(0)], nan)


def normalization():
    for dtype in FLOATS:
        for label, x in views(data(6, 8, dtype=dtype)).items():
            check(f"softmax {dtype} {label}", lambda x: F.softmax(x, -1), x)
            check(f"log_softmax {dtype} {label}", lambda x: F.log_softmax(x, -1), x, scale=2)
        for dim in (0, 1, 2):
            gradient(f"softmax {dim} {dtype}", lambda x: F.softmax(x, dim), data(5, 6, 7, dtype=dtype))
            gradient(f"log_softmax {dim} {dtype}", lambda x: F.log_softmax(x, dim),
                     data(5, 6, 7, dtype=dtype), scale=2)
        for shape, kept in (((6, 8), (8,)), ((2, 3, 33), (33,)), ((2, 5, 4, 6), (4, 6)), ((0, 8), (8,))):
            w, b = data(*kept, dtype=dtype), data(*kept, dtype=dtype)
            gradient(f"layer_norm {shape} {dtype}", lambda x, w, b: F.layer_norm(x, kept, w, b),
                     data(*shape, dtype=dtype), w, b, scale=4)
        gradient(f"layer_norm plain {dtype}", lambda x: F.layer_norm(x, (8,)), data(6, 8, dtype=dtype),
                 scale=4)
        check(f"layer_norm transposed {dtype}", lambda x: F.layer_norm(x.t(), (6,)),
              data(6, 8, dtype=dtype), scale=2)

        def rms(x, w):
            return w * (x.float() * torch.rsqrt(x.float().pow(2).mean(-1, keepdim=True) + 1e-6)).to(x.dtype)

        gradient(f"rms by hand {dtype}", rms, data(4, 9, 32, dtype=dtype), data(32, dtype=dtype), scale=4)

        def fused(x, w):
            if x.device.type == "cpu":
                return rms(x, w)
            return torch_npu.npu_rms_norm(x, w, 1e-6)[0]

        gradient(f"npu_rms_norm {dtype}", fused, data(4, 9, 32, dtype=dtype), data(32, dtype=dtype),
                 scale=6)
    masked = torch.tensor([[0.0, -float("inf"), 1.0], [-float("inf"), 2.0, -float("inf")]])
    check("softmax masked", lambda x: F.softmax(x, -1), masked)


def products():
    for dtype in FLOATS:
        a, b = data(5, 7, dtype=dtype, low=-1, high=1), data(7, 9, dtype=dtype, low=-1, high=1)
        scale = 4
        gradient(f"mm {dtype}", torch.mm, a, b, scale=scale)
        check(f"mm transposed {dtype}", lambda a, b: a.t() @ b.t()[:5, :5], data(5, 7, dtype=dtype),
              data(7, 9, dtype=dtype), scale=scale)
        check(f"mm both transposed {dtype}", lambda a, b: b.t() @ a.t(), a, b, scale=scale)
        check(f"mm strided {dtype}", lambda a, b: a[:, ::2] @ b[::2, ::3], a, b, scale=scale)
        check(f"mm empty {dtype}", lambda a, b: [a[:0] @ b, a[:, :0] @ b[:0], a @ b[:, :0]], a, b)
        check(f"vectors {dtype}", lambda a, b: [a @ b[:, 0], a[0] @ b, a[0] @ b[:, 1]], a, b, scale=scale)
        bias = data(9, dtype=dtype)
        gradient(f"addmm {dtype}", lambda c, a, b: torch.addmm(c, a, b, beta=0.5, alpha=2), bias, a, b,
                 scale=scale)
        check(f"addmm_ {dtype}", lambda c, a, b: c.addmm_(a, b), data(5, 9, dtype=dtype), a, b,
              scale=scale)
        gradient(f"linear {dtype}", F.linear, data(2, 3, 7, dtype=dtype, low=-1, high=1),
                 data(9, 7, dtype=dtype, low=-1, high=1), data(9, dtype=dtype), scale=scale)
        gradient(f"linear without bias {dtype}", F.linear, data(2, 3, 7, dtype=dtype, low=-1, high=1),
                 data(9, 7, dtype=dtype, low=-1, high=1), scale=scale)
        q, k = data(2, 3, 6, 8, dtype=dtype, low=-1, high=1), data(2, 3, 6, 8, dtype=dtype, low=-1, high=1)
        gradient(f"matmul 4d {dtype}", lambda q, k: q @ k.transpose(-1, -2), q, k, scale=scale)
        check(f"matmul heads {dtype}", lambda q: q.transpose(1, 2) @ q.permute(0, 2, 3, 1), q, scale=scale)
        check(f"matmul broadcast {dtype}", lambda q, b: [q @ b, b.t() @ q.transpose(2, 3)], q,
              data(8, 5, dtype=dtype, low=-1, high=1), scale=scale)
        check(f"matmul broadcast batch {dtype}", lambda q, k: q @ k[:, :1].transpose(2, 3), q, k,
              scale=scale)
        x, y = data(4, 5, 6, dtype=dtype, low=-1, high=1), data(4, 6, 3, dtype=dtype, low=-1, high=1)
        gradient(f"bmm {dtype}", torch.bmm, x, y, scale=scale)
        check(f"baddbmm {dtype}", lambda c, x, y: torch.baddbmm(c, x, y, beta=0.5, alpha=2),
              data(4, 5, 3, dtype=dtype), x, y, scale=scale)
        check(f"einsum {dtype}", lambda x, y: torch.einsum("bij,bjk->bik", x, y), x, y, scale=scale)
    check("large mm", torch.mm, data(200, 300), data(300, 100), scale=20)


def indexing():
    for dtype in FLOATS:
        ids = torch.randint(0, 10, (4, 7))
        gradient(f"embedding {dtype}", lambda w: F.embedding(ids.to(w.device), w), data(10, 6, dtype=dtype),
                 scale=3)
        gradient(f"embedding padding {dtype}",
                 lambda w: F.embedding(ids.to(w.device), w, padding_idx=3), data(10, 6, dtype=dtype), scale=3)
        check(f"embedding strided {dtype}", lambda w: F.embedding(ids.to(w.device).t(), w[:, ::2]),
              data(10, 6, dtype=dtype))
    check("embedding int32", lambda i, w: F.embedding(i.int(), w), torch.randint(0, 5, (3,)), data(5, 4))
    for dtype in FLOATS + [torch.int64]:
        x, rows = data(6, 8, dtype=dtype), torch.tensor([4, 0, 2, 2])
        check(f"index_select {dtype}", lambda x, i: [x.index_select(0, i), x.index_select(1, i)], x, rows)
        places = torch.randint(0, 6, (3, 8))
        check(f"gather {dtype}", lambda x, i: x.gather(0, i), x, places)
        check(f"scatter {dtype}", lambda x, i, s: x.scatter(0, i[:1], s), x, places, data(3, 8, dtype=dtype))
        check(f"scatter value {dtype}", lambda x, i: x.scatter(1, i[:, :1] + i[:, :1] * 0, 5), x,
              torch.randint(0, 8, (6, 8)))
        check(f"scatter_add {dtype}", lambda x, i, s: x.scatter_add(0, i, s), x, places,
              data(3, 8, dtype=dtype))
        check(f"index rows {dtype}", lambda x, i: x[i], x, rows)
        check(f"index pairs {dtype}", lambda x, i: x[i, i + 1], x, rows)
        check(f"index put {dtype}", lambda x, i, v: x.index_put_((i,), v), x, torch.tensor([4, 0, 2]),
              data(3, 8, dtype=dtype))
        check(f"index put add {dtype}", lambda x, i, v: x.index_put_((i,), v, accumulate=True), x, rows,
              data(4, 8, dtype=dtype))
        check(f"index_add {dtype}", lambda x, i, v: x.index_add(0, i, v), x, rows, data(4, 8, dtype=dtype))
        check(f"setitem slice {dtype}", lambda x, v: x.__setitem__((slice(None), 3), v), x,
              data(6, dtype=dtype))


def losses():
    for dtype in [torch.float32, torch.bfloat16, torch.float16]:
        logits = data(12, 20, dtype=dtype)
        labels = torch.randint(0, 20, (12,))
        labels[3] = -100
        for reduction in ("mean", "sum", "none"):
            gradient(f"cross_entropy {reduction} {dtype}",
                     lambda x: F.cross_entropy(x, labels.to(x.device), reduction=reduction), logits, scale=3)
        weights = torch.rand(20)
        gradient(f"nll weighted {dtype}",
                 lambda x: F.nll_loss(F.log_softmax(x, -1), labels.to(x.device),
                                      weight=weights.to(x)), logits, scale=3)
        gradient(f"mse {dtype}", lambda x, y: F.mse_loss(x, y), data(5, 6, dtype=dtype),
                 data(5, 6, dtype=dtype), scale=3)


def random():
    def statistics(x):
        return [round(float(x.float().mean()), 1), round(float(x.float().std()), 1)]

    global passed
    torch.npu.manual_seed(3)
    normal = torch.randn(20000, device="npu").cpu()
    uniform = torch.rand(20000, device="npu").cpu()
    torch.npu.manual_seed(3)
    again = torch.randn(20000, device="npu").cpu()
    dropped = F.dropout(torch.ones(20000, device="npu"), 0.25).cpu()
    kept = (dropped != 0).float().mean()
    found = []
    if statistics(normal) != [0.0, 1.0]:
        found.append(f"randn: mean and deviation {statistics(normal)}")
    if abs(uniform.mean() - 0.5) > 0.02 or uniform.min() < 0 or uniform.max() >= 1:
        found.append(f"rand: mean {uniform.mean()}")
    if not torch.equal(normal, again):
        found.append("randn: the same seed gave other numbers")
    if abs(kept - 0.75) > 0.02 or not torch.allclose(dropped[dropped != 0], torch.tensor(4 / 3)):
        found.append(f"dropout: kept {kept}")
    report(found)


def attention():
    for dtype in FLOATS:
        q, k, v = (data(2, 4, 9, 16, dtype=dtype, low=-1, high=1) for _ in range(3))
        gradient(f"sdpa {dtype}", F.scaled_dot_product_attention, q, k, v, scale=4)
        gradient(f"sdpa causal {dtype}",
                 lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True), q, k, v, scale=4)
        mask = torch.rand(9, 9) < 0.7
        mask.fill_diagonal_(True)
        gradient(f"sdpa mask {dtype}", lambda q, k, v: F.scaled_dot_product_attention(
            q, k, v, attn_mask=mask.to(q.device)), q, k, v, scale=4)
        check(f"sdpa decode {dtype}", F.scaled_dot_product_attention, q[:, :, :1], k, v, scale=4)

        def plain(q, k, v, mask, scale):
            scores = (q @ k.transpose(-1, -2)).float() * scale
            if mask is not None:
                scores = scores.masked_fill(mask, -float("inf"))
            return (F.softmax(scores, -1).to(q.dtype) @ v)

        for layout, mode in itertools.product(("BNSD", "BSND", "BSH", "SBH"), ("none", "mask", "causal")):
            def fused(q, k, v):
                upper = torch.ones(9, 9, dtype=torch.bool).triu(1)
                if q.device.type == "cpu":
                    return plain(q, k, v, None if mode == "none" else upper, 0.25)
                take = {"BNSD": lambda t: t, "BSND": lambda t: t.transpose(1, 2).contiguous(),
                        "BSH": lambda t: t.transpose(1, 2).reshape(2, 9, 64),
                        "SBH": lambda t: t.permute(2, 0, 1, 3).reshape(9, 2, 64)}[layout]
                back = {"BNSD": lambda t: t, "BSND": lambda t: t.transpose(1, 2),
                        "BSH": lambda t: t.view(2, 9, 4, 16).transpose(1, 2),
                        "SBH": lambda t: t.view(9, 2, 4, 16).permute(1, 2, 0, 3)}[layout]
                options = {}
                if mode == "mask":
                    options = {"atten_mask": upper.npu()}
                if mode == "causal":
                    options = {"atten_mask": torch.ones(2048, 2048, dtype=torch.bool).triu(1).npu(),
                               "sparse_mode": 2}
                return back(torch_npu.npu_fusion_attention(
                    take(q), take(k), take(v), 4, layout, scale=0.25, **options)[0])

            gradient(f"npu_fusion_attention {layout} {mode} {dtype}", fused, q, k, v, scale=4)
        few = data(2, 2, 9, 16, dtype=dtype, low=-1, high=1)

        def grouped(q, k):
            if q.device.type == "cpu":
                k = k.repeat_interleave(2, dim=1)
                return plain(q, k, k, None, 0.25)
            return torch_npu.npu_fusion_attention(q, k, k, 4, "BNSD", scale=0.25)[0]

        gradient(f"grouped attention {dtype}", grouped, q, few, scale=4)


class Block(torch.nn.Module):
    def __init__(self, width, heads, style):
        super().__init__()
        self.heads, self.style = heads, style
        self.qkv = torch.nn.Linear(width, 3 * width, bias=style == "layer")
        self.out = torch.nn.Linear(width, width, bias=style == "layer")
        self.up = torch.nn.Linear(width, 4 * width)
        self.gate = torch.nn.Linear(width, 4 * width)
        self.down = torch.nn.Linear(4 * width, width)
        norm = torch.nn.LayerNorm if style == "layer" else torch.nn.RMSNorm
        self.norm1, self.norm2 = norm(width), norm(width)

    def rotate(self, x, start):
        half = x.shape[-1] // 2
        places = torch.arange(start, start + x.shape[2], device=x.device).float()
        rates = 1.0 / (100.0 ** (torch.arange(half, device=x.device).float() / half))
        angles = torch.outer(places, rates)
        cos, sin = torch.cat((angles.cos(),) * 2, -1), torch.cat((angles.sin(),) * 2, -1)
        turned = torch.cat((-x[..., half:], x[..., :half]), -1)
        return (x * cos + turned * sin).to(x.dtype)

    def forward(self, x, cache=None, start=0):
        batch, length, width = x.shape
        q, k, v = self.qkv(self.norm1(x)).chunk(3, dim=-1)
        q, k, v = (t.view(batch, length, self.heads, -1).transpose(1, 2) for t in (q, k, v))
        q, k = self.rotate(q, start), self.rotate(k, start)
        if cache is not None:
            if cache:
                k, v = torch.cat((cache["k"], k), 2), torch.cat((cache["v"], v), 2)
            cache["k"], cache["v"] = k, v
        if self.style == "layer":
            mixed = F.scaled_dot_product_attention(q, k, v, is_causal=length > 1)
        else:
            scores = q @ k.transpose(2, 3) / q.shape[-1] ** 0.5
            if length > 1:
                future = torch.ones(length, length, dtype=torch.bool, device=x.device).triu(1)
                scores = scores.masked_fill(future, -float("inf"))
            mixed = F.softmax(scores.float(), -1).to(q.dtype) @ v
        x = x + self.out(mixed.transpose(1, 2).reshape(batch, length, width))
        hidden = self.norm2(x)
        if self.style == "layer":
            return x + self.down(F.gelu(self.up(hidden)))
        return x + self.down(F.silu(self.gate(hidden)) * self.up(hidden))


class Model(torch.nn.Module):
    def __init__(self, style, width=64, heads=4, words=61):
        super().__init__()
        self.words = torch.nn.Embedding(words, width)
        self.blocks = torch.nn.ModuleList(Block(width, heads, style) for _ in range(2))
        self.head = torch.nn.Linear(width, words, bias=False)

    def forward(self, ids, caches=None, start=0):
        x = self.words(ids)
        for index, block in enumerate(self.blocks):
            x = block(x, None if caches is None else caches[index], start)
        return self.head(x)


def models():
    optimizers = {
        "AdamW": lambda p: torch.optim.AdamW(p, lr=3e-3),
        "AdamW single": lambda p: torch.optim.AdamW(p, lr=3e-3, foreach=False),
        "SGD": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.01),
        "SGD Nesterov single": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True, foreach=False),
    }
    for style, (name, make) in itertools.product(("layer", "rms"), optimizers.items()):
        for dtype in (torch.float32, torch.bfloat16):
            def train(x):
                torch.manual_seed(5)
                model = Model(style).to(x.device, dtype)
                optimizer = make(model.parameters())
                losses = []
                for step in range(6):
                    ids = (torch.arange(4 * 18).view(4, 18) * (step + 3) % 17).to(x.device)
                    logits = model(ids[:, :-1])
                    loss = F.cross_entropy(logits.flatten(0, 1).float(), ids[:, 1:].flatten())
                    optimizer.zero_grad()
                    loss.backward()
                    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                    optimizer.step()
                    losses.append(loss.detach())
                return torch.stack(losses)

            check(f"training {style} {name} {dtype}", train, data(1),
                  scale=10 if dtype == torch.float32 else 1500)
    for style in ("layer", "rms"):
        def generate(x):
            torch.manual_seed(9)
            model = Model(style).to(x.device).eval()
            caches = [{} for _ in model.blocks]
            ids = (torch.arange(3 * 11).view(3, 11) * 5 % 61).to(x.device)
            with torch.no_grad():
                token = model(ids, caches)[:, -1].argmax(-1, keepdim=True)
                made = [token]
                for index in range(20):
                    token = model(token, caches, 11 + index)[:, -1].argmax(-1, keepdim=True)
                    made.append(token)
            return torch.cat(made, 1)

        check(f"generating {style}", generate, data(1))


def main():
    torch.npu.set_device(0)
    torch.set_num_threads(1)
    groups = [unary, binary, copies, shapes, reductions, normalization, products, indexing, losses,
              attention, random, models]
    wanted = [name for name in sys.argv[1:] if not name.startswith("-")]
    for group in groups:
        if wanted and group.__name__ not in wanted:
            continue
        torch.manual_seed(1)
        before = (passed, len(failures))
        try:
            group()
        except Exception as error:
            report([f"{group.__name__}: {type(error).__name__}: {error}"])
        print(f"{group.__name__}: {passed - before[0]} passed, {len(failures) - before[1]} failed",
              flush=True)
    print(f"{passed} passed, {len(failures)} failed")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
