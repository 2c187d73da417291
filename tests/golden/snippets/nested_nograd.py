import torch
x = torch.tensor([1.], requires_grad=True)
with torch.no_grad():
    a = x * 2
    with torch.enable_grad():
        b = x * 2
        with torch.no_grad():
            c = x * 2
        d = x * 2
    e = x * 2
print(a.requires_grad, b.requires_grad, c.requires_grad, d.requires_grad, e.requires_grad)
for flag in [True, False]:
    with torch.set_grad_enabled(flag):
        print((x * 2).requires_grad)
