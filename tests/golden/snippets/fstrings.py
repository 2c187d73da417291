import torch

loss = torch.tensor(0.123456)
epoch = 7
print(f"epoch {epoch:03d} loss {loss.item():.4f} {loss.item():10.2e}|")
print(f"{epoch!r} {'name':>8}|{'left':<6}|{'mid':^7}|")
print(f"{loss:.3f} {loss}")
print(f"{1234567.891:,.2f} {0.256:.1%} {255:x} {5:b}")
print(f"{torch.tensor([1.0, 2.0])}")
x = torch.tensor(2.0, requires_grad=True)
print(f"x = {x}, grad = {x.grad}, {x.item() ** 2}")
width = 9
print(f"{3.14159:{width}.2f}|{{}}")
