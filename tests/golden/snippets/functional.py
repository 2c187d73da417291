import torch
import torch.nn.functional as F

x = torch.tensor([[1.0, -2.0, 0.5], [0.0, 3.0, -1.0]], requires_grad=True)
print(F.relu(x))
print(F.softmax(x, dim=1))
print(F.sigmoid(x))
h = F.leaky_relu(x, 0.1)
loss = F.mse_loss(h, torch.zeros(2, 3))
loss.backward()
print(loss)
print(x.grad)
