"""Parameters and values that distributions refuse, unless they are not to look; each result has its own history."""
import torch
from torch.distributions import Bernoulli, Categorical, Normal, Uniform


def told(work):
    try:
        print(work())
    except ValueError as error:
        print(error)


zeros = torch.zeros(2)
told(lambda: Normal(zeros, torch.tensor([1.0, -2.0])))
told(lambda: Normal(zeros, torch.tensor([1.0, -2.0]), validate_args=False))
told(lambda: Uniform(2.0, 1.0))
told(lambda: Uniform(zeros, torch.tensor([1.0, 0.0])))
told(lambda: Uniform(2.0, 1.0, validate_args=False))
told(lambda: Bernoulli(1.5))
told(lambda: Categorical(zeros))
told(lambda: Normal(0.0, 1.0).log_prob(1.0))
told(lambda: Normal(zeros, 1.0).log_prob(torch.zeros(3)))
scale = torch.tensor(2.0, requires_grad=True)
normal = Normal(0.0, scale)
normal.variance.backward()
normal.variance.backward()
print(scale.grad)
