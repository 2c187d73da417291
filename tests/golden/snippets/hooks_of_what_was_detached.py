import torch


def hook1(g):
    print("hook", g)


for way in range(4):
    b = torch.tensor([1.5], requires_grad=True)
    b.register_hook(hook1)
    if way == 0:
        b.detach_()
    if way == 1:
        with torch.no_grad():
            b.detach_()
    if way == 2:
        b.requires_grad_(False)
    if way == 3:
        c = b * 1
        c.register_hook(hook1)
        b = c.detach_()
    b.requires_grad_()
    (b * 2).sum().backward()
    print(way, b.grad)
b = torch.tensor([1.5], requires_grad=True)
b.retain_grad()
h = b.register_post_accumulate_grad_hook(lambda p: print("post", p.grad))
b.detach_().requires_grad_()
(b * 2).sum().backward()
c = b * 3
c.retain_grad()
c.detach_().requires_grad_()
(c * 2).sum().backward()
print(c.grad, b.grad)
