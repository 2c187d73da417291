# Writing where there is nothing to write to, and through a mask of fewer dims to what stands several times.
import torch

a = torch.tensor([[[-1.0, 2.0]], [[0.0, 3.0]]], requires_grad=True)
b = torch.tensor([[3.0, 4.0], [-2.0, -0.5]], requires_grad=True)
f = a[0, 1:]
g = f.asinh()
g.index_add_(0, torch.tensor([0]), b[:1])
print(f, g)
print(torch.ones(2, 0).index_add(0, torch.tensor([5]), torch.ones(1, 0)))

a = torch.tensor([4.0, -1.0, -1.0, 1.5], requires_grad=True)
b = a.hardshrink()
c = b.ravel()
d = c.expand(2, -1)
d.masked_fill_(b > 0, 1.0)
print(b)
print(c)
print(d)
try:
    d.sum().backward()
except RuntimeError as error:
    print(error)
e = torch.zeros(3).expand(2, 3)
try:
    e.masked_fill_(torch.tensor([True, False, True]), 2.0)
except RuntimeError as error:
    print(error)
print(e)
f = torch.zeros(3, 1).unfold(0, 2, 1)
try:
    f.masked_fill_(torch.ones(3, 1) > 0, 1.0)
except RuntimeError as error:
    print(error)

# Where slices have no elements, no index is looked at.
nothing = torch.zeros(1, 0)
for write in (
    lambda: nothing.index_copy_(0, torch.tensor([1]), nothing), lambda: nothing.index_fill(0, torch.tensor([4]), 1.0),
    lambda: torch.zeros(0, 3).index_fill_(1, torch.tensor([5]), 1.0), lambda: torch.zeros(2, 0).index_copy(1, torch.tensor([0]), torch.zeros(2, 1)),
):
    try:
        print(write().shape)
    except (RuntimeError, IndexError):
        print("refused")

# What stands several times may be filled by some operations, and by others not.
for write in (
    "fill", "over", "at", "lower", "upper", "lower2", "diagonal", "true", "true_tensor", "false", "none", "part", "column", "places", "mask",
):
    for kind in range(4):
        w = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
        base = torch.arange(1.0, 4.0) if kind < 2 else w*1
        view = base.expand(3, 3) if kind % 2 == 0 else base[1].expand(2, 2)
        i = torch.tensor([0, 1])
        try:
            if write == "fill": view.index_fill_(1, i[:1], 5.0)
            if write == "over": view.index_fill_(0, i, value=torch.tensor(5.0))
            if write == "at": view.index_copy_(0, i[:1], torch.ones(1, view.shape[1]))
            if write == "lower": view.tril_()
            if write == "upper": view.triu_(1)
            if write == "lower2": view.tril_(diagonal=-1)
            if write == "diagonal": view.fill_diagonal_(5.0)
            if write == "true": view[True] = 5.0
            if write == "true_tensor": view[True] = torch.ones(view.shape)
            if write == "false": view[False] = 5.0
            if write == "none": view[None] = 5.0
            if write == "part": view[0] = torch.tensor(7.0).expand(1, 1)
            if write == "column": view[:, 0] = 5.0
            if write == "places": view[i] = 5.0
            if write == "mask": view[view > 1] = 5.0
        except RuntimeError as error:
            print(str(error)[:40])
        print(write, view, base)
        try:
            base.sum().backward()
            print(w.grad)
        except RuntimeError as error:
            print(str(error)[:40])
x = torch.ones(3, requires_grad=True)
x[False] = 2.0
try:
    x[True] = 2.0
except RuntimeError as error:
    print(error)

# One number everywhere: what is chosen of it lies in its memory, and is read as what it is.
b = torch.tensor(2.0, requires_grad=True)*1
c = b.expand(2, 2)
d = c.diagonal()[:1]
d.mul_(3)
print(b, c, d)
rows = torch.zeros(2, 3)
rows[0] = torch.tensor(2.0).expand(1, 3)
rows[1] = torch.tensor([4.0]).expand(1, 1, 3)
print(rows)
e = torch.tensor([2.0, 3.0]).expand(2, 2)
e.reshape_as(torch.ones(4))[0] = 9.0
print(e)
f = torch.ones(2)
f.to(torch.float32, copy=True).mul_(5)
f.to(torch.float32, False, True).mul_(5)
print(f, f.to(torch.float32) is f, torch.ones(1, requires_grad=True).to(f, copy=True))
print(torch.poisson(torch.zeros(2, requires_grad=True)))

# One number everywhere that was detached, and written to since: what is made of it is still a view of it.
number = torch.tensor(2.0)
for part in (lambda e: e.view(3), lambda e: e[0], lambda e: e.expand(2, 3), lambda e: e.reshape(3, 1)):
    everywhere = number.expand(1, 3).detach()
    number.mul_(3)
    x = torch.zeros(3, 3)
    x[0] = everywhere
    shown = part(everywhere)
    number.add_(1)
    print(x, shown)
    number.fill_(2)
    shown.fill_(5)
    print(number, everywhere)
square = number.expand(3, 3).detach()
number.mul_(3)
print(square.fill_diagonal_(1.5), number)

# Shapes that do not fit are told in the order of the operands, also where elements stand several times.
a = torch.tensor([0.0, 1.5, 0.0, -1.0])
c = a.unfold(0,2,1)
for w in (lambda: c.masked_fill_(a>0,1.), lambda: a.masked_fill_(c>0, 1.), lambda: a.masked_fill(c>0, 1.), lambda: c.masked_fill(a>0, 1.), lambda: c[:2].masked_fill_(c > 0, 1.), lambda: c.masked_fill_(c[:, :1] > 0, 3.), lambda: c.masked_fill_(mask=a>0, value=1.), lambda: c[0].masked_fill_(c>0, 1.)):
    try: print(w())
    except RuntimeError as e: print(str(e)[:90])
