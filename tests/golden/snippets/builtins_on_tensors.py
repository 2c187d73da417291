import torch

x = torch.tensor([3.0, -1.0, 2.0], requires_grad=True)
print(sum(x))
print(max(x), min(x))
print(abs(x))
print(pow(x, 2))
print(round(torch.tensor(2.567).item(), 2), round(2.5), round(-1.25, 1))
print(len(x), float(x[0]), int(x[2]))
print(max(3, 7), min([4, 2, 8]), sum([1, 2, 3]), abs(-5))
print(any([False, True]), all([True, False]))
(sum(x) * max(x)).backward()
print(x.grad)
print(bool(x[0] > 2))
