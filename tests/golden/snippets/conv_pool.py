import torch
import torch.nn.functional as F
x = torch.arange(16.).view(1, 1, 4, 4).requires_grad_()
w = torch.tensor([[[[1., 0.], [0., -1.]]]], requires_grad=True)
y = F.conv2d(x, w)
print(y)
p = F.max_pool2d(x, 2)
print(p)
(y.sum() + p.sum()).backward()
print(x.grad)
print(w.grad)
print(F.avg_pool2d(x, 2).detach(), F.pad(x, (1, 1)).shape)
