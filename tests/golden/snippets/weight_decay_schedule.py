import torch
w = torch.tensor([2.0, -2.0], requires_grad=True)
lr, wd = 0.1, 0.01
for step in range(1, 6):
    loss = (w ** 2).sum() / 2
    loss.backward()
    with torch.no_grad():
        d_p = w.grad + wd * w
        w.add_(d_p, alpha=-lr)
    w.grad = None
    if step % 2 == 0:
        lr *= 0.5
    print("step {:2d} | lr {:.4f} | loss {:7.4f} | w {}".format(step, lr, loss.item(), w.tolist() == w.tolist()))
