# inference_mode takes a mode, what is assigned at a key loses leading dims of one element, views are asked in
# the order in which they stand.
import torch

x = torch.ones(2, requires_grad=True)
with torch.no_grad():
    with torch.inference_mode(False):
        print(x * 2, torch.is_grad_enabled())
    with torch.inference_mode(mode=True):
        print(x * 2, torch.is_grad_enabled())


@torch.inference_mode(False)
def tripled():
    return x * 3


print(tripled())


def tried(run):
    try:
        print(run())
    except RuntimeError as error:
        print(error)


def flagged():
    whole = torch.arange(3)
    whole.requires_grad = True


tried(lambda: torch.arange(3).requires_grad_())
tried(flagged)

at = torch.tensor([0, 1])
w = torch.tensor([[[1.0, 2.0, 3.0]]], requires_grad=True)
y = torch.ones(2, 3)
y[y > 0] = torch.ones(1, 6) * 3
y[torch.tensor([1])] = w
print(y)
(y * y).sum().backward()
print(w.grad)
for value in (torch.ones(1, 3, 2), torch.ones(1, 1, 3, 2), torch.ones(1, 0)):
    try:
        y.detach()[at] = value
    except RuntimeError as error:
        print(error)
tried(lambda: torch.ones(2, 3).index_put_((at,), torch.ones(1, 1, 3)))
tried(
    lambda: torch.ones(2, 3).index_put_((torch.ones(2, 3) > 0,), torch.ones(1, 1) * 2)
)
tried(lambda: torch.ones(2, 3).index_put((torch.ones(2, 3) > 0,), torch.ones(1, 1) * 2))

whole = x.unsqueeze(0) * 1
with torch.no_grad():
    unseen = whole.flatten()
part = unseen[-1]
whole.mul_(2)
tried(lambda: part - unseen)
tried(lambda: unseen - part)
