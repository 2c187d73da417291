"""Determinants have the digits of elimination with whole pivots, in both precisions."""

import torch

for dtype in (torch.float64, torch.float32):
    for rows in (
        [[2, 1], [1, 2]], [[1, 2], [3, 4]], [[4, 7], [2, 6]], [[0, 2], [3, 1]], [[0, 0], [1, 1]],
        [[2, -1, 0], [-1, 2, -1], [0, -1, 2]], [[1, 2, 3], [4, 5, 6], [7, 8, 10]], [[1, 2, 3], [4, 5, 6], [7, 8, 9]],
        [[0.1, 0.2, 0.3, 0.4], [0.5, 0.6, 0.7, 0.9], [1.0, -1.0, 0.5, 0.25], [3.0, 0.1, 0.2, 0.7]],
    ):
        a = torch.tensor(rows, dtype=dtype, requires_grad=True)
        d = torch.linalg.det(a)
        print(d, d.item(), a.detach().t().contiguous().det().item())
    for n in (1, 2, 3, 4, 5, 8, 16):
        numbers = (torch.arange(3 * n * n) * 7919 % 29 - 11).to(dtype)
        print((numbers / 7).reshape(3, n, n).det().tolist())
