import torch
from torch.distributions import Beta, Gamma, Dirichlet, Poisson, LogNormal, Exponential, Normal, kl_divergence
torch.manual_seed(0)
print(Beta(torch.tensor([.5]),torch.tensor([1.])), Beta(1.,2.), LogNormal(0.,1.), Gamma(1.,2.), Dirichlet(torch.ones(3)), Poisson(3.), Poisson(torch.ones(2)))
print(Beta(1.,2.).concentration1, Beta(1.,2.).batch_shape, Dirichlet(torch.ones(2,3)).batch_shape, Dirichlet(torch.ones(2,3)).event_shape)
for f in (lambda: Gamma(-1.,1.), lambda: Beta(-1., 1.), lambda: Dirichlet(torch.tensor([-1.,1.])), lambda: Dirichlet(torch.tensor(1.)), lambda: Poisson(-1.), lambda: LogNormal(0.,-1.)):
    try:
        f()
    except Exception as e:
        print(type(e).__name__, e)
print(Gamma(2.,1.).sample((3,)), Gamma(.5,1.).sample((20,))[-1], torch.randn(2))
print(Gamma(torch.tensor([2.,3.]),1.).sample((2,)))
print(Poisson(3.).sample((4,)), Poisson(30.).sample((4,)), Beta(2.,3.).sample((2,)), Dirichlet(torch.ones(3)).sample((2,)))
print(torch.poisson(torch.tensor([0., 1., 50.])), LogNormal(0., 1.).sample((2,)))
c = torch.tensor([3., 0.5], requires_grad=True)
r = torch.tensor([1., 2.], requires_grad=True)
for d in (Gamma(c, r), Beta(c, r), LogNormal(c, r), Poisson(r)):
    lp = d.log_prob(torch.tensor([.5, .25]) if not isinstance(d, Poisson) else torch.tensor([1., 3.]))
    print(lp, d.mean, d.variance, d.stddev)
    print(torch.autograd.grad(lp.sum(), (r,), retain_graph=True))
    if not isinstance(d, Poisson):
        print(d.entropy())
print(Dirichlet(torch.tensor([.5, .5, 1.])).log_prob(torch.tensor([.2, .3, .5])), Dirichlet(c).entropy(), Dirichlet(c).mean, Dirichlet(c).variance)
print(kl_divergence(Gamma(c, r), Gamma(r, c)), kl_divergence(Beta(c, r), Beta(r, c)), kl_divergence(Exponential(c), Exponential(r)))
print(Normal(0., 1.).expand((2,)).batch_shape, Beta(1., 2.).expand([3]).sample().shape, Gamma(3., 1.).cdf(torch.tensor(2.)), Gamma(3., 2.).mode)
# Bayesian update of a coin
prior = Beta(torch.tensor(2.), torch.tensor(2.))
flips = torch.bernoulli(torch.full((20,), 0.7))
posterior = Beta(prior.concentration1 + flips.sum(), prior.concentration0 + (1 - flips).sum())
print(flips.sum(), posterior.mean, posterior.stddev)
