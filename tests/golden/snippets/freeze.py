import torch

w1 = torch.tensor([1.0, 2.0], requires_grad=True)
w2 = torch.tensor([3.0, 4.0], requires_grad=True)
w1.requires_grad = False
loss = (w1 * w2).sum()
loss.backward()
print(w1.grad, w2.grad)
w1.requires_grad = True
loss = (w1 * w2).sum()
loss.backward()
print(w1.grad, w2.grad)
