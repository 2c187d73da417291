import torch

torch.manual_seed(3)
for n in (3, 5, 7, 11, 13):
    x = torch.rand(n)
    print(x.mean().item(), x.var().item(), torch.nn.functional.mse_loss(x, x*2).item())
x = torch.rand(4, 7)
print(x.mean(1).tolist())
print(x.expand(3, 4, 7).mean((0, 2)).tolist())
