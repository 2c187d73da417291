# set_ makes a tensor share the memory of another one, from where its views and what was computed don't follow.
import torch


def tried(f):
    try:
        print(f())
    except RuntimeError as error:
        print(str(error).partition(" instead")[0])


x = torch.ones(2)
y = torch.tensor([1.0, 2.0, 3.0])
part = x[:1]
x.set_(y)
x[0] = 9.0
print(x, y, part)
w = torch.ones(2, requires_grad=True)
tried(lambda: w.set_(y))
tried(lambda: torch.ones(2).set_(torch.ones(2, dtype=torch.float64)))
r = w * w
with torch.no_grad():
    w.set_(torch.tensor([5.0, 6.0]))
print(w)
tried(lambda: r.sum().backward())
(w * w).sum().backward()
print(w.grad)
