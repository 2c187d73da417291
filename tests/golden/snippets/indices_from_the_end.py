"""Indices from the end, by function; and no history for what is 1 whatever the operand."""

import torch


def p(f):
    try:
        print(f())
    except (RuntimeError, IndexError) as error:
        print(type(error).__name__, str(error)[:25])


x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
i = torch.tensor([-1, 0])
for f in (
    lambda: x.index_fill(0, i, 9.0), lambda: x.index_fill(0, torch.tensor([-4]), 9.0), lambda: x.index_select(0, i),
    lambda: x.index_fill(0, torch.tensor(-3), 9.0), lambda: x.index_fill(0, torch.tensor([3]), 9.0),
    lambda: x.index_copy(0, i, x[:2]), lambda: x.index_add(0, i, x[:2]), lambda: x.index_put((i,), x[:2]), lambda: x.take(i),
    lambda: x.put(i, x[:2]), lambda: x.gather(0, i), lambda: x.scatter(0, i, 1.0), lambda: x[i], lambda: x.clone().index_fill_(0, i, x[1]),
    lambda: x.index_reduce(0, i, x[:2], "amax"), lambda: x.scatter_add(0, i, x[:2]),
):
    p(f)
for n in (0, 1, 2, None):
    p(lambda: torch.vander(x, n))
    p(lambda: torch.vander(x, n, increasing=True))
p(lambda: torch.linalg.vander(x, N=1) if False else torch.linalg.vander(x))
