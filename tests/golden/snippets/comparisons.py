import torch

x = torch.tensor(2.0, requires_grad=True)
print(1 < 2 < 3, 1 < 3 < 2, not True, True and False or True)
print(x > 1, x == 2.0, (x > 1).item(), x is not None, 3 in [1, 2, 3], 5 not in (1, 2))
if x > 1 and x < 3:
    print("between")
y = x ** 2 if x > 0 else -x
y.backward()
print(x.grad)
assert abs(x.grad - 4.0) < 1e-6, "wrong"
