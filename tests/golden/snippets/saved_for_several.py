# What serves the gradients of several operands is saved also where none of them gets anywhere.
import torch

b = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
for f in (
    lambda v: torch.addcdiv(v, v, v),
    lambda v: torch.addcdiv(v.detach(), v, v.detach()),
    lambda v: torch.addcdiv(v.detach(), v.detach(), v),
    lambda v: torch.addcmul(v, v, v),
    lambda v: torch.lerp(v, v, v),
    lambda v: torch.lerp(v, v, 0.5),
    lambda v: torch.hypot(v, v),
    lambda v: v * v,
    lambda v: v / v,
):
    e = b * 2
    with torch.no_grad():
        view = e[1:][0]
    y = f(view)
    e[:, 1] += 1
    try:
        y.sum().backward()
        print("fine")
    except RuntimeError as error:
        print(error)
