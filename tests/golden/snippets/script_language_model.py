import string
import random
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence, pad_packed_sequence
from collections import Counter, defaultdict

random.seed(3)
torch.manual_seed(3)
text = "the quick brown fox jumps over the lazy dog. the dog sleeps."
chars = sorted(set(text))
stoi = {ch: i for i, ch in enumerate(chars)}
itos = {i: ch for ch, i in stoi.items()}
encode = lambda s: [stoi[c] for c in s]
decode = lambda l: "".join([itos[i] for i in l])
print("".join(chars), len(chars))
print(decode(encode("the dog")))
data = torch.tensor(encode(text), dtype=torch.long)
n = int(0.9 * len(data))
train, val = data[:n], data[n:]
block_size, batch_size = 8, 4


def get_batch(split):
    d = train if split == "train" else val
    ix = torch.randint(len(d) - block_size if len(d) > block_size else 1, (batch_size,))
    x = torch.stack([d[i:i + block_size] for i in ix])
    y = torch.stack([d[i + 1:i + block_size + 1] for i in ix])
    return x, y


xb, yb = get_batch("train")
print(xb.shape, yb.shape)
print(xb)
for b in range(1):
    for t in range(block_size):
        context = xb[b, :t + 1]
        target = yb[b, t]
        print(f"when input is {context.tolist()} the target: {target}")


class CharLSTM(nn.Module):
    def __init__(self, vocab, emb=8, hidden=16, layers=2, dropout=0.1):
        super().__init__()
        self.hidden, self.layers = hidden, layers
        self.emb = nn.Embedding(vocab, emb, padding_idx=0)
        self.lstm = nn.LSTM(emb, hidden, num_layers=layers, batch_first=True, dropout=dropout)
        self.head = nn.Linear(hidden, vocab)

    def init_hidden(self, bs):
        weight = next(self.parameters()).data
        return (weight.new(self.layers, bs, self.hidden).zero_(),
                weight.new(self.layers, bs, self.hidden).zero_())

    def forward(self, x, state=None):
        out, state = self.lstm(self.emb(x), state)
        return self.head(out), state


model = CharLSTM(len(chars))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.RMSprop(model.parameters(), lr=0.005)
state = model.init_hidden(batch_size)
for step in range(6):
    xb, yb = get_batch("train")
    state = tuple(s.detach() for s in state)
    logits, state = model(xb, state)
    loss = criterion(logits.transpose(1, 2), yb)
    optimizer.zero_grad()
    loss.backward()
    gn = torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5)
    optimizer.step()
    if step % 2 == 0:
        print(f"step {step}: loss {loss.item():.3f}, grad norm {gn:.3f}")


@torch.no_grad()
def generate(model, start="t", length=10, temperature=1.0):
    model.eval()
    x = torch.tensor([encode(start)])
    state = None
    out = list(start)
    for _ in range(length):
        logits, state = model(x, state)
        probs = torch.softmax(logits[:, -1] / temperature, dim=-1)
        x = torch.multinomial(probs, num_samples=1)
        out.append(itos[x.item()])
    model.train()
    return "".join(out)


print(repr(generate(model)))
words = text.replace(".", "").split()
counts = Counter(words)
print(counts.most_common(3))
by_len = defaultdict(list)
for w in words:
    by_len[len(w)].append(w)
print(dict(by_len))
seqs = [torch.tensor(encode(w)) for w in ["the", "fox", "jumps"]]
lengths = torch.tensor([len(s) for s in seqs])
padded = pad_sequence(seqs, batch_first=True)
print(padded)
rnn = nn.GRU(8, 4, batch_first=True, bidirectional=True)
packed = pack_padded_sequence(model.emb(padded), lengths, batch_first=True, enforce_sorted=False)
out, h = rnn(packed)
unpacked, lens = pad_packed_sequence(out, batch_first=True)
print(unpacked.shape, lens, h.shape)
pairs = [(a, b) for a, b in zip(words, words[1:])]
random.shuffle(pairs)
print(pairs[:2])
print(string.ascii_lowercase[:5], random.choice(words), random.randint(0, 9))
