import torch
grads = []
def save(g):
    grads.append(g)
x = torch.tensor(3.0, requires_grad=True)
y = x * x
z = y * y
y.register_hook(save)
z.register_hook(save)
z.backward()
print(grads)
