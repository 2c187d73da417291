import torch

# Which dtype is told first depends on what is multiplied by what.
for first in ((3,), (2, 3), (1, 2, 3), (4, 2, 3)):
    for second in ((3,), (3, 2), (1, 3, 2), (4, 3, 2)):
        for grads in ((True, True), (True, False), (False, True), (False, False)):
            a = torch.ones(first, requires_grad=grads[0])
            b = torch.ones(second, requires_grad=grads[1], dtype=torch.float64)
            for x, y in ((a, b), (a.double(), b.float())):
                try:
                    x @ y
                except RuntimeError as error:
                    print(first, second, *grads, str(error)[:90])
