import torch
for i in range(3):
    if i == 5: break
else:
    print("none")
n = 0
while n < 3:
    n += 1
    if n == 2: break
else:
    print("never")
a = {1, 2, 3}; b = {x*x for x in range(3)}
print(a, b, a & b, a | b, a - b, len(a), 2 in a, {*a, 5})
if (k := len(a)) > 2:
    print(k)
it = iter([1, 2, 0, 4])
while (v := next(it)):
    print(v)
def f(xs):
    for x in xs:
        if (y := x * 2) > 3:
            return y
    else:
        return None
print(f([1, 2]), f([1]))
def g(n):
    for i in range(n):
        yield i
    else:
        yield "end"
print(list(g(2)))
print(a == {3, 2, 1}, a <= {1, 2, 3, 4}, a.symmetric_difference({1}), a.pop(), {1}.isdisjoint({2}))
a |= {7}; a -= {2}
print(sorted(a), {"a", "b"} == set("ab"), type(a), isinstance(a, set))
import torch
from collections import namedtuple
from typing import NamedTuple
class P(namedtuple("P", "x y")):
    def norm(self):
        return (self.x**2 + self.y**2)**0.5
p = P(3, 4)
print(p, p.norm(), p[0], len(p), p == (3, 4))
a, b = p
print(a, b)
class Q(NamedTuple):
    """doc"""
    w: int
    h: int = 2
    def area(self):
        return self.w * self.h
q = Q(3)
print(q, q.area(), q._asdict(), Q._fields, isinstance(q, tuple), q._replace(w=5))
print(Q(w=1, h=5)[1], max(q), list(q), sum(q), tuple(q) + (1,))
