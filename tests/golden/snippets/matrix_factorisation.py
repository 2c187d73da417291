import torch

R = torch.tensor([[5.0, 3.0, 1.0], [4.0, 2.0, 1.0], [1.0, 1.0, 5.0]])
U = torch.tensor([[0.5, 0.1], [0.2, 0.4], [0.3, 0.9]], requires_grad=True)
V = torch.tensor([[0.7, 0.3], [0.1, 0.6], [0.2, 0.8]], requires_grad=True)
for step in range(300):
    error = R - U @ V.t()
    loss = (error ** 2).sum() + 0.01 * ((U ** 2).sum() + (V ** 2).sum())
    loss.backward()
    with torch.no_grad():
        U -= 0.02 * U.grad
        V -= 0.02 * V.grad
        U.grad.zero_()
        V.grad.zero_()
    if step % 100 == 0:
        print(f"{step:3d} {loss.item():8.3f}")
print(torch.round(U @ V.T).detach())
