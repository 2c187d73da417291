import functools
import itertools
import os
import sys
import warnings
from functools import lru_cache, partial, reduce, wraps
from itertools import accumulate, chain, combinations, count, islice, permutations, product, zip_longest
from typing import Literal

import torch
from torch.nn.utils.rnn import pad_sequence

warnings.filterwarnings("ignore")


def logged(f):
    @wraps(f)
    def inner(*args, **kwargs):
        print("calling")
        return f(*args, **kwargs)

    return inner


@logged
@lru_cache(maxsize=None)
def square(x):
    return x * x


print(square(3), partial(pow, 2)(5), reduce(lambda a, b: a * b, [1, 2, 3, 4]), functools.reduce(max, [3, 1], 2))
print(list(product([1, 2], "ab")), list(product([0, 1], repeat=2)), list(chain([1], [2, 3])))
print(list(combinations([1, 2, 3], 2)), len(list(permutations([1, 2, 3]))), list(zip_longest([1, 2], [3])))
print(list(accumulate([1, 2, 3])), list(islice([1, 2, 3, 4], 1, 3)), list(itertools.islice(count(5), 2)))
for i in count():
    if i > 2:
        break
print(i)
print(pad_sequence([torch.ones(2, 2), torch.zeros(1, 2)], batch_first=True, padding_value=-1.0))
print(pad_sequence([torch.arange(3), torch.arange(1)]))


class A(object):
    pass


print(type(A()).__name__)
