import torch
x = torch.tensor([[0.5, -1.0]], requires_grad=True)
w = torch.tensor([[1.0], [2.0]], requires_grad=True)
out = torch.tanh(x @ w)
gx = torch.autograd.grad(outputs=out, inputs=x, grad_outputs=torch.ones_like(out), create_graph=True, retain_graph=True, only_inputs=True)[0]
penalty = ((gx.norm(2, dim=1) - 1) ** 2).mean()
loss = out.mean() + 10 * penalty
loss.backward()
print(w.grad)
print(penalty.item() > 0)
