import torch
ws = [torch.tensor(1., requires_grad=True), torch.tensor(2., requires_grad=True)]
bs = [torch.tensor(0.5, requires_grad=True), torch.tensor(-1., requires_grad=True)]
h = torch.tensor(1.)
for w, b in zip(ws, bs):
    h = h * w + b
h.backward()
for i, (w, b) in enumerate(zip(ws, bs)):
    print(i, w.grad, b.grad)
for i, p in enumerate(ws, start=1):
    print(i, p.grad.item())
for row in torch.tensor([[1, 2], [3, 4]]):
    print(row)
for v in torch.tensor([1., 2.]):
    print(v.item())
print(list(zip([1, 2], "ab")), list(enumerate("ab")))
