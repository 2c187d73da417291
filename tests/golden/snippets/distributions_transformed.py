"""Distributions of counts and of what is transformed: shapes, moments, numbers drawn, densities, divergences."""
import torch
import torch.distributions as D
from torch.distributions import constraints, transforms
torch.manual_seed(1)
def show(d, v, *names):
    out = [type(d).__name__, tuple(d.batch_shape), tuple(d.event_shape)]
    for n in ('mean', 'variance', 'stddev', 'mode'):
        try: out.append((n, getattr(d, n)))
        except (NotImplementedError, AttributeError) as e: out.append((n, None))
    if not isinstance(d, (D.Binomial, D.Multinomial)):
        try: out.append((n, d.entropy()))
        except NotImplementedError: out.append((n, None))
    print(*out)
    print(d.sample(), d.sample((2,)))
    print(d.log_prob(v))
t = torch.tensor
show(D.StudentT(t([3., 1.]), 1., 2.), t([0.5, 1.]))
show(D.Cauchy(t([0., 1.]), t([1., 2.])), t([0.5, 1.]))
show(D.HalfNormal(t([1., 2.])), t([0.5, 1.]))
show(D.HalfCauchy(t([1., 2.])), t([0.5, 1.]))
show(D.Gumbel(t([1., 2.]), t([1., 3.])), t([0.5, 1.]))
show(D.Weibull(t([1., 2.]), t([1.5, 3.])), t([0.5, 1.]))
show(D.Pareto(t([1., 2.]), t([1.5, 3.])), t([1.5, 2.5]))
show(D.InverseGamma(t([3., 2.]), t([1.5, 3.])), t([1.5, 2.5]))
show(D.Chi2(t([3., 2.])), t([1.5, 2.5]))
show(D.Binomial(10, t([.3, .5])), t([1., 2.]))
show(D.Binomial(10, logits=t([.3, .5])), t([1., 2.]))
show(D.NegativeBinomial(t([5., 3.]), t([.3, .5])), t([1., 2.]))
show(D.Geometric(t([.3, .5])), t([1., 2.]))
show(D.OneHotCategorical(t([[.3, .7], [.5, .5]])), t([[1., 0.], [0., 1.]]))
show(D.Multinomial(4, t([[.3, .7], [.5, .5]])), t([[1., 3.], [2., 2.]]))
show(D.RelaxedBernoulli(t(0.5), t([.3, .7])), t([.3, .6]))
show(D.RelaxedOneHotCategorical(t(0.5), t([.3, .7])), t([.3, .7]))
show(D.LogisticNormal(t([0., 1.]), t([1., 1.])), t([.3, .3, .4]))
show(D.LogNormal(t([0., 1.]), t([1., 1.])), t([.3, .3]))
f = D.TransformedDistribution(D.Normal(t(0.), t(1.)), [transforms.TanhTransform(cache_size=1)])
print(f.log_prob(t(0.5)), f.rsample((2,)), f.cdf(t(0.3)), f.icdf(t(0.3)))
f = D.TransformedDistribution(D.Independent(D.Normal(torch.zeros(3), torch.ones(3)), 1), [D.AffineTransform(torch.ones(3), -2 * torch.ones(3), event_dim=1), D.SigmoidTransform()])
print(f.batch_shape, f.event_shape, f.log_prob(t([.2, .5, .6])))
f = D.TransformedDistribution(D.MultivariateNormal(torch.zeros(2), torch.eye(2)), D.ComposeTransform([D.ExpTransform(), D.AffineTransform(0., 2.)]))
print(f.batch_shape, f.event_shape, f.log_prob(t([.2, .5])), f.sample())
T = D.ExpTransform()
print(T(t(1.)), T.inv(t(1.)), T.log_abs_det_jacobian(t(1.), t(2.)), T.inv.inv is T)
class Cube(transforms.Transform):
    domain = constraints.real
    codomain = constraints.real
    bijective = True
    sign = +1
    def _call(self, x): return x ** 3
    def _inverse(self, y): return y.sign() * y.abs() ** (1 / 3)
    def log_abs_det_jacobian(self, x, y): return (3 * x ** 2).log()
f = D.TransformedDistribution(D.Normal(0., 1.), [Cube()])
print(f.log_prob(t(2.)), f.sample())
loc = t(0.5, requires_grad=True)
s = D.HalfNormal(loc).rsample(); s.backward(); print(s, loc.grad)
g = D.Gumbel(loc, 1.0).rsample((2,)); print(g)
p = torch.tensor([.3, .7], requires_grad=True)
s = D.OneHotCategoricalStraightThrough(probs=p).rsample(); (s * t([1., 2.])).sum().backward(); print(s, p.grad)
s = D.RelaxedBernoulli(t(1.), p).rsample(); print(s)
print(D.Gumbel(0., 1.), D.Weibull(1., 2.), D.Pareto(1., 2.), D.HalfNormal(1.), D.Chi2(1.), D.Geometric(0.5), D.Multinomial(2, t([.5, .5])), D.StudentT(t([1., 2.])), D.OneHotCategorical(t([.5, .5])))
print(D.kl_divergence(D.Uniform(0., 1.), D.Uniform(0., 2.)))
print(D.kl_divergence(D.MultivariateNormal(torch.zeros(2), torch.eye(2)), D.MultivariateNormal(torch.ones(2), 2 * torch.eye(2))))
kl = D.kl_divergence
print(kl(D.Laplace(0., 1.), D.Laplace(1., 2.)), kl(D.Poisson(1.), D.Poisson(2.)), kl(D.Dirichlet(t([1., 2.])), D.Dirichlet(t([2., 2.]))))
print(kl(D.LogNormal(0., 1.), D.LogNormal(1., 1.)), kl(D.Geometric(t(.3)), D.Geometric(t(.4))), kl(D.Binomial(3, t(.3)), D.Binomial(3, t(.4))))
print(kl(D.OneHotCategorical(t([.3, .7])), D.OneHotCategorical(t([.4, .6]))), kl(D.Normal(0., 1.), D.Laplace(0., 1.)))
print(kl(D.Cauchy(0., 1.), D.Cauchy(1., 2.)), kl(D.HalfNormal(1.), D.HalfNormal(2.)), kl(D.Gumbel(0., 1.), D.Gumbel(1., 2.)), kl(D.Uniform(0., 1.), D.Normal(0., 1.)))
for bad in (lambda: D.Cauchy(0., -1.), lambda: D.Binomial(3), lambda: D.TransformedDistribution(D.Normal(0., 1.), 3)):
    try:
        bad()
    except ValueError as e:
        print(e)
torch.manual_seed(0)
a = torch.tensor([0.3, 2.0, 9.0], requires_grad=True)
b = torch.tensor([2.0, 0.7, 3.0], requires_grad=True)
for x in (D.Gamma(a, b).rsample(), D.Beta(a, b).rsample(), D.Dirichlet(a).rsample(), D.StudentT(a, b).rsample(), D.Chi2(a).rsample()):
    a.grad = None
    (x * torch.tensor([1., 2., 3.])).sum().backward()
    print([f"{each:.2g}" for each in a.grad.tolist()])
s = torch.tensor([2.0, -2.0], requires_grad=True)
f = D.TransformedDistribution(D.Normal(torch.zeros(2), torch.ones(2)), [D.AffineTransform(1.0, s)])
print(f.cdf(torch.tensor([1.5, 1.5])), f.icdf(torch.tensor([0.2, 0.2])), f.transforms[0].sign)
class Turn(D.transforms.Transform):
    domain = codomain = D.constraints.real
    bijective = True
    sign = -1
    def _call(self, x): return -x
    def _inverse(self, y): return -y
    def log_abs_det_jacobian(self, x, y): return torch.zeros_like(x)
f = D.TransformedDistribution(D.Normal(0.0, 1.0), [Turn(), D.AffineTransform(0.0, 2.0)])
print(f.cdf(torch.tensor(0.5)), f.icdf(torch.tensor(0.8)))
f = D.TransformedDistribution(D.Exponential(torch.tensor([1.0, 2.0])), [D.transforms.PowerTransform(-0.5)])
print(f.cdf(torch.tensor([0.5, 2.0])), f.rsample().shape, D.ExpTransform().inv.sign, D.AffineTransform(0.0, -3.0).sign)
print(D.transforms.ComposeTransform([D.AffineTransform(0.0, -3.0), D.ExpTransform(), D.AffineTransform(0.0, -1.0).inv]).sign)
for make in (lambda: D.transforms.StickBreakingTransform().sign, lambda: D.Binomial(3, torch.tensor(0.5)).rsample(), lambda: D.Independent(D.Normal(s, 1.0), 1).cdf(s)):
    try:
        make()
    except NotImplementedError:
        print("no")
df = torch.tensor([0.5, 1.5, 3.0], requires_grad=True); scale = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
d = D.StudentT(df, scale, scale)
print(d.mean, d.variance)
print(torch.autograd.grad(d.variance.sum(), [df, scale]), torch.autograd.grad(d.mean.sum(), [scale]), torch.autograd.grad(d.stddev.sum(), [df, scale]))
d = D.StudentT(torch.tensor([0.5, 3.0]).double())
print(d.variance, d.mean)
a, b = torch.tensor([0.5, 1.5]), torch.tensor([1.2, 0.7])
for d in (D.LogisticNormal(a, b), D.TransformedDistribution(D.Normal(0.0, 1.0), [D.ExpTransform()]), D.RelaxedBernoulli(torch.tensor(0.7), torch.tensor(0.3)), D.Independent(D.Normal(a, b), 1), D.RelaxedOneHotCategorical(torch.tensor(0.7), torch.tensor([0.3, 0.7])), D.Gumbel(0.0, 1.0), D.HalfCauchy(2.0)):
    e = d.expand((2, 3))
    print(e.batch_shape, e.event_shape, e.sample().shape)
print(D.Gumbel(0.0, 1.0).expand((2,)).mean, D.RelaxedBernoulli(torch.tensor(0.7), torch.tensor(0.3)).expand((2,)).probs)
print(D.Binomial(torch.tensor([3.0, 4.0]), torch.tensor([0.3, 1.0], requires_grad=True)).mode)
i = D.Independent(D.TransformedDistribution(D.Normal(a, b), [D.ExpTransform()]), 1)
print(i.batch_shape, i.event_shape, i.log_prob(torch.tensor([0.5, 2.0])))
for made in (D.MultivariateNormal(torch.zeros(2), torch.eye(2)), D.TransformedDistribution(D.MultivariateNormal(torch.zeros(2), torch.eye(2)), D.ExpTransform())):
    e = made.expand((3,))
    print(e.batch_shape, e.event_shape, e.sample().shape)
try:
    D.ExpTransform()(2.0)
except AttributeError:
    print("no")
