import torch

def row(name, t):
    print(f"{name:<12}|{t.is_leaf!s:>6} |{t.requires_grad!s:>6}")

x = torch.tensor([1.0], requires_grad=True)
y = torch.tensor([2.0])
row("x", x)
row("y", y)
row("x + y", x + y)
row("y + y", y + y)
row("x.detach()", x.detach())
row("x.data", x.data)
row("x.view(1, 1)", x.view(1, 1))
