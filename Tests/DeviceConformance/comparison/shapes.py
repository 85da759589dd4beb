"""Shapes, reductions, indices and random numbers."""

import torch
from torch.nn import functional as F

from .harness import FLOATS, View, check, data, gradient, report, views

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


def random():
    def statistics(x):
        return [round(float(x.float().mean()), 1), round(float(x.float().std()), 1)]

    torch.npu.manual_seed(3)
    normal = torch.randn(20000, device="npu").cpu()
    uniform = torch.rand(20000, device="npu").cpu()
    torch.npu.manual_seed(3)
    again = torch.randn(20000, device="npu").cpu()
    dropped = F.dropout(torch.ones(20000, device="npu"), 0.25).cpu()
    kept = (dropped != 0).float().mean()
    weights = torch.tensor([0.1, 0.0, 0.6, 0.3], device="npu")
    drawn = torch.multinomial(weights, 20000, replacement=True).cpu().bincount(minlength=4) / 20000
    order = torch.randperm(1000, device="npu").cpu()
    found = []
    if (drawn - weights.cpu()).abs().max() > 0.02:
        found.append(f"multinomial: shares {drawn.tolist()}")
    if not torch.equal(order.sort()[0], torch.arange(1000)) or torch.equal(order, torch.arange(1000)):
        found.append("randperm: not a permutation, or not a random one")
    if statistics(normal) != [0.0, 1.0]:
        found.append(f"randn: mean and deviation {statistics(normal)}")
    if abs(uniform.mean() - 0.5) > 0.02 or uniform.min() < 0 or uniform.max() >= 1:
        found.append(f"rand: mean {uniform.mean()}")
    if not torch.equal(normal, again):
        found.append("randn: the same seed gave other numbers")
    if abs(kept - 0.75) > 0.02 or not torch.allclose(dropped[dropped != 0], torch.tensor(4 / 3)):
        found.append(f"dropout: kept {kept}")
    report(found)
