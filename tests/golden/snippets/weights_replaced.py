"""Weights given for one call, all of them or some, and lengths of weights as a whole."""
import torch
import torch.nn as nn


def told(work):
    try:
        print(work())
    except (RuntimeError, ValueError, TypeError, IndexError) as error:
        print(error)


call, m, x, w = torch.func.functional_call, nn.Linear(2, 2), torch.ones(1, 2), torch.ones(2, 2)
b = torch.zeros(2)
told(lambda: call(m, {"weight": w, "bias": b, "other": b}, x))
told(lambda: call(m, ({"weight": w}, {"bias": b}), (x,), strict=True))
told(lambda: call(m, {"weight": w, "other": b}, x, strict=True))
told(lambda: call(m, ({"weight": w, "bias": b}, {"bias": b}), x))
told(lambda: call(m, {"weight": 3}, x))
norm = nn.utils.weight_norm
for dim in (None, -1, 0, 1):
    print(norm(nn.Linear(2, 3), dim=dim).weight_g.shape)
told(lambda: norm(nn.Linear(2, 3), dim=2))
told(lambda: norm(norm(nn.Linear(2, 3))))
