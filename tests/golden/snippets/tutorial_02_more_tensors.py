# Shapes, types, broadcasting, indexing, reductions, and the errors that beginners meet.
import torch

x = torch.arange(12)
print(x, x.shape, x.numel(), x.dtype)
m = x.view(3, 4)
print(m.reshape(2, 6), m.T.shape, m.is_contiguous(), m.T.is_contiguous(), m.stride())
print(m[1], m[:, 2], m[1:, ::2], m[m > 5], m[[0, 2], [1, 3]])
f = m.float()
print(f.mean(), f.std(), f.sum(dim=0), f.mean(dim=1, keepdim=True), f.max(), f.argmax(), f.max(dim=1))
print(f / f.sum(), (f ** 2).sqrt().equal(f))
a = torch.tensor([[1.0], [2.0], [3.0]])
b = torch.tensor([10.0, 20.0])
print(a + b, (a * b).shape)
print(torch.stack([b, b]), torch.cat((a, a), dim=1), a.squeeze(), b.unsqueeze(0).shape)
print(torch.linspace(0, 1, 5), torch.eye(2), torch.full((2, 2), 7), torch.zeros(2, dtype=torch.long))
print(torch.where(f > 5, f, torch.zeros_like(f)), f.clamp(2, 5), torch.sort(torch.tensor([3, 1, 2])))
print(f.to(torch.float64).dtype, f.int()[0], f.bool()[0], torch.tensor(3.7).item(), f.tolist()[0])
print(torch.tensor([1, 2]) + torch.tensor([0.5, 0.5]), torch.tensor([1, 2]) / 2, torch.tensor([7]) // 2)
print(torch.matmul(f, f.T), torch.dot(b, b), torch.mm(a.T, a), torch.einsum("ij,ij->i", f, f))
v = torch.tensor([1e-10, 1.0, 1e10])
print(v, torch.tensor([0.1234567, 100.5]), torch.tensor([1.0, 2.0]), torch.tensor([True, False]))
try:
    f @ f
except RuntimeError as e:
    print(e)
try:
    f + torch.ones(3)
except RuntimeError as e:
    print(e)
try:
    x.view(5, 3)
except RuntimeError as e:
    print(e)
try:
    m[5]
except IndexError as e:
    print(e)
big = torch.arange(10000.).reshape(100, 100)
print(big)
