# expect: graph-freed
# says: Trying to backward through the graph a second time
import torch

w = torch.tensor([1.0, 2.0], requires_grad=True)
h = w.exp()
first = h.sum()
second = (h * h).sum()
first.backward()
second.backward()
