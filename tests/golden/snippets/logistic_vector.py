import torch
X = torch.tensor([[0., 0.], [0., 1.], [1., 0.], [1., 1.]])
y = torch.tensor([0., 0., 0., 1.])
w = torch.zeros(2, requires_grad=True)
b = torch.zeros((), requires_grad=True)
for epoch in range(300):
    p = torch.sigmoid(X @ w + b)
    loss = -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean()
    loss.backward()
    with torch.no_grad():
        w -= w.grad
        b -= b.grad
    w.grad, b.grad = None, None
print((torch.sigmoid(X @ w + b) > 0.5).int())
print(f"{loss.item():.3f}", w.shape, b.shape, b.dim())
