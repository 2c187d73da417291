import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
text = "hello world, hello there"
chars = sorted(list(set(text)))
stoi = {ch: i for i, ch in enumerate(chars)}
itos = {i: ch for ch, i in stoi.items()}
encode = lambda s: [stoi[c] for c in s]
decode = lambda l: ''.join([itos[i] for i in l])
vocab_size = len(chars)
print(''.join(chars), vocab_size)
print(encode("hello"), decode(encode("hello")))
data = torch.tensor(encode(text), dtype=torch.long)
class CharRNN(nn.Module):
    def __init__(self, vocab, hidden):
        super().__init__()
        self.hidden_size = hidden
        self.emb = nn.Embedding(vocab, 6)
        self.gru = nn.GRU(6, hidden, batch_first=True)
        self.head = nn.Linear(hidden, vocab)
    def forward(self, idx, h=None):
        out, h = self.gru(self.emb(idx), h)
        return self.head(out), h
    def init_hidden(self, b): return torch.zeros(1, b, self.hidden_size)
m = CharRNN(vocab_size, 12)
opt = torch.optim.Adam(m.parameters(), lr=0.02)
def get_batch(block=6, batch=3):
    ix = torch.randint(len(data) - block, (batch,))
    x = torch.stack([data[i:i+block] for i in ix])
    y = torch.stack([data[i+1:i+block+1] for i in ix])
    return x, y
for step in range(15):
    xb, yb = get_batch()
    logits, _ = m(xb, m.init_hidden(3))
    B, T, C = logits.shape
    loss = F.cross_entropy(logits.view(B*T, C), yb.view(B*T))
    opt.zero_grad(); loss.backward(); opt.step()
    if step % 5 == 0: print(step, f"{loss.item():.4f}")
@torch.no_grad()
def generate(start, n, temperature=0.8):
    m.eval()
    idx = torch.tensor([encode(start)])
    h = None
    out = list(start)
    logits, h = m(idx, h)
    for _ in range(n):
        p = F.softmax(logits[:, -1] / temperature, dim=-1)
        nxt = torch.multinomial(p, num_samples=1)
        out.append(itos[nxt.item()])
        logits, h = m(nxt, h)
    return ''.join(out)
print(repr(generate('he', 15)))
# bigram counts, makemore style
N = torch.zeros((vocab_size, vocab_size), dtype=torch.int32)
for ch1, ch2 in zip(text, text[1:]):
    N[stoi[ch1], stoi[ch2]] += 1
print(N.sum(), N[stoi['l']])
P = (N + 1).float()
P /= P.sum(1, keepdims=True)
g = torch.Generator().manual_seed(2147483647)
for i in range(3):
    out = []
    ix = 0
    while True:
        ix = torch.multinomial(P[ix], num_samples=1, replacement=True, generator=g).item()
        out.append(itos[ix])
        if len(out) > 8: break
    print(''.join(out))
log_likelihood = 0.0
n = 0
for ch1, ch2 in zip(text, text[1:]):
    logprob = torch.log(P[stoi[ch1], stoi[ch2]])
    log_likelihood += logprob
    n += 1
print(f'{log_likelihood=}')
nll = -log_likelihood
print(f'{nll/n}')
xs, ys = data[:-1], data[1:]
W = torch.randn((vocab_size, vocab_size), generator=g, requires_grad=True)
for k in range(5):
    xenc = F.one_hot(xs, num_classes=vocab_size).float()
    logits = xenc @ W
    counts = logits.exp()
    probs = counts / counts.sum(1, keepdims=True)
    loss = -probs[torch.arange(len(xs)), ys].log().mean() + 0.01*(W**2).mean()
    print(loss.item())
    W.grad = None
    loss.backward()
    W.data += -10 * W.grad
def lineToTensor(line):
    tensor = torch.zeros(len(line), 1, vocab_size)
    for li, letter in enumerate(line):
        tensor[li][0][chars.index(letter)] = 1
    return tensor
print(lineToTensor('hello').size())
