import torch

w = torch.tensor([1.0, -2.0], requires_grad=True)
for t in range(5):
    loss = (w ** 2).sum()
    loss.backward()
    w.data -= 0.1 * w.grad.data
    w.grad.data.zero_()
print(w)
print(w.data)
print(w.data.requires_grad)
