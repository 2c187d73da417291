"""A message counts the arguments of a method without the tensor whose method it is."""

import torch

x = torch.tensor([1.0, 2.0, 3.0])
calls = (
    lambda: x.transpose("a", 1),
    lambda: torch.transpose(x, "a", 1),
    lambda: x.transpose(0, "b"),
    lambda: torch.transpose(x, 0, "b"),
    lambda: x.index_select(0, "a"),
    lambda: torch.index_select(x, 0, "a"),
    lambda: x.add("a"),
    lambda: torch.add(x, "a"),
    lambda: x.add(other="a"),
    lambda: x.cumsum("a"),
    lambda: x.unsqueeze("a"),
    lambda: torch.unsqueeze(x, "a"),
    lambda: x.matmul(None),
    lambda: torch.matmul(x, None),
)
for call in calls:
    try:
        call()
    except TypeError as error:
        print(str(error).splitlines()[0])
