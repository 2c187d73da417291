import torch
import math
from torch.distributions import MultivariateNormal, Normal, MixtureSameFamily, Categorical, Independent
torch.manual_seed(0)
def U(x):
    return 0.25 * x**4 - 0.5 * x**2
x = torch.zeros(20)
eps = 0.1
for t in range(50):
    x = x.detach().requires_grad_(True)
    g = torch.autograd.grad(U(x).sum(), x)[0]
    with torch.no_grad():
        x = x - eps * g + math.sqrt(2 * eps) * torch.randn_like(x)
print(x.mean(), x.var(), x[:5])
mix = Categorical(torch.tensor([0.3, 0.7]))
comp = Independent(Normal(torch.tensor([[-2., 0.], [2., 1.]]), torch.ones(2, 2) * 0.7), 1)
gmm = MixtureSameFamily(mix, comp)
z = torch.randn(6, 2)
for sigma in [1.0, 0.5]:
    for _ in range(10):
        z.requires_grad_()
        score, = torch.autograd.grad(gmm.log_prob(z).sum(), z)
        z = (z + 0.05 * sigma * score + (0.1 * sigma) ** 0.5 * torch.randn_like(z)).detach()
print(z, gmm.mean)
print(gmm.log_prob(z))
# HMC
target = MultivariateNormal(torch.zeros(2), torch.tensor([[1., .8], [.8, 1.]]))
q = torch.zeros(2)
accepted, samples = 0, []
def grad_U(q):
    q = q.clone().requires_grad_(True)
    (-target.log_prob(q)).backward()
    return q.grad
for i in range(15):
    p = torch.randn(2)
    q0, H0 = q.clone(), -target.log_prob(q) + 0.5 * p @ p
    p = p - 0.1 * grad_U(q)
    for l in range(5):
        q = q + 0.2 * p
        if l != 4:
            p -= 0.2 * grad_U(q)
    p = p - 0.1 * grad_U(q)
    H1 = -target.log_prob(q) + 0.5 * p @ p
    if torch.rand(1) < torch.exp(H0 - H1):
        accepted += 1
    else:
        q = q0
    samples.append(q)
S = torch.stack(samples)
print(accepted, S.mean(0), torch.cov(S.T))
# denoising score matching
net = torch.nn.Sequential(torch.nn.Linear(1, 8), torch.nn.Softplus(), torch.nn.Linear(8, 1))
opt = torch.optim.NAdam(net.parameters(), lr=0.02)
data = torch.randn(32, 1) * 0.5 + 1
for it in range(6):
    noise = torch.randn_like(data)
    s = net(data + 0.1 * noise)
    loss = ((s + noise / 0.1) ** 2).sum(-1).mean()
    opt.zero_grad(); loss.backward(); opt.step()
    print(f"{loss:.3f}")
# stein variational gradient descent
def rbf(x, h=1.0):
    d = torch.cdist(x, x.detach()) ** 2
    return torch.exp(-d / (2 * h))
xx = torch.randn(5, 1) * 0.1
for _ in range(5):
    a = xx.detach().requires_grad_(True)
    K = rbf(a)
    lp = torch.autograd.grad(Normal(1., 1.).log_prob(a).sum(), a)[0]
    gk = -torch.autograd.grad(K.sum(), a)[0]
    xx = a + 0.5 * (K.detach() @ lp + gk) / 5
print(xx.detach().T)
