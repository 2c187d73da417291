import torch

g = torch.Generator().manual_seed(2147483647)
n, C = 8, 5
X = torch.randn((n, 4), generator=g)
Y = torch.randint(0, C, (n,), generator=g)
W1 = torch.randn((4, 6), generator=g) * (5 / 3) / (4**0.5)
b1 = torch.randn(6, generator=g) * 0.1
W2 = torch.randn((6, C), generator=g) * 0.1
b2 = torch.randn(C, generator=g) * 0.1
parameters = [W1, b1, W2, b2]
print(sum(p.nelement() for p in parameters))
for p in parameters:
    p.requires_grad = True


def cmp(s, dt, t):
    ex = torch.all(dt == t.grad).item()
    app = torch.allclose(dt, t.grad)
    maxdiff = (dt - t.grad).abs().max().item()
    print(
        f"{s:15s} | exact: {str(ex):5s} | approximate: {str(app):5s} | maxdiff: {maxdiff > 1e-6}"
    )


hpre = X @ W1 + b1
h = torch.tanh(hpre)
logits = h @ W2 + b2
logit_maxes = logits.max(1, keepdim=True).values
norm_logits = logits - logit_maxes
counts = norm_logits.exp()
counts_sum = counts.sum(1, keepdims=True)
counts_sum_inv = counts_sum**-1
probs = counts * counts_sum_inv
logprobs = probs.log()
loss = -logprobs[range(n), Y].mean()
for p in parameters:
    p.grad = None
for t in [
    logprobs,
    probs,
    counts,
    counts_sum,
    counts_sum_inv,
    norm_logits,
    logit_maxes,
    logits,
    h,
    hpre,
]:
    t.retain_grad()
loss.backward()
print(loss)
dlogprobs = torch.zeros_like(logprobs)
dlogprobs[range(n), Y] = -1.0 / n
cmp("logprobs", dlogprobs, logprobs)
dprobs = (1.0 / probs) * dlogprobs
cmp("probs", dprobs, probs)
dcounts_sum_inv = (counts * dprobs).sum(1, keepdim=True)
cmp("counts_sum_inv", dcounts_sum_inv, counts_sum_inv)
dlogits = torch.softmax(logits, 1)
dlogits[range(n), Y] -= 1
dlogits /= n
cmp("logits", dlogits, logits)
dh = dlogits @ W2.T
cmp("h", dh, h)
dhpre = (1.0 - h**2) * dh
cmp("hpre", dhpre, hpre)
cmp("W1", X.T @ dhpre, W1)
cmp("b1", dhpre.sum(0), b1)
