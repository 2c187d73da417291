import torch
import torch.nn as nn


class V:
    def __init__(self, x):
        self._x = x

    @property
    def x(self):
        """doc"""
        return self._x

    @x.setter
    def x(self, v):
        if v < 0:
            raise ValueError("neg")
        self._x = v


v = V(1)
v.x = 5
v.x += 2
print(v.x)
try:
    v.x = -1
except ValueError as e:
    print(e)


class Wrap(nn.Module):
    def __init__(self, m):
        super().__init__()
        self.m = m

    def __getattr__(self, name):
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(self.m, name)

    def forward(self, x):
        return self.m(x)


w = Wrap(nn.Linear(2, 3))
print(w.in_features, w.weight.shape, hasattr(w, "nope"), w)
try:
    w.nope
except AttributeError as e:
    print(e)


class C:
    def __setattr__(self, k, v):
        print("set", k)
        super().__setattr__(k, v)

    def __getattr__(self, k):
        return k.upper()


c = C()
c.a = 3
print(c.a, c.b, getattr(c, "d", 0))


class D:
    def __init__(self, **kw):
        self.__dict__.update(kw)

    def __getattr__(self, k):
        raise AttributeError(f"no {k}")


d = D(a=1)
print(d.a, hasattr(d, "z"), getattr(d, "z", "dflt"), vars(d))


class P:
    def __init__(s, x, y):
        s.x, s.y = x, y

    def __add__(s, o):
        return P(s.x + o.x, s.y + o.y)

    def __radd__(s, o):
        return s

    def __mul__(s, k):
        return P(s.x * k, s.y * k)

    __rmul__ = __mul__

    def __neg__(s):
        return s * -1

    def __sub__(s, o):
        return s + -o

    def __eq__(s, o):
        return (s.x, s.y) == (o.x, o.y)

    def __repr__(s):
        return f"P({s.x}, {s.y})"

    def __matmul__(s, o):
        return s.x * o.x + s.y * o.y

    def __abs__(s):
        return (s @ s) ** 0.5

    def __iter__(s):
        return iter((s.x, s.y))

    def __getitem__(s, i):
        return (s.x, s.y)[i]

    def __setitem__(s, i, v):
        if i == 0:
            s.x = v
        else:
            s.y = v

    def __delitem__(s, i):
        print("del", i)

    def __len__(s):
        return 2

    def __pow__(s, n):
        return P(s.x**n, s.y**n)

    def __truediv__(s, k):
        return P(s.x / k, s.y / k)

    def __floordiv__(s, k):
        return P(s.x // k, s.y // k)

    def __mod__(s, k):
        return P(s.x % k, s.y % k)

    def __lt__(s, o):
        return abs(s) < abs(o)

    def __le__(s, o):
        return abs(s) <= abs(o)

    def __int__(s):
        return int(s.x)

    def __index__(s):
        return 1

    def __iadd__(s, o):
        s.x += o.x
        return s

    def __call__(s, *a, **k):
        return a, k

    def __contains__(s, v):
        return v in (s.x, s.y)

    def __reversed__(s):
        return iter((s.y, s.x))

    def __format__(s, f):
        return f"P<{s.x:{f}}>"

    def __hash__(s):
        return hash((s.x, s.y))


a, b = P(1, 2), P(3, 4)
print(
    a + b,
    sum([a, b]),
    2 * a,
    a - b,
    a == P(1, 2),
    a != b,
    a @ b,
    abs(b),
    list(a),
    a[1],
    len(a),
    a**2,
    b / 2,
    b // 2,
    b % 2,
    a < b,
    a > b,
    a >= b,
    int(b),
    max(a, b),
    sorted([b, a]),
    a(1, k=2),
    3 in b,
)
a[0] = 9
del a[1]
a += b
x, y = a
print(a, x, y, list(reversed(a)), f"{a:.2f}")


class Mean:
    def __init__(s):
        s.t, s.n = 0.0, 0

    def __iadd__(s, v):
        s.t += float(v)
        s.n += 1
        return s

    def __sub__(s, v):
        return s.t - v

    def __radd__(s, v):
        return v + s.t


m = Mean()
k = m
m += torch.tensor(2.0)
m += 3
print(k.t, k.n, m - 1, 1 + m, k is m)
d = {"a": Mean()}
d["a"] += 4
print(d["a"].n)


class H:
    pass


h = H()
h.m = Mean()
h.m += torch.tensor(1.0)
print(h.m.n)
m -= 2
print(m)


class A:
    count = 0

    def __init__(self):
        A.count += 1
        type(self).last = self

    def __del__(self):
        pass

    def __enter__(self):
        return self

    def __exit__(self, a, b, c):
        return False

    @classmethod
    def make(cls, *a):
        return cls(*a)

    @staticmethod
    def add(x, y):
        return x + y

    @property
    def name(self):
        return self.__class__.__name__.lower()


class B(A):
    def __init__(self):
        super().__init__()
        self.z = super().add(1, 2)


b = B.make()
print(
    A.count,
    b.name,
    b.z,
    B.last is b,
    isinstance(b, A),
    
    A.add(2, 3),
    b.__dict__,
    vars(b),
    B.__name__,
    b.__class__ is B,
)


def f(a, b=2, *args, c, d=4, **kw):
    return a, b, args, c, d, kw


print(f(1, c=3), f(1, 2, 3, 4, c=5, e=6), f(*[1, 2], **{"c": 3}), f.__name__)
try:
    f(1)
except TypeError as e:
    print(e)
try:
    f()
except TypeError as e:
    print(e)
try:
    f(1, c=1, b=2, a=3)
except TypeError as e:
    print(e)


def g(x, y):
    return x + y


print(g(1, y=2))
h = lambda *a, **k: (a, k)
print(h(1, x=2))


def outer():
    n = 0

    def inc(by=1):
        nonlocal n
        n += by
        return n

    return inc


i = outer()
i()
print(
    i(5),
    (lambda x: x**2)(3),
    list(map(lambda p: p[0] + p[1], zip([1, 2], [3, 4]))),
    list(filter(None, [0, 1, 2])),
    sorted("banana", key=lambda c: -ord(c)),
    [*map(str, range(3))],
)

xs = [3, 1, 2]
xs.sort(key=lambda v: -v)
print(xs, xs.index(1), xs.copy(), xs.count(3))
xs.insert(1, 9)
xs.remove(3)
xs.reverse()
print(xs, xs.pop(), xs.pop(0))
xs.extend((4, 5))
xs[1:2] = [7, 8]
del xs[0]
print(xs, xs * 2, xs + [1], [0] * 3, xs[-2:], 7 in xs, min(xs), len(xs))
xs.clear()
print(xs, not xs)
d = {"a": 1}
d.update(b=2)
d.setdefault("c", []).append(3)
print(
    d,
    d.pop("a"),
    d.get("q"),
    list(d.values()),
    d | {"z": 1},
    {v if not isinstance(v, list) else 0: k for k, v in d.items()},
    dict(zip("ab", [1, 2])),
    dict(a=1),
    dict([("k", 2)]),
    d.popitem(),
    len(d),
    {**d},
    d.keys() == {"b"},
    dict.fromkeys("ab", 0),
)
t = (1, 2, 3)
a, *r = t
print(a, r, t[1:], t + (4,), t.index(2), (1,), tuple([1]), t < (1, 3))
print({1, 2} | {3}, {1, 2} & {2}, {1, 2} - {1}, {1} <= {1, 2}, set("aab") == {"a", "b"})
s = set()
s.add(1)
s.discard(5)
s.update([2])
print(s, len(s))
print(
    "a,b,c".split(","),
    "  x ".strip(),
    "x".join(["1", "2"]),
    "Hello".upper(),
    "abc".index("c"),
    "a-b".partition("-"),
    "abc"[::-1],
    "ab" * 2,
    "x=%d y=%s" % (1, "q"),
    "{a}-{b:>4}".format(a=1, b=2),
    "abc".isalpha(),
    "12".isdigit(),
    "a b".title(),
    "q".ljust(3) + "|",
    "5".zfill(3),
    "aXb".swapcase(),
    "line1\nline2".splitlines(),
    "abc".endswith("c"),
    "hello world".capitalize(),
    ord("a"),
    chr(98),
    "tab\there",
    r"raw\n",
    "a" < "b",
    "abc".replace("b", ""),
    "x".rjust(3, "."),
    "abcabc".rfind("b"),
    "a.b.c".rsplit(".", 1),
    "{:,}".format(1234567),
    f"{0.5:.0%}",
    f"{1234.5:10.2f}|",
    f"{'x':*^5}",
    f"{3:+d}",
    f"{255:#x} {5:b} {1e6:.3g}",
    f"{1.0}",
    f"{True}",
    f"{None}",
    f"{[1.0, 2]}",
)

for i, (a, b) in enumerate(zip(range(3), "abc"), start=1):
    print(i, a, b, end=" ")
print()
for k in reversed([1, 2]):
    print(k, end=",")
print()
print(*range(3), sep="-")
print("a", "b", sep="", end="!\n")
print(
    [(x, y) for x in range(2) for y in range(2) if x != y],
    {k: v for k, v in zip("ab", range(2))},
    {x % 2 for x in range(4)},
    sum(x for x in range(4)),
    [[0] * 2 for _ in range(2)],
    [i if i else "z" for i in range(2)],
)
n = 0
while True:
    n += 1
    if n == 2:
        continue
    if n > 3:
        break
else:
    print("no")
print(
    n,
    3 if n > 2 else 4,
    n == 4 and "yes" or "no",
    not n,
    1 < n < 5,
    n is not None,
    10 // 3,
    -10 // 3,
    10 % -3,
    2**-1,
    1e3,
    int("12"),
    float("1.5"),
    str(1.0),
    int(3.9),
    bool(""),
    round(2.5),
    round(-1.5),
    round(3.14159, 2),
    abs(-1.5),
    5 / 2,
    1 / 3,
    0.1 + 0.2,
    1e-5,
    1e16,
    123456789.123,
    float("inf"),
    -0.0,
    1e22,
    7.0,
    1_000_000,
    0b101,
    0o17,
)
assert n == 4, "msg"
import sys

print("x") if n else None
if (m := n * 2) > 5:
    print(m)
a = b = []
a.append(1)
print(b, a is b)
x, y = 1, 2
x, y = y, x
print(x, y)
(p, q), r = (1, 2), 3
print(p, q, r)
a, b = 3, 1
z = [1, 2, 3]
z[0], z[1] = z[1], z[0]
print(z, z[len(z) - 1], z[::2], z[1:][0], sum(z) / len(z))
i = 5
i -= 1
i *= 2
i //= 3
i **= 2
i %= 3
print(i)
print(
    type(1),
    type("a"),
    type(1.0),
    type([]),
    type({}),
    type(None),
    type(print),
    type(lambda: 0),
    type(True),
    type((1,)),
    type(range(2)),
    type(slice(1)),
    isinstance(1, (int, float)),
    isinstance(True, int),
)

a, b = {"x": 1, "y": 2}, {"y": 2, "x": 1}
print(
    a.keys() == b.keys(),
    a.keys() == {"x", "y"},
    {"x"} == a.keys(),
    a.items() == b.items(),
    a.keys() != b.keys(),
    a.values() == b.values(),
    a.keys() == ["x", "y"],
    set(a) == a.keys(),
)
