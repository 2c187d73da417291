import torch

w = torch.tensor([1.0, -1.5], requires_grad=True)
m = torch.zeros(2)
s = torch.zeros(2)
beta1, beta2, eps, lr = 0.9, 0.999, 1e-8, 0.1
for t in range(1, 31):
    loss = ((w - torch.tensor([0.3, 0.7])) ** 2).sum()
    loss.backward()
    with torch.no_grad():
        g = w.grad
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g * g
        m_hat = m / (1 - beta1 ** t)
        s_hat = s / (1 - beta2 ** t)
        w -= lr * m_hat / (s_hat.sqrt() + eps)
        w.grad.zero_()
    if t % 10 == 0:
        print(f"{t:2d} {loss.item():.4f}")
print(w)
