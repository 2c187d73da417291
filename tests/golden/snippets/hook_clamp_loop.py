import torch
w = torch.tensor([10., -10.], requires_grad=True)
def clip(g):
    return g.clamp(-1, 1)
w.register_hook(clip)
for i in range(5):
    loss = (w ** 2).sum()
    loss.backward()
    with torch.no_grad():
        w -= w.grad
    w.grad.zero_()
    print(w)
