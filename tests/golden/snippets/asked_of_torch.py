import torch
from torch import nn
from torch.func import linearize

print(torch.scalar_tensor(2.5), torch.scalar_tensor(2, dtype=torch.int64), torch.get_default_device())
print(torch.ones(2).is_sparse, torch.ones(2).is_quantized, torch.ones(2).is_cuda)
value, derivative = linearize(lambda x: x.sin() * 2, torch.tensor([0.1, 0.2]))
print(value, derivative(torch.tensor([1.0, 2.0])), derivative(torch.tensor([0.0, -1.0])))
layer = nn.Conv1d(3, 3, 3)
nn.init.dirac_(layer.weight)
print(layer.weight)
layer = nn.Conv2d(2, 4, 3)
nn.init.dirac_(layer.weight, groups=2)
print(layer.weight.sum((2, 3)))
try:
    nn.init.dirac_(torch.ones(2, 2))
except ValueError as e:
    print(e)
try:
    torch.linalg.cholesky(-torch.eye(2))
except torch.linalg.LinAlgError as e:
    print(e)
a = torch.ones(3, requires_grad=True)
with torch.autograd.graph.save_on_cpu(pin_memory=False):
    y = a.pow(3).sum()
y.backward()
print(a.grad)
p = torch.ones(2)
print(torch.zeros_like(p, memory_format=torch.preserve_format), torch.preserve_format)
print(p.clone(memory_format=torch.preserve_format), p.contiguous(memory_format=torch.contiguous_format))
