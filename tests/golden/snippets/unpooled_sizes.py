"""The sizes that unpooling can come from, and those that it can't."""
import torch
import torch.nn.functional as F

pooled, at = F.max_pool2d(torch.arange(25.0).reshape(1, 1, 5, 5), 2, return_indices=True)
print(F.max_unpool2d(pooled, at, 2, output_size=(1, 1, 5, 5)))
for size in ((7, 7), (4, 2), (6, 4)):
    try:
        F.max_unpool2d(pooled, at, 2, output_size=size)
    except ValueError as error:
        print(error)
try:
    print(F.max_unpool2d(pooled, torch.tensor([[[[0, 1], [2, 99]]]]), 2))
except RuntimeError as error:
    print(error)
x = torch.arange(4.0, requires_grad=True).reshape(1, 4)
print(F.max_unpool1d(*F.max_pool1d(x, 2, return_indices=True), 2))
