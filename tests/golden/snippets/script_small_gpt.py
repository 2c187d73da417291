from __future__ import annotations
import math
from typing import NamedTuple
from collections import namedtuple
import torch
from torch import nn, Tensor
import torch.nn.functional as F

torch.manual_seed(1337)


class ModelArgs(NamedTuple):
    dim: int = 16
    n_heads: int = 4
    n_layers: int = 2
    vocab: int = 11
    max_len: int = 12


Output = namedtuple("Output", ["logits", "loss"])


class RMSNorm(nn.Module):
    def __init__(self, dim: int, eps: float = 1e-6):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(dim))

    def _norm(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps)

    def forward(self, x):
        return self._norm(x.float()).type_as(x) * self.weight


class CausalSelfAttention(nn.Module):
    def __init__(self, args: ModelArgs):
        super().__init__()
        assert args.dim % args.n_heads == 0
        self.c_attn = nn.Linear(args.dim, 3 * args.dim, bias=False)
        self.c_proj = nn.Linear(args.dim, args.dim, bias=False)
        self.n_head = args.n_heads
        self.register_buffer("bias", torch.tril(torch.ones(args.max_len, args.max_len)).view(1, 1, args.max_len, args.max_len))

    def forward(self, x: Tensor) -> Tensor:
        B, T, C = x.size()
        q, k, v = self.c_attn(x).split(C, dim=2)
        k = k.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        q = q.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        v = v.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        att = (q @ k.transpose(-2, -1)) * (1.0 / math.sqrt(k.size(-1)))
        att = att.masked_fill(self.bias[:, :, :T, :T] == 0, float("-inf"))
        att = F.softmax(att, dim=-1)
        y = att @ v
        y2 = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        assert torch.allclose(y, y2, atol=1e-5)
        y = y.transpose(1, 2).contiguous().view(B, T, C)
        return self.c_proj(y)


class Block(nn.Module):
    def __init__(self, args: ModelArgs):
        super().__init__()
        self.ln1, self.ln2 = RMSNorm(args.dim), RMSNorm(args.dim)
        self.attn = CausalSelfAttention(args)
        self.mlp = nn.ModuleDict(dict(
            c_fc=nn.Linear(args.dim, 4 * args.dim),
            c_proj=nn.Linear(4 * args.dim, args.dim),
            act=nn.GELU(),
        ))
        m = self.mlp
        self.mlpf = lambda x: m.c_proj(m.act(m.c_fc(x)))

    def forward(self, x):
        x = x + self.attn(self.ln1(x))
        return x + self.mlpf(self.ln2(x))


class PositionalEncoding(nn.Module):
    def __init__(self, d_model, max_len=50):
        super().__init__()
        position = torch.arange(max_len).unsqueeze(1)
        div_term = torch.exp(torch.arange(0, d_model, 2) * (-math.log(10000.0) / d_model))
        pe = torch.zeros(1, max_len, d_model)
        pe[0, :, 0::2] = torch.sin(position * div_term)
        pe[0, :, 1::2] = torch.cos(position * div_term)
        self.register_buffer("pe", pe, persistent=False)

    def forward(self, x):
        return x + self.pe[:, :x.size(1)]


class GPT(nn.Module):
    def __init__(self, args):
        super().__init__()
        self.args = args
        self.tok = nn.Embedding(args.vocab, args.dim)
        self.pos = PositionalEncoding(args.dim)
        self.blocks = nn.ModuleList([Block(args) for _ in range(args.n_layers)])
        self.norm = nn.LayerNorm(args.dim)
        self.head = nn.Linear(args.dim, args.vocab, bias=False)
        self.tok.weight = self.head.weight
        self.apply(self._init_weights)
        for pn, p in self.named_parameters():
            if pn.endswith("c_proj.weight"):
                torch.nn.init.normal_(p, mean=0.0, std=0.02 / math.sqrt(2 * args.n_layers))

    def _init_weights(self, module):
        if isinstance(module, nn.Linear):
            torch.nn.init.normal_(module.weight, mean=0.0, std=0.02)
            if module.bias is not None:
                torch.nn.init.zeros_(module.bias)
        elif isinstance(module, nn.Embedding):
            torch.nn.init.normal_(module.weight, mean=0.0, std=0.02)

    def forward(self, idx, targets: Tensor | None = None) -> Output:
        x = self.pos(self.tok(idx))
        for block in self.blocks:
            x = block(x)
        logits = self.head(self.norm(x))
        loss = None
        if targets is not None:
            loss = F.cross_entropy(logits.view(-1, logits.size(-1)), targets.reshape(-1), ignore_index=-1)
        return Output(logits, loss)

    @torch.no_grad()
    def generate(self, idx, max_new_tokens, temperature=1.0, top_k=None):
        for _ in range(max_new_tokens):
            idx_cond = idx if idx.size(1) <= self.args.max_len else idx[:, -self.args.max_len:]
            logits = self(idx_cond).logits[:, -1, :] / temperature
            if top_k is not None:
                v, _ = torch.topk(logits, min(top_k, logits.size(-1)))
                logits[logits < v[:, [-1]]] = -float("Inf")
            probs = F.softmax(logits, dim=-1)
            idx_next = torch.multinomial(probs, num_samples=1)
            idx = torch.cat((idx, idx_next), dim=1)
        return idx


args = ModelArgs(n_layers=2)
print(args)
model = GPT(args)
print("number of parameters: %.2fK" % (sum(p.numel() for p in model.parameters()) / 1e3,))
decay = {pn for pn, p in model.named_parameters() if p.dim() >= 2}
no_decay = {pn for pn, p in model.named_parameters() if p.dim() < 2}
print(len(decay), len(no_decay), len(decay & no_decay))
param_dict = {pn: p for pn, p in model.named_parameters()}
groups = [
    {"params": [param_dict[pn] for pn in sorted(list(decay))], "weight_decay": 0.1},
    {"params": [param_dict[pn] for pn in sorted(list(no_decay))], "weight_decay": 0.0},
]
optimizer = torch.optim.AdamW(groups, lr=3e-3, betas=(0.9, 0.95))
data = torch.randint(0, args.vocab, (4, args.max_len + 1))
for it in range(4):
    out = model(data[:, :-1], data[:, 1:])
    optimizer.zero_grad(set_to_none=True)
    out.loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    print(f"iter {it}: loss {out.loss.item():.4f}")
model.eval()
print(model.generate(torch.zeros((1, 1), dtype=torch.long), 6, top_k=3))
if (n := sum(1 for _ in model.modules())) > 10:
    print(f"{n} modules")
print(args._replace(dim=32), args._asdict(), Output._fields)
logits, loss = out
print(logits.shape, loss.dim())
