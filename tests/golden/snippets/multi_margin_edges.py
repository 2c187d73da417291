"""multi_margin_loss of one example and of nothing, and operands that it refuses."""
import torch
import torch.nn.functional as F


def told(work):
    try:
        print(work())
    except (RuntimeError, ValueError, IndexError) as error:
        print(error)


torch.manual_seed(0)
x, two = torch.randn(3), torch.randn(2, 3)
for target in (torch.tensor(1), torch.tensor([1])):
    told(lambda: F.multi_margin_loss(x, target, reduction="none"))
    told(lambda: F.multi_margin_loss(x[None], target, reduction="none"))
told(lambda: F.multi_margin_loss(torch.tensor(1.0), torch.tensor(0)))
told(lambda: F.multi_margin_loss(two, torch.tensor([0])))
told(lambda: F.multi_margin_loss(two, torch.tensor([[0, 1]])))
told(lambda: F.multi_margin_loss(two, torch.tensor([0.0, 1.0])))
told(lambda: F.multi_margin_loss(two, torch.tensor([0, 1]), weight=torch.ones(2)))
told(lambda: F.multi_margin_loss(two, torch.tensor([0, 1]), weight=torch.ones(3).double()))
told(lambda: F.multi_margin_loss(two[None], torch.tensor([0])))
told(lambda: F.multi_margin_loss(two[:, :0], torch.tensor([0, 0])))
told(lambda: F.multilabel_soft_margin_loss(torch.tensor(1.0), torch.tensor(1.0)))
