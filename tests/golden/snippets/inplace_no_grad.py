import torch

w = torch.ones(3, requires_grad=True)
(w * torch.tensor([1.0, 2.0, 3.0])).sum().backward()
with torch.no_grad():
    w.sub_(0.5 * w.grad)
    print(w)
    w.mul_(2)
    print(w)
    w.add_(torch.ones(3))
    print(w)
    w.copy_(torch.tensor([7.0, 8.0, 9.0]))
    print(w)
    w.zero_()
print(w, w.grad)
