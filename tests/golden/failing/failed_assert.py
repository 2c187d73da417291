# expect: assertion
import torch

x = torch.tensor(2.0, requires_grad=True)
(x ** 2).backward()
assert x.grad == 5.0, "the gradient is not 5"
