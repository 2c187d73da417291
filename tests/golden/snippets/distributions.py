import torch
import torch.distributions as D
from torch.distributions.categorical import Categorical
from torch.distributions import Normal, Bernoulli, Uniform, kl_divergence
torch.manual_seed(0)
mu = torch.tensor([0.5, -1.0], requires_grad=True)
sigma = torch.tensor([1.0, 0.5], requires_grad=True)
n = Normal(mu, sigma)
print(n, n.mean, n.stddev, n.variance, n.batch_shape, n.event_shape)
print(n.sample(), n.sample((2,)), n.sample(torch.Size([1, 2])).shape)
z = n.rsample((3,))
print(z)
(n.log_prob(z).sum() + n.entropy().sum()).backward()
print(mu.grad, sigma.grad)
print(n.log_prob(torch.tensor([0.0, 1.0])), n.cdf(torch.zeros(2)))
print(Normal(0.0, 1.0), Normal(0., 1.).sample(), Normal(torch.zeros(20), 1).sample())
b = Bernoulli(probs=torch.tensor([0.3, 0.9]))
print(b, b.sample((4,)), b.log_prob(torch.tensor([1.0, 0.0])), b.entropy(), b.mean, b)
print(Bernoulli(logits=torch.tensor(0.5)).probs)
c = Categorical(logits=torch.tensor([[0.1, 1.0, 2.0], [1.0, 1.0, 1.0]], requires_grad=True))
print(c, c.sample(), c.sample((4,)), c.log_prob(torch.tensor([2, 0])), c.entropy(), c.probs)
print(Categorical(torch.tensor([1.0, 3.0])).probs, Categorical(torch.tensor([1.0, 3.0])).sample((3,)))
u = Uniform(torch.tensor(-1.0), torch.tensor([2.0, 3.0]))
print(u, u.sample((2,)), u.log_prob(torch.tensor([0.0, 2.5])), u.entropy())
e = D.Exponential(torch.tensor([2.0]))
print(e, e.sample((3,)), e.log_prob(torch.tensor([1.0])))
print(kl_divergence(n, Normal(torch.zeros(2), torch.ones(2))), D.kl.kl_divergence(b, Bernoulli(torch.tensor([0.5, 0.5]))))
print(kl_divergence(Categorical(torch.tensor([0.2, 0.8])), Categorical(torch.tensor([0.5, 0.5]))))
try:
    Normal(torch.tensor([0.0]), torch.tensor([-1.0]))
except ValueError as err:
    print(err)
