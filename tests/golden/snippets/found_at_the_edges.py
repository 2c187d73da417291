"""Where things stand in tensors of no dims and of no elements, and between bounds that are none."""
import torch


def told(work):
    try:
        print(work())
    except (RuntimeError, AttributeError) as error:
        print(error)


x, rows = torch.tensor([1.0, 3.0, 5.0]), torch.tensor([[1, 3, 5], [2, 4, 6]])
print(torch.tensor(3.0).unique(return_inverse=True, return_counts=True))
print(torch.searchsorted(torch.zeros(2, 0), torch.zeros(2, 3)), torch.searchsorted(rows[:0], rows[:0]).shape)
told(lambda: torch.searchsorted(x, x, side="middle"))
told(lambda: torch.searchsorted(x, x, right=True, side="left"))
told(lambda: torch.searchsorted(rows, torch.tensor([3, 6])))
told(lambda: torch.histc(x, 0))
told(lambda: torch.histc(x, 2, 3, 1))
told(lambda: torch.histc(torch.tensor([1.0, float("inf")]), 2))
told(lambda: x.bucketize(x))
