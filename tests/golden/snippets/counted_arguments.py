from torch import nn


def several(a, b=1, *, k):
    return a


def named(a, *, k, m):
    return a


def usual(a=1):
    return a


def rest(a, **others):
    return a


def star(a, *others, c):
    return a


class Own:
    def method(self, x=1, *, k=2):
        return x


linear = nn.Linear(1, 1)
for wrong in (
    lambda: several(1),
    lambda: several(),
    lambda: several(1, 2, 3),
    lambda: several(1, 2, 3, k=1),
    lambda: named(1),
    lambda: named(1, 2, k=1, m=2),
    lambda: usual(1, 2),
    lambda: rest(1, 2, z=1),
    lambda: star(),
    lambda: star(1),
    lambda: Own().method(1, 2),
    lambda: Own().method(1, 2, k=3),
    lambda: linear.train(1, 2),
    lambda: linear.double(1),
    lambda: linear.zero_grad(1, 2),
    lambda: nn.ReLU()(1, 2),
):
    try:
        wrong()
    except TypeError as error:
        print(error)
