"""A sequence is repeated by a tensor that is one whole number."""

import torch

n = torch.tensor(2)
print([0] * torch.tensor(2), [0] * n, n * [0], (1, 2) * n, n * "ab", [1] * torch.tensor([3]))
rows = [[]] * n
rows[0].append(1)
print(rows)
print([0] * torch.tensor(-1), [0] * torch.tensor(True), [[1.0, 2.0]] * n)
with torch.no_grad():
    print([0] * n, [[0] * n for _ in range(2)])
