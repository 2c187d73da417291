import torch

x = torch.tensor([0.5, 1.5], requires_grad=True)
p = torch.tensor([2.0, 3.0], requires_grad=True)
y = x * 1
q = p * 1
y.pow_(q)
gx, gp = torch.autograd.grad(y.sum(), (x, p), create_graph=True)
print(gx, gp)
print(torch.autograd.grad((gx * gp).sum(), (x, p)))
x = torch.tensor([0.5, 1.5], requires_grad=True)
y = x * 1
y.sigmoid_()
(g,) = torch.autograd.grad(y.sum(), x, create_graph=True)
print(torch.autograd.grad(g.sum(), x))
y = x * 1
y.pow_(2)
(g,) = torch.autograd.grad(y.sum(), x, create_graph=True)
(h,) = torch.autograd.grad(g.sum(), x, create_graph=True)
print(g, h)
y = x * 1
y.atan2_(torch.tensor([1.0, 2.0]))
(g,) = torch.autograd.grad(y.sum(), x, create_graph=True)
print(torch.autograd.grad(g.sum(), x))
x = torch.tensor([0.5, 1.5], requires_grad=True)
y = x * 2


def look(g):
    print(g.grad_fn.name() if g.grad_fn else None)


y.register_hook(look)
z = (y**3).sum()
z.backward(create_graph=True)
x.grad = None
w = torch.zeros(3)
y = x * 2
y.register_hook(look)
w[1:] = y.exp()
(w**2).sum().backward(create_graph=True)
y = x * 2
y.register_hook(look)
(-y).sum().backward(create_graph=True)
y = x * 2
y.register_hook(look)
u = y.sin()
u[0] = 3
(u * u).sum().backward(create_graph=True)


a = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
with torch.no_grad():
    b = a.t()
    c = b * 2
    d = c.exp()
    print(c.stride(), d.stride(), d.is_contiguous())
try:
    c.view(4)
    print("viewed")
except RuntimeError as e:
    print("refused")

a = torch.tensor([-1.0, 2.0], requires_grad=True)
torch.relu(a).sum().backward(create_graph=True)
print(a.grad.requires_grad, torch.autograd.grad(a.grad.sum(), a))

a = torch.tensor([[4.0, 1.0], [0.0, 0.0]], requires_grad=True)
for name, same in {
    "at least 2-d": torch.atleast_2d,
    "positive": torch.positive,
    "view": lambda v: v.view(2, 2),
}.items():
    b = torch.tensor([[1.0, -0.5], [-2.0, -1.0]])
    c = b[:]
    b[0] += a[0]
    d = same(c)
    try:
        d += d
        print(name, d)
    except RuntimeError as error:
        print(name, error)

b = torch.tensor([[-0.5, 1.5], [-0.5, 0.5]])
c = b.detach()
c.grad, b.grad = torch.ones_like(c), torch.zeros_like(b)
b.copy_(b)
print(c.grad, b.grad)
c[:, 0] *= 2
print(c.grad, b.grad)


def once_more(a):  # the last thing that wrote to a is the assignment
    a[0] *= a[0]


def through_a_view(a):
    part = a[0]
    part *= a[0]


for write in (once_more, through_a_view):
    x = torch.tensor([0.0, -1.0, 0.0], requires_grad=True)
    a = x * x
    write(a)
    try:
        a.sum().backward(inputs=[a])
        print(a._version, a.grad)
    except RuntimeError as error:
        print(a._version, str(error)[:60])
