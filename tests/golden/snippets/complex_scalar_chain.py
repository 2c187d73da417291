import torch
a = torch.tensor(2.0, requires_grad=True)
b = torch.tensor(3.0, requires_grad=True)
c = a * b
d = torch.sin(c)
e = torch.exp(d / a)
f = torch.log(e + b)
for t in (c, d, e, f):
    t.retain_grad()
f.backward()
print(f"f={f.item():.4f}")
for n, t in (("a", a), ("b", b), ("c", c), ("d", d), ("e", e), ("f", f)):
    print(n, "%.6f" % t.grad.item(), t.is_leaf)
