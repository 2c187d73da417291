import torch
from collections import OrderedDict


def twice(f):
    def inner(*args):
        return f(*args) * 2

    return inner


def scaled(by):
    def decorate(f):
        return lambda x: f(x) * by

    return decorate


@twice
@scaled(3)
def f(x):
    return x + 1


class A:
    @twice
    def g(self, x):
        return x


x = torch.tensor(2.0, requires_grad=True)
print(f(x), A().g(5))
err = 1
try:
    torch.ones(2) @ torch.ones(3)
except RuntimeError as err:
    print("caught")
try:
    print(err)
except NameError:
    print("err is gone")
print(OrderedDict(a=1, b=2).keys(), OrderedDict(a=1).values(), {"a": 1}.items())


@torch.compile
def c(x):
    return x + 1


print(c(torch.ones(2)))
import functools
import math


def timed(function):
    @functools.wraps(function)
    def inner(*arguments):
        return function(*arguments)
    return inner


@timed
def twice(x):
    return 2 * x


print(twice(3), twice.__name__, math.comb(5, 2), math.perm(4, 2))
