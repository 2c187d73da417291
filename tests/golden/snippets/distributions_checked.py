"""Parameters and values that distributions refuse, unless they are not to look; each result has its own history."""
import torch
from torch.distributions import AffineTransform, Bernoulli, Categorical, NegativeBinomial, Normal
from torch.distributions import StudentT, Uniform, Weibull


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


def kind_of(work):
    try:
        print(work())
    except TypeError as error:
        print(type(error).__name__)


kind_of(lambda: Normal(0.0))
kind_of(lambda: Normal(0.0, 1.0, None, 3.0))
kind_of(lambda: Normal(0.0, 1.0, rate=2.0))
kind_of(lambda: Uniform(2.0, 1.0, False))
kind_of(lambda: Bernoulli(0.5, total_count=2))
kind_of(lambda: NegativeBinomial(probs=0.5))
kind_of(lambda: StudentT(loc=1.0))
kind_of(lambda: StudentT(3.0).scale)
kind_of(lambda: Weibull(1.0))
kind_of(lambda: AffineTransform(1.0))
kind_of(lambda: AffineTransform(1.0, 2.0, 0, 0, 0))
kind_of(lambda: AffineTransform(1.0, 2.0).log_abs_det_jacobian(zeros))
kind_of(lambda: AffineTransform(1.0, 2.0).log_abs_det_jacobian(y=zeros, x=zeros))
