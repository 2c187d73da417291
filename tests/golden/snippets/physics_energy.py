import torch
pos = torch.tensor([[0., 0.], [1., 0.], [0., 2.]], requires_grad=True)
energy = 0.
for i in range(3):
    for j in range(i + 1, 3):
        d = (pos[i] - pos[j]).norm()
        energy = energy + 0.5 * (d - 1) ** 2
force = -torch.autograd.grad(energy, pos)[0]
print(energy)
print(force)
print(force.sum(dim=0).abs().max() < 1e-6)
