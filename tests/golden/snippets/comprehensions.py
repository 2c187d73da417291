import torch

squares = [i * i for i in range(6) if i % 2 == 0]
pairs = [(a, b) for a in range(3) for b in "xy" if a != 1]
x = [10]
print(squares, pairs, [x for x in x], x)
print(sum(v for v in squares), max((abs(v) for v in [-3, 2]), default=0), list(v + 1 for v in squares))
names = {name: len(name) for name in ["w", "bias"]}
print(names, {k: v for k, v in names.items() if v > 1})
rows = [[i + j for j in range(3)] for i in range(2)]
print(torch.tensor(rows, dtype=torch.float))
leaves = [torch.tensor(float(i), requires_grad=True) for i in range(3)]
loss = sum(w ** 2 for w in leaves)
loss.backward()
print([w.grad for w in leaves])
adders = [lambda v, k=k: v + k for k in range(3)]
print([add(10) for add in adders])
late = [lambda: k for k in range(3)]
print([f() for f in late])
