"""The gradient of `xlogy` at 0 is 0 where the logarithm is none, whatever comes back to it."""
import torch

for weight in (1.0, float("nan"), float("inf")):
    for x, y in ((0.0, 0.5), (0.0, -0.5), (0.0, 0.0), (2.0, 0.5)):
        for function, shift in ((torch.xlogy, 0.0), (torch.special.xlog1py, 1.0)):
            first = torch.tensor(x, requires_grad=True)
            function(first, torch.tensor(y - shift)).backward(torch.tensor(weight))
            print(weight, x, y, first.grad)
