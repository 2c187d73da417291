import torch
x = torch.tensor(1., requires_grad=True)
avg = torch.zeros(1)
ema = 0
for i in range(5):
    loss = (x * i) ** 2
    with torch.no_grad():
        avg += loss
        ema = 0.9 * ema + 0.1 * loss
    loss.backward()
print(avg, ema, x.grad)
losses = torch.tensor([1., 2., 3.])
print(losses.mean().item())
