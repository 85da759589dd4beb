"""Small transformers: training steps and generating with a cache."""

import itertools

import torch
from torch.nn import functional as F

from .harness import check, data

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
