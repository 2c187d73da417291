import torch
w = torch.zeros(2, requires_grad=True)
with torch.no_grad():
    w.copy_(torch.tensor([1., 2.]))
print(w)
w.data = torch.tensor([5., 6.])
print(w)
w.data.copy_(torch.ones(2))
print(w)
(w * 2).sum().backward()
print(w.grad)
w.grad = torch.tensor([9., 9.])
print(w.grad)
w.grad += 1
print(w.grad)
w.grad *= 0.5
print(w.grad)
w.grad.data.clamp_(max=2)
print(w.grad)
