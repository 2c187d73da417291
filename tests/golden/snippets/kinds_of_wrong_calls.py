import math

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
m = torch.ones(2, 3)


def undefined_name():
    return undefined(1)


def no_pair():
    a, b = 1
    return a, b


def no_words():
    assert False


def not_a_gradient():
    x.grad = "a"


for call in (
    lambda: torch.sin(),
    lambda: torch.sin(x, x),
    lambda: x.sin(1),
    lambda: x.t(1),
    lambda: x.unsqueeze(),
    lambda: x.unsqueeze(1, 2),
    lambda: x.transpose(),
    lambda: torch.cumsum(x),
    lambda: F.mse_loss(x),
    lambda: F.cross_entropy(),
    lambda: F.gelu(),
    lambda: x.detach(1),
    lambda: "a".upper(1),
    lambda: x.register_hook(),
    lambda: torch.autograd.grad(x),
    lambda: nn.utils.clip_grad_norm_([x]),
    lambda: x.sum().backward(gradient="a"),
    lambda: torch.topk(x, 5),
    lambda: torch.kthvalue(x, 5),
    lambda: torch.normal(x, -x),
    lambda: torch.set_default_dtype(torch.int64),
    lambda: torch.randint(-1, 300, (2,), dtype=torch.uint8),
    lambda: F.pad(x, (1,)),
    lambda: F.dropout(x, 2.0),
    lambda: nn.Conv2d(3, 2, 3, groups=2),
    lambda: nn.GroupNorm(2, 3),
    lambda: nn.BatchNorm2d(3)(m),
    lambda: nn.MultiheadAttention(3, 2),
    lambda: nn.Linear(3, 1).load_state_dict(5),
    lambda: torch.optim.Adam([{"params": x}, {"params": x}]),
    lambda: torch.optim.Adam([{"params": x}, {"lr": 1}]),
    lambda: torch.optim.lr_scheduler.StepLR(5, 1),
    lambda: torch.utils.data.TensorDataset(x, m),
    lambda: torch.autograd.functional.jacobian(lambda a: 5, x),
    lambda: torch.autograd.functional.hessian(lambda a: a * 2, x),
    lambda: torch.autograd.gradcheck(lambda a: a * 2, torch.ones(2)),
    lambda: torch.autograd.gradcheck(lambda a: a.detach() * 2, x.double()),
    lambda: torch.autograd.gradcheck(lambda a: a.detach() * 2, x.double(), raise_exception=False),
    lambda: "%.2f" % x,
    lambda: "%.2f" % None,
    lambda: "%d" % "a",
    lambda: "%x" % 2.5,
    lambda: "%d" % math.inf,
    lambda: f"{'a':,}",
    lambda: int("z", 36) + int("0x1f", 16) + pow(2, 3, 5) + math.isqrt(17),
    lambda: int("z", 10),
    lambda: int(3, 2),
    lambda: (math.fsum([0.1] * 10), math.dist([0, 0], [3, 4]), math.gamma(5)),
    undefined_name,
    no_pair,
    no_words,
    not_a_gradient,
):
    try:
        print(call())
    except Exception as e:
        print(type(e).__name__ + ":", e)
single = x.detach().numpy()
print(np.allclose(single, np.array([1.0, 2.0, 3.0])), np.isclose(single, np.array([1.0, 2.5, 3.0])))
try:
    torch.allclose(x, x.double())
except RuntimeError as e:
    print(e)
torch.manual_seed(7)
print(torch.rand(3, dtype=torch.float16), torch.rand(1))
