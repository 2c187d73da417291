"""Alignments that cannot be, signals of no length, and lengths that don't fit."""
import torch
import torch.nn.functional as F


def told(*settings, **named):
    try:
        print(F.ctc_loss(*settings, **named))
    except (RuntimeError, NotImplementedError) as error:
        print(str(error).split(" (while")[0])


torch.manual_seed(0)
signal, texts = torch.randn(2, 2, 4), torch.tensor([[1, 1], [3, 3]])
for zero in (False, True):
    x = signal.clone().requires_grad_()
    loss = F.ctc_loss(x.log_softmax(2), texts, (2, 2), (2, 1), reduction="none", zero_infinity=zero)
    loss.sum().backward()
    print(loss, x.grad)
told(signal, texts, (0, 2), (1, 1), reduction="none")
told(signal, torch.tensor([[1, 2], [3, 0]]), (2, 2), (2, 1), blank=2, reduction="none")
told(signal[:, 0].requires_grad_(), torch.tensor([1]), torch.tensor([2]), torch.tensor([1]), reduction="none")
told(signal, texts, (2, 2), (2, 3))
told(signal, texts, (2, 2), (2, -1))
told(signal, texts, (-1, 2), (2, 2))
told(signal, texts, (2, 3), (2, 2))
told(signal, texts.reshape(-1), (2, 2), (1, 1))
told(signal, torch.tensor([[1], [1], [1]]), (2, 2), (1, 1))
told(signal, torch.tensor(1), (2, 2), (1, 1))
told(signal[:0], texts, (0, 0), (1, 1))
told(signal.half(), texts, (2, 2), (1, 1))
