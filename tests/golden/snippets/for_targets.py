import torch
pts = [(1, 2), (3, 4)]
for a, b in pts:
    print(a + b)
for i, (a, b) in enumerate(pts):
    print(i, a, b)
for [p, q] in pts:
    print(p, q)
for x in (1., 2.):
    print(x)
for c in "ab":
    print(c)
for i in reversed(range(3)):
    print(i, end="")
print()
for i in range(10, 0, -3):
    print(i, end=",")
print()
print(i)
