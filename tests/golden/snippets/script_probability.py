import math
import torch
import torch.distributions as D
from torch.distributions import Normal, Beta, Gamma, Categorical, Bernoulli, MultivariateNormal, Uniform, Exponential, Poisson, Dirichlet, LogNormal, Independent

torch.manual_seed(0)
n = Normal(0., 1.)
print(n.sample(), n.log_prob(torch.tensor(0.)), n.cdf(torch.tensor(1.)), n.icdf(torch.tensor(.975)))
print(n.sample((3,)), n.sample([2, 2]).shape, n.batch_shape, n.event_shape)
b = Beta(torch.tensor([0.5]), torch.tensor([0.5]))
print(b.mean, b.variance, b.log_prob(torch.tensor(.3)), b.entropy())
g = Gamma(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 3.0]))
print(g.mean, g.log_prob(torch.tensor([.5, .7])), g.entropy())
c = Categorical(logits=torch.tensor([1., 2., 3.]))
print(c.probs, c.sample((5,)), c.entropy(), c.log_prob(torch.tensor(1)))
print(Poisson(4.0).log_prob(torch.tensor(3.)))
print(Dirichlet(torch.tensor([.5, .5, 1.])).log_prob(torch.tensor([.2, .3, .5])))
ln = LogNormal(0., 1.)
print(ln.mean, ln.log_prob(torch.tensor(2.)))
mvn = MultivariateNormal(torch.zeros(2), torch.tensor([[1., .5], [.5, 1.]]))
print(mvn.sample().shape, mvn.log_prob(torch.tensor([.1, -.2])), mvn.entropy())
diag = Independent(Normal(torch.zeros(3), torch.ones(3)), 1)
print(diag.log_prob(torch.zeros(3)), diag)
print(D.kl_divergence(Normal(0., 1.), Normal(1., 2.)), D.kl.kl_divergence(Gamma(1., 1.), Gamma(2., 1.)), D.kl_divergence(Beta(1., 2.), Beta(2., 2.)))
# MLE with autograd
data = Normal(3.0, 2.0).sample((500,))
mu = torch.tensor(0.0, requires_grad=True)
log_sigma = torch.tensor(0.0, requires_grad=True)
opt = torch.optim.Adam([mu, log_sigma], lr=0.1)
for step in range(100):
    opt.zero_grad()
    nll = -Normal(mu, log_sigma.exp()).log_prob(data).mean()
    nll.backward()
    opt.step()
    if step % 50 == 0:
        print(step, round(nll.item(), 3))
print(f"mu={mu.item():.2f} sigma={log_sigma.exp().item():.2f}")
# reparam
loc = torch.tensor(1., requires_grad=True)
q = Normal(loc, 1.)
s = q.rsample((1000,))
(s ** 2).mean().backward()
print(f"{loc.grad:.3f}")
# REINFORCE
probs = torch.softmax(torch.zeros(3, requires_grad=True), -1)
m = Categorical(probs)
action = m.sample()
loss = -m.log_prob(action) * 1.5
loss.backward()
print(action, loss)
# MCMC
def target(x):
    return -0.5 * (x ** 2).sum()
x = torch.zeros(2)
acc = 0
for i in range(50):
    prop = x + 0.5 * torch.randn(2)
    if torch.rand(1).item() < math.exp(min(0., (target(prop) - target(x)).item())):
        x, acc = prop, acc + 1
print(acc, x)
print(n.expand((2,)).sample().shape, Uniform(0., 1.).sample().item() < 1, Exponential(2.).mean)
mix = D.MixtureSameFamily(Categorical(torch.ones(2)), Normal(torch.tensor([-1., 1.]), torch.tensor([.5, .5])))
print(mix.log_prob(torch.tensor(0.)), mix.mean)
try:
    Normal(0., -1.)
except ValueError as e:
    print(str(e)[:60])
