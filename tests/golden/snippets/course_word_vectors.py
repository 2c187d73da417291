from collections import Counter, defaultdict
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
torch.manual_seed(1)
CONTEXT_SIZE = 2
EMBEDDING_DIM = 10
test_sentence = """When forty winters shall besiege thy brow,
And dig deep trenches in thy beauty's field,
Thy youth's proud livery so gazed on now,
Will be a totter'd weed of small worth held:""".split()
ngrams = [([test_sentence[i - j - 1] for j in range(CONTEXT_SIZE)], test_sentence[i]) for i in range(CONTEXT_SIZE, len(test_sentence))]
print(ngrams[:3])
vocab = sorted(set(test_sentence))
word_to_ix = {word: i for i, word in enumerate(vocab)}
class NGramLanguageModeler(nn.Module):
    def __init__(self, vocab_size, embedding_dim, context_size):
        super(NGramLanguageModeler, self).__init__()
        self.embeddings = nn.Embedding(vocab_size, embedding_dim)
        self.linear1 = nn.Linear(context_size * embedding_dim, 16)
        self.linear2 = nn.Linear(16, vocab_size)
    def forward(self, inputs):
        embeds = self.embeddings(inputs).view((1, -1))
        out = F.relu(self.linear1(embeds))
        out = self.linear2(out)
        return F.log_softmax(out, dim=1)
losses = []
loss_function = nn.NLLLoss()
model = NGramLanguageModeler(len(vocab), EMBEDDING_DIM, CONTEXT_SIZE)
optimizer = optim.SGD(model.parameters(), lr=0.01)
for epoch in range(3):
    total_loss = 0
    for context, target in ngrams:
        context_idxs = torch.tensor([word_to_ix[w] for w in context], dtype=torch.long)
        model.zero_grad()
        log_probs = model(context_idxs)
        loss = loss_function(log_probs, torch.tensor([word_to_ix[target]], dtype=torch.long))
        loss.backward()
        optimizer.step()
        total_loss += loss.item()
    losses.append(total_loss)
print(["%.3f" % l for l in losses])
print(model.embeddings.weight[word_to_ix["thy"]])
# skip gram with negative sampling
counts = Counter(w.lower().strip(',:') for w in test_sentence)
print(counts.most_common(3))
words = [w for w, _ in counts.most_common()]
ix = {w: i for i, w in enumerate(words)}
tokens = [ix[w.lower().strip(',:')] for w in test_sentence]
pairs = [(tokens[i], tokens[j]) for i in range(len(tokens)) for j in range(max(0, i-2), min(len(tokens), i+3)) if i != j]
freq = torch.tensor([counts[w] for w in words]).float() ** 0.75
class SkipGram(nn.Module):
    def __init__(self, v, d):
        super().__init__()
        self.inp = nn.Embedding(v, d)
        self.out = nn.Embedding(v, d)
        nn.init.uniform_(self.inp.weight, -0.5 / d, 0.5 / d)
        self.out.weight.data.zero_()
    def forward(self, c, o, neg):
        v, u, n = self.inp(c), self.out(o), self.out(neg)
        pos = F.logsigmoid((v * u).sum(1))
        negs = F.logsigmoid(-torch.bmm(n, v.unsqueeze(2)).squeeze(2)).sum(1)
        return -(pos + negs).mean()
sg = SkipGram(len(words), 8)
opt = optim.Adagrad(sg.parameters(), lr=0.5)
P = torch.tensor(pairs)
for step in range(10):
    b = torch.randint(0, len(P), (16,))
    neg = torch.multinomial(freq, 16 * 4, replacement=True).view(16, 4)
    loss = sg(P[b, 0], P[b, 1], neg)
    opt.zero_grad(); loss.backward(); opt.step()
    if step % 3 == 0: print(f"step {step} loss {loss:.4f}")
E = F.normalize(sg.inp.weight.detach(), dim=1)
sim = E @ E[ix['thy']]
val, idx = sim.topk(4)
for v, i in zip(val, idx):
    print(f'{words[i]:10} {v:.3f}')
cos = nn.CosineSimilarity(dim=0)
print(cos(E[0], E[1]))
neighbours = defaultdict(list)
for a, b in pairs[:12]:
    neighbours[words[a]].append(words[b])
print(dict(neighbours))
