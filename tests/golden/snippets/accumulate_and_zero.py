import torch

weights = torch.ones(4, requires_grad=True)
for epoch in range(3):
    model_output = (weights * 3).sum()
    model_output.backward()
    print(weights.grad)

weights.grad.zero_()
for epoch in range(2):
    (weights * 3).sum().backward()
    print(weights.grad)
    weights.grad.zero_()
print(weights.grad)
