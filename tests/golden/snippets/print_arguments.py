import torch

print("a", 1, 2.5, True, None, "b", sep=", ", end="!\n")
print()
print([1, 2.0, "x", None, True], (1,), (1, 2), [])
print([torch.tensor(1.0), torch.tensor([1, 2])])
print((torch.ones(2), torch.zeros(1, dtype=torch.int64)))
print(1e16, 1e-5, 0.1 + 0.2, 100.0, 1 / 3, -0.0, float("inf"), 10 ** 15)
print(7 // 2, -7 // 2, 7 % 3, -7 % 3, 2 ** 10, 2 ** -1, 7 / 2, 1.0 * 3)
print("sum:", torch.ones(2).sum(), "mean:", torch.ones(2).mean(), sep="\n")
print(torch.float32, torch.int64, torch.bool)
print('single "quotes"', "it's", ["it's"], "tab\tx")
