"""What is a view of a result that nobody else has is told so once it was written to."""

import torch
import torch.nn.functional as F

x = torch.tensor([[-1.0, 1.5, -0.5], [1.0, 3.0, 2.0]], requires_grad=True)
for f in (
    lambda t: F.max_pool1d(t, 2),
    lambda t: F.avg_pool1d(t, 2),
    lambda t: F.max_pool1d(t[None], 2),
    lambda t: F.adaptive_avg_pool1d(t, 2),
    lambda t: F.conv1d(t, torch.ones(1, 2, 2)),
    lambda t: F.max_pool2d(t[None], 2),
    lambda t: F.adaptive_max_pool1d(t, 2),
    lambda t: F.pad(t, (1, 1), mode="reflect"),
    lambda t: F.lp_pool1d(t, 2, 2) if hasattr(F, "lp") else t * 1,
    lambda t: t.sum_to_size(1, 3),
    lambda t: t.sum_to_size(()),
    lambda t: t.sum().sum_to_size(()),
    lambda t: F.interpolate(t[None], 6),
):
    y = f(x)
    print(y.grad_fn.name())
    with torch.no_grad():
        y.fmod_(3.0)
    print(y.grad_fn.name(), y.requires_grad)
    x.grad = None
    try:
        y.sum().backward()
        print(x.grad)
    except RuntimeError as e:
        print(str(e)[:50])
    y = f(x)
    y.mul_(2)
    print(y.grad_fn.name(), y.grad_fn.next_functions[0][0].name())
    x.grad = None
    try:
        y.sum().backward()
        print(x.grad)
    except RuntimeError as e:
        print(str(e)[:50])
print(torch.tensor([-1.0, 2.0, 3.0, 0.5, 0.0], dtype=torch.float16).sinc())
print(
    torch.autograd.functional.jacobian(
        lambda t: t.relu(), x, create_graph=True
    ).requires_grad
)
a = torch.tensor([0.0, 1.5, -2.0], requires_grad=True)
print(torch.func.jvp(lambda t: (t, t * 2), (a,), (torch.ones_like(a),))[0])
print(F.normalize(a, p="fro", dim=0))
