"""What is counted is added up, copies are of the same kind, iterators go on behind a slice, functions remember."""
import copy
import functools
import itertools
from collections import Counter, OrderedDict, defaultdict, deque

c = Counter("abca", d=2)
c.update("ab")
c.update({"a": 5})
print(c, c.copy(), copy.copy(c))
d = defaultdict(list, {"a": [1]})
for same in (copy.copy(d), d.copy(), copy.deepcopy(d)):
    print(same, same["n"])
print(OrderedDict(a=1).copy(), deque([1, 2]) == deque([1, 2]), deque([1]) in [deque([1])], deque([1]) == [1])
it = iter([1, 2, 3, 4])
print(list(itertools.islice(it, 2)), list(it))


@functools.lru_cache(maxsize=None)
def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


@functools.cache
def once(n, m=1):
    print("computed")
    return n * m


print(fibonacci(60), once(2), once(2), once(2, m=3), once(2, m=3))
try:
    deque([1], maxlen=-1)
except ValueError as error:
    print(error)
