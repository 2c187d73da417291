import torch
x = torch.tensor(-1.0)
print("neg" if x < 0 else "pos")
print(1 if x > 0 else 0)
print(not x > 0, x < 0 and "yes", x > 0 or "no")
print(1 < 2 < 3, 1 < 3 < 2, 2 in [1, 2], 5 not in (1, 2), "a" in "abc")
print(None is None, x is x, x is not None, x.grad is None)
print(bool(0), bool(""), bool([]), bool(0.1), bool(torch.tensor(0.)))
