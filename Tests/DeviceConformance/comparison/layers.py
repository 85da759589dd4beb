"""What layers are made of: norms, products, attention, losses."""

import itertools

import torch
import torch_npu
from torch.nn import functional as F

from .harness import FLOATS, check, data, gradient, views

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


def others():
    x, y, ids = data(6, 8), data(6, 8), torch.randint(0, 6, (6, 8))
    plain = {
        "elu": F.elu, "softplus": F.softplus, "hardtanh": F.hardtanh, "glu": F.glu,
        "relu6": F.relu6, "log sigmoid": F.logsigmoid, "logsumexp": lambda x: x.logsumexp(1),
        "logsumexp of all": lambda x: x.logsumexp((0, 1)), "cumprod": lambda x: x.cumprod(1),
        "rms_norm": lambda x: F.rms_norm(x, (8,)), "normalize": F.normalize,
        "repeat_interleave": lambda x: x.repeat_interleave(2, dim=1),
        "expand": lambda x: x[None].expand(3, 6, 8).contiguous(), "std": lambda x: x.std(1),
        "max": lambda x: x.max(1)[0], "roll": lambda x: x.roll((1, 2), (0, 1)),
        "slices": lambda x: x[:, 1:3] ** 2, "diagonal": lambda x: x.diagonal().contiguous(),
    }
    for name, function in plain.items():
        gradient(f"{name} gradient", function, x, scale=4)
    check("hardsigmoid and mish", lambda x: [F.hardsigmoid(x), F.mish(x)], x)
    check("repeat_interleave of all", lambda x: x.repeat_interleave(3), ids)
    check("one_hot", lambda i: F.one_hot(i, 6), ids)
    check("index_fill", lambda x: x.index_fill(0, torch.tensor([1, 4]).to(x.device), 3.0), x)
    check("equal", lambda x, y: [torch.equal(x, x), torch.equal(x, y), torch.allclose(x, x + 1e-9)], x, y)
    check("two of each", lambda x, y: [torch.atan2(x, y), torch.xlogy(x, y.abs()), torch.fmod(x, 2)], x, y)
    check("shifts", lambda i: [i // 2, i % 3, i >> 1], ids)
    check("aminmax", lambda x: list(torch.aminmax(x)), x)
    check("trace", torch.trace, x)
    truths = (y > 0).float()
    gradient("bce", lambda x, t: F.binary_cross_entropy(torch.sigmoid(x), t.detach()), x, truths, scale=3)
    gradient("bce of logits", lambda x, t: F.binary_cross_entropy_with_logits(x, t.detach()), x, truths)
    gradient("kl_div", lambda x, y: F.kl_div(
        F.log_softmax(x, -1), F.softmax(y.detach(), -1), reduction="batchmean"), x, y, scale=3)
    gradient("smooth_l1", lambda x, y: F.smooth_l1_loss(x, y.detach()), x, y)
    gradient("l1", lambda x, y: F.l1_loss(x, y.detach(), reduction="sum"), x, y)
    labels = torch.randint(0, 4, (2, 6))
    gradient("cross entropy of images", lambda x: F.cross_entropy(x, labels.to(x.device)), data(2, 4, 6))
    gradient("smoothed cross entropy",
             lambda x: F.cross_entropy(x, ids[:, 0].to(x.device), label_smoothing=0.1), x, scale=3)
    for name in ("Adam", "AdamW", "RMSprop", "Adagrad", "NAdam", "Adadelta", "Adamax"):
        for options in ({}, {"amsgrad": True}, {"fused": True}):
            if options and not (name == "AdamW" or (name == "Adam" and "amsgrad" in options)):
                continue

            def optimize(x):
                weights = torch.nn.Parameter(x)
                optimizer = getattr(torch.optim, name)([weights], **options)
                for _ in range(4):
                    optimizer.zero_grad()
                    (weights * weights).sum().backward()
                    optimizer.step()
                return weights.detach()

            check(f"{name} {options}", optimize, x, scale=3)

    def encoder(x):
        torch.manual_seed(3)
        layer = torch.nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True).to(x.device)
        mask = torch.nn.Transformer.generate_square_subsequent_mask(6).to(x.device)
        return layer(x[None], src_mask=mask)

    gradient("encoder layer", encoder, x, scale=6)

    def mixed(x):
        torch.manual_seed(3)
        layer = torch.nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True).to(x.device)
        with torch.autocast(x.device.type, dtype=torch.bfloat16):
            return layer(x[None]).float()

    gradient("encoder layer in mixed precision", mixed, x, scale=3000)
