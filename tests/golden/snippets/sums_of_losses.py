import torch
import torch.nn.functional as F

torch.manual_seed(0)
for n in (1, 2, 3, 5, 15, 16, 17, 18, 33, 50, 257, 300, 600):
    x, y = torch.randn(n, 3), torch.randint(3, (n,))
    summed = F.nll_loss(x, y, reduction="sum").item()
    print(n, summed, F.nll_loss(x, y).item())
scores = torch.randn(2, 3, 4, requires_grad=True)
target = torch.randint(3, (2, 4))
loss = F.nll_loss(scores, target)
loss.backward()
print(loss.item(), scores.grad[0, 0].tolist())
