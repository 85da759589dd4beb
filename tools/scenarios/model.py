"""A small transformer language model in plain PyTorch; knows nothing of FlexNPU."""

import math

import torch
from torch import nn
from torch.nn import functional


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)

    def forward(self, x, mask, cache=None):
        batch, length, width = x.shape
        q, k, v = self.qkv(x).split(width, dim=2)
        q, k, v = (t.view(batch, length, self.heads, -1).transpose(1, 2) for t in (q, k, v))
        if cache is not None:
            if "k" in cache:
                k = torch.cat((cache["k"], k), dim=2)
                v = torch.cat((cache["v"], v), dim=2)
            cache["k"], cache["v"] = k, v
        scores = (q @ k.transpose(2, 3)) / math.sqrt(q.shape[3])
        if mask is not None:
            scores = scores + mask
        mixed = functional.softmax(scores, dim=-1) @ v
        return self.out(mixed.transpose(1, 2).reshape(batch, length, width))


class Block(nn.Module):
    def __init__(self, width, heads, activation):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = Attention(width, heads)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.activation = {"gelu": functional.gelu, "silu": functional.silu}[activation]

    def forward(self, x, mask, cache=None):
        x = x + self.attention(self.norm1(x), mask, cache)
        return x + self.down(self.activation(self.up(self.norm2(x))))


class Transformer(nn.Module):
    def __init__(self, vocabulary=256, width=128, layers=2, heads=4, context=256, activation="gelu"):
        super().__init__()
        self.tokens = nn.Embedding(vocabulary, width)
        self.positions = nn.Embedding(context, width)
        self.blocks = nn.ModuleList(Block(width, heads, activation) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, vocabulary, bias=False)

    def forward(self, ids, caches=None, start=0):
        length = ids.shape[1]
        places = torch.arange(start, start + length, device=ids.device)
        x = self.tokens(ids) + self.positions(places)
        mask = None
        if length > 1:
            total = start + length
            mask = torch.full((length, total), -1e4, device=ids.device).triu(start + 1)
        for index, block in enumerate(self.blocks):
            x = block(x, mask, None if caches is None else caches[index])
        return self.head(self.norm(x))
