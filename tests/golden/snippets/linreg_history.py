import torch
x = torch.tensor([1., 2., 3., 4.]).view(-1, 1)
y = 2 * x + 1
w = torch.zeros(1, 1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
losses = []
for epoch in range(100):
    y_hat = x.mm(w) + b
    loss = torch.mean((y_hat - y) ** 2)
    losses.append(loss.item())
    if w.grad is not None:
        w.grad.zero_()
        b.grad.zero_()
    loss.backward()
    w.data -= 0.05 * w.grad.data
    b.data -= 0.05 * b.grad.data
    if epoch % 25 == 0:
        print(f"epoch {epoch:3d}  loss {loss.item():.4f}")
print("w = %.3f, b = %.3f" % (w.item(), b.item()))
print(len(losses), losses[-1] < losses[0])
