import torch
theta = torch.tensor(1.0, requires_grad=True)
inner = (theta - 3) ** 2
g = torch.autograd.grad(inner, theta, create_graph=True)[0]
fast = theta - 0.1 * g
outer = (fast - 2) ** 2
outer.backward()
print(theta.grad, g.item(), fast.item())
