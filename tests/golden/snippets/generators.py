import torch
import random

def data_iter(batch_size, features, labels):
    num_examples = len(features)
    indices = list(range(num_examples))
    random.shuffle(indices)
    for i in range(0, num_examples, batch_size):
        batch_indices = torch.tensor(indices[i: min(i + batch_size, num_examples)])
        yield features[batch_indices], labels[batch_indices]

random.seed(1)
torch.manual_seed(0)
X = torch.normal(0, 1, (10, 2))
w = torch.tensor([2.0, -3.4])
y = X @ w + 4.2
for Xb, yb in data_iter(4, X, y):
    print(Xb.shape, yb)

def fib():
    a, b = 0, 1
    while True:
        yield a
        a, b = b, a + b

f = fib()
print([next(f) for _ in range(8)])
for n in fib():
    if n > 20:
        break
    print(n, end=" ")
print()

def count_down(n):
    "docstring"
    while n > 0:
        print("before", n)
        yield n
        print("after", n)
        n -= 1
        if n == 1:
            print("early")
            return

print(list(count_down(3)))
g = count_down(2)
print(next(g), next(g, "end"), next(g, "gone"))
try:
    next(g)
except StopIteration as e:
    print("stopped", e)

def flatten(xs):
    for x in xs:
        if isinstance(x, list):
            yield from flatten(x)
        else:
            yield x
print(list(flatten([1, [2, [3, 4]], 5])))

def pairs(xs):
    yield from zip(xs, xs[1:])
    yield None
for p in pairs([1, 2, 3]):
    print(p)

class Loader:
    def __init__(self, data, n):
        self.data, self.n = data, n
    def __iter__(self):
        for i in range(0, len(self.data), self.n):
            yield self.data[i:i + self.n]
    def __len__(self):
        return (len(self.data) + self.n - 1) // self.n
loader = Loader(torch.arange(5.0), 2)
for epoch in range(2):
    for k, b in enumerate(loader):
        print(epoch, k, b.tolist())
print(len(loader), sum(t.sum() for t in loader))
def chunks(t, n):
    total = 0
    for i in range(n):
        if i % 2 == 0:
            continue
        total += i
        yield t * i
    yield total
wgt = torch.tensor(2.0, requires_grad=True)
parts = list(chunks(wgt, 6))
print(parts)
sum(parts).backward()
print(wgt.grad)
def infinite(loader):
    while True:
        for batch in loader:
            yield batch
it = iter(infinite(loader))
print([next(it).sum().item() for _ in range(5)])
def squares(n):
    for i in range(n): yield i * i
print(max(squares(5)), sorted(squares(4), reverse=True), dict(zip("abc", squares(3))), 9 in squares(5), tuple(squares(2)))
print(type(squares(2)).__name__, torch.tensor(list(squares(4))))
print(" ".join(str(s) for s in squares(4)))
a, b, *c = squares(5)
print(a, b, c)
def outer():
    k = 10
    def inner(n):
        nonlocal k
        for i in range(n):
            k += 1
            yield k
    return list(inner(2)), k
print(outer())
