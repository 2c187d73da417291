import functools
import torch
from torch import nn
from torch.func import functional_call, grad, vmap

try:
    try:
        raise KeyError("inner")
    except KeyError as e:
        raise RuntimeError("outer") from e
except RuntimeError as e:
    print(e, repr(e.__cause__), e.args, type(e).__name__)
try:
    raise ValueError("alone") from None
except ValueError as e:
    print(e, e.__cause__)
try:
    print(undefined)
except NameError as e:
    print(e)


def counted(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        wrapper.calls += 1
        return function(*args, **kwargs)

    wrapper.calls = 0
    return wrapper


@counted
def square(x):
    return x * x


print([square(each) for each in range(4)], square.calls, square.__name__, hasattr(square, "calls"), hasattr(square, "nope"))
setattr(square, "note", "kept")
print(square.note)
del square.note
print(hasattr(square, "note"))


class Net(nn.Module):
    """Takes its weights from a dict, its own where none is given."""

    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.tensor([[1.0, 2.0]]))
        self.b = nn.Parameter(torch.zeros(1))
        self.register_buffer("scale", torch.tensor(2.0))

    def forward(self, x, params=None):
        params = dict(self.named_parameters()) if params is None else params
        return self.scale * (x @ params["w"].T + params["b"]) + sum(p.sum() for p in self.parameters())


net = Net()
x = torch.tensor([[1.0, -1.0], [0.5, 2.0]])
other = {"w": torch.tensor([[3.0, 4.0]]), "b": torch.ones(1)}
print(functional_call(net, other, (x,)))
print(net(x), [name for name, _ in net.named_parameters()])
print(grad(lambda p: functional_call(net, p, (x,)).sum())(other))
print(vmap(lambda p, row: functional_call(net, p, (row,)), in_dims=(None, 0))(other, x))
print(isinstance(other["w"], nn.Parameter), isinstance(net.w, nn.Parameter), type(net.w), type(net.w).__name__, type(x), sum(p.numel() for p in net.parameters()))
