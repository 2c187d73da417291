# Only the state after the last write is asked for: what made it is not walked, whatever it saved.
import torch

a = torch.tensor([2.0, 3.0, 3.0], requires_grad=True)
d = torch.tensor([1.0], requires_grad=True)
for f in (
    lambda b: torch.hypot(a, b),
    lambda b: torch.copysign(a, b),
    lambda b: torch.atan2(a, b),
    lambda b: a / b,
    lambda b: torch.sigmoid(b),
    lambda b: a * b,
):
    for w in (0, 1, 2):
        b = a - 1
        if w == 2:
            b.index_put_((torch.tensor([0]),), a[0])
        c = f(b)
        if w:
            with torch.no_grad():
                c.sign_()
        b.add_(1)
        try:
            print(torch.autograd.grad((c * c).sum(), [d, c], allow_unused=True))
        except RuntimeError as e:
            print(str(e)[:60])
