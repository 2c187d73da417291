# An update outside recording is no step of what it updates: that is freed by a walk that is recorded, too.
import torch

a = torch.tensor([3.0, 2.0], requires_grad=True)
for update in (lambda b: b.mul_(1), lambda b: b[0].add_(1), lambda b: None):
    b = a.pow(3)
    c = b.softmax(0)
    with torch.no_grad():
        update(b)
    torch.autograd.grad(b.sum(), a, retain_graph=False, create_graph=True)
    try:
        torch.autograd.grad((c * c).sum(), a)
    except RuntimeError as error:
        print(str(error)[:54])
