"""What the functions of torch.func and autograd.functional say to results that are whole numbers or flags."""
import torch


def told(work):
    try:
        print(work())
    except (RuntimeError, ValueError) as error:
        print(error)


x = torch.tensor([1.0, 2.0])
for f in (lambda t: t.any(), lambda t: t > 1, lambda t: t.argmax()):
    told(lambda: torch.func.jacrev(f)(x))
    told(lambda: torch.func.vjp(f, x)[0])
    told(lambda: torch.func.jvp(f, (x,), (x,)))
    told(lambda: torch.autograd.functional.jacobian(f, x))
    told(lambda: torch.autograd.functional.jvp(f, x, x))
told(lambda: torch.func.vmap(lambda t: t * 2)(x[0]))
told(lambda: torch.func.vmap(torch.sin, in_dims=1)(x))
