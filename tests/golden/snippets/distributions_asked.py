import torch
import torch.distributions as D

torch.manual_seed(0)
m = D.MultivariateNormal(torch.zeros(2), torch.tensor([[2., .5], [.5, 1.]])); print(m.precision_matrix, m.variance, m.stddev, m.mode, m.perplexity())
mix = D.MixtureSameFamily(D.Categorical(torch.tensor([0.3, 0.7])), D.Normal(torch.tensor([-1., 1.]), torch.tensor([0.5, 0.5]))); print(mix.sample((2,)), mix.sample(), mix.cdf(torch.tensor(0.2)), mix.variance, mix)
print(D.Binomial(4, torch.tensor(0.3)).entropy(), D.Multinomial(3, torch.tensor([.2, .8])).entropy(), D.Multinomial(3, torch.tensor([.2, .8])).mean)
b = D.Binomial(3, torch.tensor([0.3, 0.6])); print(b.entropy(), b.enumerate_support(), b.enumerate_support(expand=False), b.has_enumerate_support, D.Categorical(torch.ones(2, 3)).enumerate_support(), D.Bernoulli(torch.tensor([.1, .2])).enumerate_support(expand=False), D.Normal(torch.zeros(2), 1.).perplexity(), b.has_rsample, D.Categorical(torch.ones(3)).perplexity(), D.Independent(D.Normal(torch.zeros(2), 1.), 1).has_rsample)
mix = D.MixtureSameFamily(D.Categorical(torch.ones(3)), D.Independent(D.Normal(torch.randn(3, 2), torch.rand(3, 2)), 1)); print(mix.sample(), mix.sample((2,)), mix.mean, mix.variance, mix.batch_shape, mix.event_shape, mix.log_prob(torch.zeros(2)), mix.component_distribution, mix.stddev)
g = D.MixtureSameFamily(D.Categorical(torch.rand(2, 3)), D.Normal(torch.randn(2, 3), torch.rand(2, 3))); print(g.sample((2,)).shape, g.sample(), g.batch_shape, g.cdf(torch.zeros(2)), g)
n, b, c = D.Normal(torch.zeros(2, 3), 1.0), D.Bernoulli(torch.full((2, 3), 0.4)), D.Categorical(torch.ones(2, 3))
lifted = D.TransformedDistribution(n, [D.transforms.ExpTransform()])
for d in (n, b, c, lifted, D.LogNormal(n.loc, 1.0), D.Independent(lifted, 1), D.Independent(b, 0), D.Independent(b, 1), D.Independent(c, 0), D.MixtureSameFamily(c, n), D.Gumbel(0.0, 1.0), D.HalfNormal(1.0), D.Pareto(1.0, 2.0), D.OneHotCategorical(torch.ones(3)), D.Multinomial(3, torch.ones(3)), D.VonMises(0.0, 1.0)):
    print(type(d).__name__, d.has_rsample, d.has_enumerate_support, d.batch_shape, d.event_shape)
print(D.Independent(b, 0).enumerate_support().shape, D.Independent(c, 0).enumerate_support(expand=False), D.OneHotCategorical(torch.ones(2, 3)).enumerate_support())
try:
    D.Independent(b, 1).enumerate_support()
except NotImplementedError as e:
    print(e)
logs = D.MixtureSameFamily(D.Categorical(torch.tensor([0.3, 0.7])), D.LogNormal(torch.tensor([0.0, 1.0]), torch.tensor([0.5, 0.2]))); print(logs.mean, logs.variance, logs.stddev, logs.event_shape)
