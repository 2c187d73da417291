# expect: no-grad
import torch

w = torch.ones(2, requires_grad=True)
with torch.no_grad():
    loss = (w * 3).sum()
loss.backward()
