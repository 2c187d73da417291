"""Bags that hold nothing, or not all there is; patches and bags that are refused; weights that are given."""
import torch
import torch.nn as nn
import torch.nn.functional as F


def told(work):
    try:
        print(work())
    except (RuntimeError, ValueError, AssertionError) as error:
        print(str(error).split(" (while")[0].split("\n")[0])


torch.manual_seed(0)
x, w, bag = torch.zeros(1, 4, 4), torch.arange(10.0).reshape(5, 2), torch.tensor([0, 1, 2])
told(lambda: F.embedding_bag(bag, w, torch.tensor([], dtype=torch.long)))
told(lambda: F.embedding_bag(bag, w, torch.tensor([0, 1, 2]), mode="sum", include_last_offset=True))
told(lambda: F.embedding_bag(bag, w, torch.tensor([1])))
told(lambda: F.embedding_bag(bag, w, torch.tensor([0, 4])))
told(lambda: F.embedding_bag(bag.float(), w, torch.tensor([0])))
told(lambda: F.embedding_bag(torch.tensor(1), w))
told(lambda: F.embedding_bag(bag[None], w, mode="least"))
layer = nn.EmbeddingBag(5, 2, _weight=w)
print(layer(bag[None]), layer.weight.requires_grad, torch.rand(1))
print(nn.EmbeddingBag(5, 2, mode="sum", padding_idx=1))
told(lambda: nn.EmbeddingBag(2, 2, _weight=w).weight)
told(lambda: F.unfold(x, 5))
told(lambda: F.unfold(x, 0))
told(lambda: F.unfold(x, 2, padding=-1))
told(lambda: F.unfold(x, 2, stride=(1, 0)))
told(lambda: F.fold(torch.zeros(3, 9), (4, 4), 2))
told(lambda: F.fold(torch.zeros(4, 9), (5, 4), 2))
told(lambda: F.fold(torch.zeros(9), (4, 4), 2))
