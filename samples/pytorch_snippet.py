# A PyTorch snippet as it stands in a tutorial: gradients accumulate until somebody clears them.
import torch

x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = (x**2).sum()
print(y)

y.backward()
print(x.grad)

z = x.mean()
z.backward()
print(x.grad)
