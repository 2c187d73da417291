import torch

A = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
x = torch.tensor([1.0, -1.0], requires_grad=True)
q = x @ A @ x
q.backward()
print(q)
print(A.grad)
print(x.grad)
print((A + A.T).detach() @ x.detach())
B = torch.einsum("ij,jk->ik", A, A)
print(B)
