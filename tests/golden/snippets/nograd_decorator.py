import torch

@torch.no_grad()
def predict(x):
    return 3 * x

@torch.no_grad
def predict2(x):
    """Docstring."""
    return 4 * x

@torch.enable_grad()
def tracked(x):
    return x * x

x = torch.tensor([1.], requires_grad=True)
print(predict(x).requires_grad, predict2(x))
with torch.no_grad():
    y = tracked(x)
    print(y.requires_grad, y)
print(torch.is_grad_enabled())
