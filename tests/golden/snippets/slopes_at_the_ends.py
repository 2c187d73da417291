# Inverse functions at the ends of where they are: the second derivative is infinite as well. And a gradient
# that only chooses signs, which has a history of its own, but its gradient has none.
import torch
import torch.nn.functional as F

for f in (torch.asin, torch.acos, torch.atanh, torch.acosh):
    for value in (1.0, -1.0, 0.25, 2.0):
        x = torch.tensor([value], requires_grad=True, dtype=torch.float64)
        w = torch.tensor([3.0], requires_grad=True, dtype=torch.float64)
        (g,) = torch.autograd.grad((f(x) * w).sum(), x, create_graph=True)
        print(g, torch.autograd.grad(g.sum(), [x, w], create_graph=True))
        print(
            torch.autograd.functional.hessian(
                lambda x: f(x).sum(), torch.tensor([value])
            )
        )

x = torch.tensor([-1.0, 2.0, 0.5], requires_grad=True)
t = torch.tensor([0.0, 1.0, 0.5])
w = torch.tensor([0.0, 1.0, 0.5], requires_grad=True)
for loss in (
    lambda x: F.l1_loss(x, t),
    lambda x: F.l1_loss(w, x),
    lambda x: F.l1_loss(x, t, reduction="none"),
):
    y = x * 1
    (g,) = torch.autograd.grad(loss(y).sum(), y, create_graph=True)
    print(
        g, torch.autograd.grad((g * g).sum(), x, create_graph=True, allow_unused=True)
    )

y = torch.asin(x)
y.zero_()
(y * y).sum().backward(create_graph=True)
print(x.grad.detach().nan_to_num())
