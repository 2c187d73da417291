"""No quantiles at all, shares that are none, and dtypes that have none; a softmax at random of one number."""
import torch
import torch.nn.functional as F

x = torch.tensor([1.0, 2.0])
print(torch.zeros(2, 3).quantile(torch.tensor([]), 1, True).shape)
for share in (1.5, float("nan"), torch.tensor([0.5, 2.0])):
    try:
        x.quantile(share)
    except RuntimeError as error:
        print(error)
try:
    x.half().quantile(0.5)
except RuntimeError as error:
    print(error)
print(F.gumbel_softmax(torch.tensor(3.0, requires_grad=True), hard=True))
