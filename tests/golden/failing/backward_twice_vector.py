# expect: graph-freed
# says: Trying to backward through the graph a second time
import torch

x = torch.tensor([1.0, 2.0], requires_grad=True)
y = 2 * x
y.backward(torch.ones(2))
y.backward(torch.ones(2))
