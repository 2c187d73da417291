import torch
for i in range(6):
    b = torch.tensor([1.0, 2.0], requires_grad=True)
    y = b * 3; c = y[0]; c.retain_grad()
    with torch.no_grad(): y.data.mul_(2)
    (c * 5).backward()
    print(c.grad, b.grad)
