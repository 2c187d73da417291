import torch
import torch.nn as nn
from torch.nn import functional as F

torch.manual_seed(1337)


class Head(nn.Module):
    """one head of self-attention"""

    def __init__(self, n_embd, head_size, block_size, dropout=0.0):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)
        self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        B, T, C = x.shape
        k = self.key(x)
        q = self.query(x)
        wei = q @ k.transpose(-2, -1) * k.shape[-1] ** -0.5
        wei = wei.masked_fill(self.tril[:T, :T] == 0, float("-inf"))
        wei = F.softmax(wei, dim=-1)
        wei = self.dropout(wei)
        v = self.value(x)
        return wei @ v, wei


text = "hello world, hello torch"
chars = sorted(list(set(text)))
vocab_size = len(chars)
stoi = {ch: i for i, ch in enumerate(chars)}
itos = {i: ch for i, ch in enumerate(chars)}


def encode(s):
    return [stoi[c] for c in s]


def decode(places):
    return "".join([itos[i] for i in places])


print(vocab_size, "".join(chars), encode("hello"), decode(encode("hello")))
data = torch.tensor(encode(text), dtype=torch.long)
print(data.shape, data.dtype)
block_size, batch_size = 8, 4


def get_batch():
    ix = torch.randint(len(data) - block_size, (batch_size,))
    x = torch.stack([data[i : i + block_size] for i in ix])
    y = torch.stack([data[i + 1 : i + block_size + 1] for i in ix])
    return x, y


xb, yb = get_batch()
print("inputs:", xb.shape)
print(xb)
for t in range(3):
    context = xb[0, : t + 1]
    target = yb[0, t]
    print(f"when input is {context.tolist()} the target: {target}")


class Bigram(nn.Module):
    def __init__(self):
        super().__init__()
        self.tok = nn.Embedding(vocab_size, 16)
        self.pos = nn.Embedding(block_size, 16)
        self.sa = Head(16, 16, block_size)
        self.ln = nn.LayerNorm(16)
        self.lm_head = nn.Linear(16, vocab_size)

    def forward(self, idx, targets=None):
        B, T = idx.shape
        x = self.tok(idx) + self.pos(torch.arange(T))
        a, _ = self.sa(self.ln(x))
        x = x + a
        logits = self.lm_head(x)
        if targets is None:
            loss = None
        else:
            B, T, C = logits.shape
            loss = F.cross_entropy(logits.view(B * T, C), targets.view(B * T))
        return logits, loss


m = Bigram()
optimizer = torch.optim.AdamW(m.parameters(), lr=1e-2)
for it in range(30):
    xb, yb = get_batch()
    logits, loss = m(xb, yb)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    if it % 10 == 0:
        print(it, f"{loss.item():.4f}")
