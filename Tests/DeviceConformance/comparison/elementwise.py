"""Operations element by element, and copies."""

import itertools

import torch
import torch_npu
from torch.nn import functional as F

from .harness import FLOATS, INTEGERS, View, check, data, gradient, views

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
