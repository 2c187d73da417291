import torch
w = torch.tensor([5.0, -3.0], requires_grad=True)
v = torch.zeros(2)
s = torch.zeros_like(w)
for t in range(1, 21):
    loss = (w ** 2).sum()
    loss.backward()
    with torch.no_grad():
        v = 0.9 * v + w.grad
        s.mul_(0.99).addcmul_(w.grad, w.grad, value=0.01)
        w -= 0.01 * v / (s.sqrt() + 1e-8)
    w.grad.zero_()
print(w)
print(v, s)
