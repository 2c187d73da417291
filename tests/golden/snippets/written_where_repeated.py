"""Writes where an element stands several times in what was detached, and at keys that are flags."""
import torch

b = torch.tensor([2.0, 1.0, -1.0, -0.5])
d = b.expand(2,-1)
d[0]=9.
print(b, d)
d.detach()[0]=8.
print(b, d)
d.data[0]=7.
print(b, d)
d.data[0].mul_(2)
print(b, d)
d = b[:2]
d.data[0]=5.
print(b, d)

x = torch.tensor(1.5); x[True] = 0.; print(x)
x = torch.tensor(1.5); x[False] = 9.; print(x)
x = torch.ones(2); x[0][True] = 5.; print(x)
x = torch.ones(2); x[0][torch.tensor(True)] = 5.; print(x)
x = torch.ones(2,2); x[0][True] = 5.; print(x)
x = torch.ones(2,2); x[0][None] = 6.; print(x)
x = torch.ones(2,2); x[1, True] = 6.; print(x)
x = torch.ones(2,2); x[1][True, 0] = 6.; print(x)
x = torch.ones(2,2); x[0, ..., True] = 6.; print(x)
x = torch.ones(2,2); x[True, 0, [0]] = 6.; print(x)
x = torch.ones(2,2); v = x[0]; v[torch.tensor([True,False])] = 6.; print(x)
x = torch.ones(2,2); v = x[0]; v[0][...] = 6.; print(x)
x = torch.ones(2,2, requires_grad=True); y = x*1; y[1][0][True] = 7.; print(y); y.sum().backward(); print(x.grad)
x = torch.ones(2,2, requires_grad=True); y = x*1; y[1][0][torch.tensor(0)>-1] = 7.; print(y); y.sum().backward(); print(x.grad)
