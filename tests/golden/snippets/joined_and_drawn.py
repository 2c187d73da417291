# What is raised to more dims before it is joined counts as such for the dtype; what is refused draws nothing.
import torch

numbers = (
    torch.ones(()),
    torch.ones((), dtype=torch.float64),
    torch.tensor(2),
    torch.ones(1, dtype=torch.float64),
)
for join in (
    torch.vstack,
    torch.hstack,
    torch.dstack,
    torch.column_stack,
    torch.row_stack,
    torch.stack,
):
    for one in numbers:
        for other in (*numbers, torch.ones(1, 1), torch.tensor([True])):
            try:
                print(join.__name__, join([one, other]).dtype, join([other, one]).shape)
            except RuntimeError as error:
                print(join.__name__, type(error).__name__)
x = torch.ones(2, 3, requires_grad=True)
y = x * 1
draws = (
    lambda: x.normal_(),
    lambda: x.uniform_(),
    lambda: x[0].bernoulli_(),
    lambda: y.unbind()[0].exponential_(),
    lambda: y.expand(2, 2, 3).normal_(),
    lambda: x.random_(),
    lambda: y[0].normal_(),
)
for draw in draws:
    try:
        draw()
    except RuntimeError as error:
        print(str(error).partition(".")[0])
    print(torch.rand(2))
try:
    torch.ones(()).permute()
except TypeError as error:
    print(error)


class Doubled(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.mark_dirty(x)
        x.mul_(2)
        return x

    @staticmethod
    def backward(ctx, g):
        return g * 2


# What a function of one's own writes to is refused what an in-place operation is.
for v in (
    x,
    x[0],
    x.view(-1),
    x.T,
    x.unbind()[0],
    (x * 1)[0],
    (x * 1).unbind()[0],
    x.detach(),
):
    try:
        print(Doubled.apply(v).grad_fn is None)
    except RuntimeError as error:
        print(error)
