import torch

# Newton's method on x^4 - 3x^3 + 2: the second derivative by walking the first one.
x = torch.tensor(4.0, requires_grad=True)
for i in range(8):
    f = x ** 4 - 3 * x ** 3 + 2
    g, = torch.autograd.grad(f, x, create_graph=True)
    h, = torch.autograd.grad(g, x)
    with torch.no_grad():
        x -= g / h
    print(f"{i}: x = {x.item():.5f}, f = {f.item():.5f}")
