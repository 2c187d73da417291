"""What losses, norms and comparisons say to operands that don't go together."""
import torch
import torch.nn.functional as F


def told(work):
    try:
        print(work())
    except (RuntimeError, ValueError, IndexError) as error:
        print(error)


flags, x, m = torch.tensor([True, False]), torch.tensor([1.0, 2.0]), torch.ones(2, 3)
told(lambda: F.l1_loss(flags, flags))
told(lambda: F.l1_loss(x, flags))
told(lambda: F.soft_margin_loss(m[0], m))
told(lambda: F.multilabel_soft_margin_loss(m[0], m))
told(lambda: F.rms_norm(x, ()))
told(lambda: F.rms_norm(x, (3,)))
told(lambda: torch.isclose(m, m.T))
told(lambda: torch.isclose(m, m.double()))
told(lambda: F.cross_entropy(m, x))
told(lambda: torch.inner(m, m.double()))
told(lambda: x.masked_scatter(x > 0, torch.ones(3, dtype=torch.float64)))
told(lambda: torch.linalg.svdvals(x))
told(lambda: torch.lerp(x, x.long(), 0.5))
told(lambda: torch.tensor([1]) // 0)
told(lambda: torch.cross(x[0], x[0], dim=0))
told(lambda: torch.cross(x[0], x, dim=0))
told(lambda: F.binary_cross_entropy(m, x))
told(lambda: flags.topk(1))
told(lambda: flags.reshape(2, 1).expand(2))
y = torch.tensor(2.0, requires_grad=True)
print(F.kl_div(y, y.detach(), reduction="batchmean"))
for dims in ((), (0,), ((0, 1),)):
    z = torch.ones(1, 3, requires_grad=True) * 1
    print(z.squeeze_(*dims))


def said(work):
    try:
        print(work())
    except RuntimeError as error:
        print(error)


scores = torch.ones(2, 3)
for kind in (torch.int32, torch.uint8, torch.bool, torch.float64):
    said(lambda: torch.nn.functional.cross_entropy(scores, torch.tensor([0, 1]).to(kind)))
    said(lambda: torch.nn.functional.embedding(torch.tensor([0, 1]).to(kind), scores))
print(torch.float32.is_floating_point, torch.int8.is_signed, torch.uint8.is_signed, torch.float64.itemsize)
print(torch.broadcast_shapes((3, 1), (1, 2), (2,)), torch.iinfo(torch.int16).max, torch.iinfo(torch.uint8).bits)
