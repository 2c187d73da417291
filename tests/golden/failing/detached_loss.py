# expect: no-grad
import torch

w = torch.ones(2, requires_grad=True)
loss = (w ** 2).sum().detach()
loss.backward()
