# expect: graph-freed
# says: Trying to backward through the graph a second time
import torch

x = torch.tensor(3.0, requires_grad=True)
y = x.pow(2)
y.backward()
y.backward()
