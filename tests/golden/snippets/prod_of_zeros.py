"""The gradient of a product over several zeros is 0, whatever comes back to it."""
import torch

for numbers in ([0., 0., 2.], [0., 3., 2.], [0., 0., float("inf")], [float("nan"), 0., 0.]):
    for weight in (1., float("inf"), float("nan")):
        x = torch.tensor(numbers, requires_grad=True)
        x.prod().backward(torch.tensor(weight))
        print(numbers, weight, x.grad[0].item(), torch.nan_to_num(x.grad).count_nonzero().item() < 2)
