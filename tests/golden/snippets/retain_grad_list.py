import torch
x = torch.tensor(2., requires_grad=True)
a = x ** 2
b = a * 3
a.retain_grad()
b.retain_grad()
c = b + 1
c.backward()
for name, t in [("x", x), ("a", a), ("b", b)]:
    print(name, t.grad)
for name, t in zip(["x", "a"], [x, a]):
    print("%s: %s" % (name, t.grad))
print(a.retains_grad, x.retains_grad)
