# A quantile saves where it found what it is, not what it was given.
import torch
import torch.nn.functional as F

a = torch.tensor([[0.5, 0.3, 0.9], [0.2, 0.7, 0.4]], requires_grad=True)
for f in (
    lambda x: x.quantile(0.5),
    lambda x: x.quantile(torch.tensor([0.2, 0.9]), dim=0),
    lambda x: x.nanquantile(0.3, dim=1, keepdim=True),
    lambda x: x.quantile(0.3, interpolation="nearest"),
    lambda x: F.multilabel_soft_margin_loss(x, (x > 0.4).float()),
):
    for recorded in (True, False):
        x = a * 1
        y = f(x)
        with torch.set_grad_enabled(recorded):
            x.mul_(2)
        for _ in range(2):
            try:
                y.sum().backward()
            except RuntimeError as error:
                print(str(error)[:120])
                break
            print(a.grad)
        a.grad = None
