import torch

w = torch.tensor([1.0], requires_grad=True)
data = [1.0, 2.0, 3.0, 4.0]
accumulate = 2
for i, x in enumerate(data):
    loss = (w * x - 2 * x) ** 2 / accumulate
    loss.backward()
    print(i, w.grad)
    if (i + 1) % accumulate == 0:
        with torch.no_grad():
            w -= 0.01 * w.grad
        w.grad.zero_()
print(w)
