import torch
Wx = torch.tensor(0.5, requires_grad=True)
Wh = torch.tensor(0.8, requires_grad=True)
xs = torch.tensor([1., 0.5, -1., 2.])
h = torch.zeros(1)
hs = []
for x in xs:
    h = torch.tanh(Wx * x + Wh * h)
    h.retain_grad()
    hs.append(h)
loss = (h - 0.5).pow(2).sum()
loss.backward()
for t, s in enumerate(hs):
    print(t, s.grad)
print(Wx.grad, Wh.grad)
