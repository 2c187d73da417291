import torch
W = torch.tensor([[1., 2.], [3., 4.]], requires_grad=True)
x = torch.tensor([[1.], [1.]])
y = W @ x
y.backward(torch.tensor([[1.], [0.5]]))
print(W.grad)
y2 = (W @ x).squeeze()
J = torch.stack([torch.autograd.grad(y2[0], W, retain_graph=True)[0], torch.autograd.grad(y2[1], W)[0]])
print(J, J.shape)
