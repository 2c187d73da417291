import torch

F = torch.nn.functional


class Exp(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        y = x.exp()
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, g):
        (y,) = ctx.saved_tensors
        return g * y


def told(of, root):
    try:
        root.sum().backward()
    except RuntimeError as error:
        print(of, str(error)[72:])


x = torch.ones(2, 2, requires_grad=True)


def tell(of, write, read=lambda y: y * y, make=lambda x: x * 2, recorded=True):
    y = make(x)
    z = read(y)
    with torch.set_grad_enabled(recorded):
        write(y)
    told(of, z)


def assign(y):
    y[0] = 1


def assign_all(y):
    y[:] = x


def assign_at(y):
    y[torch.tensor([0])] = 3.0


def twice(y):
    y[0] += 3
    y[1] += 3


def halve(y):
    y //= 2


print("the tensor is what it is by now")
tell("add", lambda y: y.add_(1))
tell("exp", lambda y: y.exp_(), torch.sin)
tell("slices", assign)
tell("slices twice", twice)
tell("copy", assign_all)
tell("at", assign_at)
tell("copy_", lambda y: y.copy_(x))
tell("zero", lambda y: y.zero_())
tell("fill", lambda y: y.fill_(1.0))
tell("chain", lambda y: y.clamp_(0, 1).neg_())
tell("eq", lambda y: y.eq_(2))
tell("relu", lambda y: F.relu(y, inplace=True))
tell("elu", lambda y: F.elu_(y))
tell("floor divide", halve)
tell("turned", lambda y: y.t_())
tell("unsqueezed", lambda y: y.unsqueeze_(0))
tell("through a view", lambda y: y[0].exp_())
tell("beside another", lambda y: (y.detach(), y.mul_(3)))
tell("mse", lambda y: y.clamp_(0, 1), lambda y: F.mse_loss(y, x))
print("outside recording it is what it was")
tell("add", lambda y: y.add_(1), recorded=False)
tell("own", lambda y: y.add_(1), make=Exp.apply, recorded=False)
tell("mean", lambda y: y.add_(1), make=lambda x: torch.var_mean(x, 0)[1], recorded=False)
print("what had no history has one now")
tell("none", lambda y: y.add_(1), lambda y: x * y, lambda x: torch.zeros(2, 2))
tell("added", lambda y: y.add_(x), lambda y: x * y, lambda x: torch.zeros(2, 2))
tell("a row", lambda y: y.mul_(x), lambda y: x[0] * y[0], lambda x: torch.ones(2, 2))
print("a view is asked again")
tell("row", lambda y: y.exp_(), lambda y: y[0].sin())
tell("turned", lambda y: y.exp_(), lambda y: y.T.sin())
tell("stretched", lambda y: y.add_(1), lambda y: y.expand(2, 2, 2).sin())
tell("unrecorded", lambda y: y.add_(1), lambda y: y[0].sin(), recorded=False)
tell("picked", lambda y: y.add_(1), lambda y: y[0] * y[1])
print("a result is what made it")
tell("relu", lambda y: None, lambda y: torch.relu(y).add_(1))
tell("exp", lambda y: None, lambda y: y.exp().mul_(2))
tell("own", lambda y: None, lambda y: Exp.apply(y).mul_(2))
tell("power", lambda y: None, lambda y: (2**y).add_(1))
print("products save other looks")
tell("vector", lambda y: y.mul_(2), lambda y: x[0] @ y)
tell("linear", lambda y: y.mul_(2), lambda y: F.linear(x, y, x[0]))
first, second = torch.nn.Linear(2, 3), torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD([*first.parameters(), *second.parameters()], lr=0.1)
root = second(torch.relu(first(x)))
root.sum().backward(retain_graph=True)
optimizer.step()
told("stepped", root)
for module in (
    torch.nn.Conv2d(1, 1, 1),
    torch.nn.Embedding(2, 2),
    torch.nn.Embedding(2, 2, padding_idx=0),
    torch.nn.BatchNorm1d(2),
    torch.nn.LSTM(2, 2),
    torch.nn.MultiheadAttention(2, 1),
):
    print(type(module).__name__, [each._version for each in module.parameters()])
w = torch.ones(2, requires_grad=True)
for name, settings in (
    ("SGD", {"lr": 0.1, "weight_decay": 0.1}),
    ("Adam", {"weight_decay": 0.1}),
    ("AdamW", {}),
    ("AdamW", {"weight_decay": 0.0}),
    ("NAdam", {}),
    ("RAdam", {"weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("ASGD", {}),
    ("RMSprop", {"momentum": 0.5}),
):
    optimizer = getattr(torch.optim, name)([w], **settings)
    before = w._version
    for _ in range(2):
        optimizer.zero_grad()
        (w * w).sum().backward()
        optimizer.step()
    print(name, w._version - before)
