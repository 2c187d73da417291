import torch
from collections import namedtuple, deque, defaultdict, Counter, OrderedDict
import string, random, copy
P = namedtuple('P', 'x y')
p = P(1, y=2)
print(p, p.x, p[1], len(p), p == (1, 2), P._fields, p._replace(x=5), p._asdict())
a, b = p
print(a + b, [v for v in p], P(*[3, 4]), P._make([5, 6]))
d = deque([1, 2, 3], maxlen=3)
d.append(4); d.appendleft(0)
print(d, len(d), d[0], d[-1], list(d), 2 in d, sum(d) / len(d), d.popleft(), d.pop(), d)
dd = defaultdict(list)
dd['a'].append(1)
dd['b'] += [2]
print(dd, dict(dd), 'c' in dd, len(dd), dd.keys())
cc = defaultdict(int)
for ch in 'hello':
    cc[ch] += 1
print(dict(cc), sorted(cc.items()))
print(Counter('abracadabra').most_common(2), Counter([1, 1, 2]), Counter('a')['z'])
nested = defaultdict(lambda: defaultdict(float))
nested['a']['b'] += 1.5
print(nested['a']['b'], copy.deepcopy(dd))
print(string.ascii_lowercase, string.digits)
Q = namedtuple('Q', ['a', 'b'], defaults=[3])
print(Q(1), isinstance(p, P))
try:
    P(1)
except TypeError as e:
    print('TypeError')
print(bool(deque()), bool(d), [x for x in d])
