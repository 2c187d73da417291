import torch
a = torch.tensor(-2.0, requires_grad=True)
a.sum().backward()
with torch.no_grad(): a.unsqueeze_(0)
print(a.grad, a.shape)
try:
    a.grad *= 2
except RuntimeError as e: print(e)
print(a.grad)
try:
    a.sum().backward()
except RuntimeError as e: print(e)
print(a.grad)
a.grad.zero_()
a.grad = None
try:
    a.sum().backward()
except RuntimeError as e: print(e)
print(a.grad)
w = torch.ones(3, requires_grad=True)
(w * 2).sum().backward()
kept = w.grad
w.grad *= 3
print(w.grad, kept is w.grad, kept)
