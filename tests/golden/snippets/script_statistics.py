import torch
import numpy as np
from math import pi, sqrt

torch.manual_seed(0)
# GP regression
def rbf(a, b, ls, var):
    d = torch.cdist(a / ls, b / ls) ** 2
    return var * torch.exp(-0.5 * d)

X = torch.linspace(0, 1, 12).unsqueeze(-1)
y = torch.sin(2 * pi * X).squeeze() + 0.1 * torch.randn(12)
log_ls = torch.tensor(0.0, requires_grad=True)
log_var = torch.tensor(0.0, requires_grad=True)
log_noise = torch.tensor(-2.0, requires_grad=True)
opt = torch.optim.Adam([log_ls, log_var, log_noise], lr=0.1)
for i in range(40):
    opt.zero_grad()
    K = rbf(X, X, log_ls.exp(), log_var.exp()) + log_noise.exp() * torch.eye(len(X))
    L = torch.linalg.cholesky(K)
    alpha = torch.cholesky_solve(y.unsqueeze(-1), L)
    nll = 0.5 * (y @ alpha.squeeze()) + L.diagonal().log().sum() + 0.5 * len(X) * np.log(2 * pi)
    nll.backward()
    opt.step()
    if (i + 1) % 20 == 0:
        print(f"iter {i+1:3d} nll {nll.item():.2f} ls {log_ls.exp().item():.2f} noise {log_noise.exp().item():.2f}")
# kmeans
pts = torch.cat([torch.randn(20, 2) + torch.tensor([c, c]) for c in (0., 4., 8.)])
cent = pts[torch.randperm(len(pts))[:3]]
for it in range(10):
    d = torch.cdist(pts, cent)
    assign = d.argmin(dim=1)
    new = torch.stack([pts[assign == k].mean(0) if (assign == k).any() else cent[k] for k in range(3)])
    if torch.allclose(new, cent):
        print("converged at", it)
        break
    cent = new
print(cent[cent[:, 0].argsort()])
print(torch.bincount(assign, minlength=3).sort().values)
# PCA
Xc = pts - pts.mean(0)
U, S, V = torch.linalg.svd(Xc, full_matrices=False)
print(S, (S ** 2 / (S ** 2).sum())[:1])
cov = Xc.T @ Xc / (len(Xc) - 1)
print(torch.allclose(cov, torch.cov(pts.T), atol=1e-5))
evals, evecs = torch.linalg.eigh(cov)
print(evals.flip(0))
# softmax regression from scratch
Xb = torch.cat([pts, torch.ones(len(pts), 1)], dim=1)
labels = torch.arange(3).repeat_interleave(20)
onehot = torch.nn.functional.one_hot(labels, 3).float()
W = torch.zeros(3, 3, requires_grad=True)
for epoch in range(50):
    logits = Xb @ W
    logp = logits - logits.logsumexp(dim=1, keepdim=True)
    loss = -(onehot * logp).sum(1).mean() + 1e-3 * W.pow(2).sum()
    loss.backward()
    with torch.no_grad():
        W -= 0.1 * W.grad
        W.grad.zero_()
pred = (Xb @ W).argmax(1)
acc = (pred == labels).float().mean()
print(f"loss {loss:.3f} acc {acc:.2%}")
conf = torch.zeros(3, 3, dtype=torch.int64)
for t_, p_ in zip(labels, pred):
    conf[t_, p_] += 1
print(conf, conf.diag().sum().item() / conf.sum().item())
prec = conf.diag() / conf.sum(0)
print(prec.round(decimals=2))
print(torch.histc(pts, bins=4, min=-4, max=12), torch.mode(labels).values, torch.median(pts[:, 0]) > 0)
print(torch.quantile(torch.arange(5.), torch.tensor([0.25, 0.5])), torch.var_mean(torch.arange(4.)))
print(torch.vander(torch.tensor([1., 2., 3.]), N=3), torch.tensordot(torch.ones(2, 3), torch.ones(3, 2), dims=1))
print(torch.einsum("bi,bj->bij", torch.ones(1, 2), torch.arange(2.).unsqueeze(0)))
print(torch.trapz(torch.arange(3.), dx=0.5), torch.cumprod(torch.arange(1., 4), 0), torch.meshgrid(torch.arange(2), torch.arange(2), indexing="ij")[0])
A = torch.tensor([[3., 1.], [1., 2.]])
print(torch.linalg.lstsq(A, torch.ones(2, 1)).solution, torch.linalg.matrix_rank(A), torch.trace(A), torch.linalg.cond(A))
