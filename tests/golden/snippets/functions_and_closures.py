import torch

count = 0
def bump(by=1):
    global count
    count += by
    return count

def counter():
    n = 0
    def step():
        nonlocal n
        n = n + 1
        return n
    return step

a, b = counter(), counter()
print(bump(), bump(5), count, a(), a(), b())
def show(first, *rest, sep="-", **named):
    return sep.join([str(first), *[str(r) for r in rest], *["%s=%s" % kv for kv in named.items()]])
print(show(1), show(1, 2, 3), show(*[1, 2], sep="+", z=4), show(**{"first": 0, "q": None}))
f = lambda x, y=2: x ** y
print(f(3), f(3, 3), (lambda *v: len(v))(1, 2), list(map(f, [1, 2, 3])), list(filter(lambda v: v > 1, [1, 2, 3])))
print(list(zip(*[(1, "a"), (2, "b")])), sorted(["bb", "a", "ccc"], key=len, reverse=True), max([3, -5], key=abs))
head, *middle, tail = range(5)
print(head, middle, tail, [*middle, 9], (*middle,))
def compose(*fs):
    def run(x):
        for g in fs:
            x = g(x)
        return x
    return run
x = torch.tensor([0.5, 1.0], requires_grad=True)
y = compose(torch.sin, lambda v: v * 2, torch.sum)(x)
y.backward()
print(y, x.grad)
x.register_hook(lambda g: print("gradient", g))
(x * x).sum().backward()
