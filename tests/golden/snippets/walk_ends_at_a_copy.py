import torch

# A walk that ends at what was written to asks nothing of what a copy was made of, also if that was itself.


def over(a):
    a[:] = a


def over_a_product(a):
    a[:] = a * 1


def over_a_row(a):
    a[0] = a[0]


def over_a_view(a):
    a.view(-1)[:] = a.view(-1)


def multiplied(a):
    a.view(-1).mul_(a.view(-1))


for first in (lambda a: a.fmod_(a), lambda a: a.exp_(), lambda a: a.mul_(a)):
    for again in (over, over_a_product, over_a_row, over_a_view, multiplied):
        for ends in (True, False):
            x = torch.tensor([[2.0, -0.5], [-2.0, 4.0]], requires_grad=True)
            a = x[[0, 1]]
            try:
                first(a)
                again(a)
                a.sum().backward(retain_graph=True, inputs=[a] if ends else None)
                print(a.grad, x.grad)
            except RuntimeError as error:
                print(str(error)[:80])
