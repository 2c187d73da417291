import torch
from torch import nn


def wrapped(function):
    def inner(*given):
        return function(*given)

    return inner


class Twice(nn.ReLU):
    def forward(self, x):
        return super().forward(x, x)


class Half(nn.MSELoss):
    def forward(self, x):
        return super().forward(x)


class None_(nn.Linear):
    def forward(self, x):
        return super().forward()


class Base:
    def own(self, x):
        return x

    @staticmethod
    def static(x):
        return x

    @classmethod
    def of_class(cls, x):
        return x

    @wrapped
    def inside(self, x):
        return x

    def step(self):
        return 1


class Below(Base):
    def own(self, x):
        return super().own()


def step(model, x):
    return x


x, below = torch.ones(1), Below()
for wrong in (
    lambda: Twice()(x),
    lambda: Half()(x),
    lambda: None_(1, 1)(x),
    lambda: nn.Linear.forward(nn.Linear(1, 1)),
    lambda: step(below),
    lambda: step(below, 1, 2),
    lambda: below.own(1),
    lambda: below.own(1, 2),
    lambda: below.static(),
    lambda: below.of_class(),
    lambda: below.inside(),
    lambda: Base.own(),
):
    try:
        wrong()
    except TypeError as error:
        print(error)
