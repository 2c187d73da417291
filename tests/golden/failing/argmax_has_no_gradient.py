# expect: no-grad
import torch

x = torch.tensor([1.0, 3.0], requires_grad=True)
i = x.argmax()
i.backward()
