"""Hooks of what is turned in place stay with what it was, and later ones join them."""

import torch


def case(shape, op, two, view, late):
    a = torch.full(shape, 2.0, requires_grad=True)
    b = a * 1
    if view:
        b = b.view(shape)
    b.register_hook(lambda g: print(" first", g.shape) or g * 3)
    if late:
        c = b * 2
    op(b)
    if two:
        b.register_hook(lambda g: print(" second", g.shape) or g * 5)
    if not late:
        c = b * 2
    c.sum().backward()
    print(shape, two, view, late, a.grad)


def turned_and_written(b):
    b.transpose_(0, -1)
    b.mul_(3)


def written_and_turned(b):
    b.mul_(3)
    b.transpose_(0, -1)


def twice(b):
    b.unsqueeze_(0)
    b.squeeze_()


for op in (lambda b: b.transpose_(0, -1), lambda b: b.squeeze_(), turned_and_written, written_and_turned, twice):
    for shape in ((), (2, 1)):
        for two in (False, True):
            for view in (False, True):
                for late in (False, True):
                    case(shape, op, two, view, late)
