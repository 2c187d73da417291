import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.LazyConv2d(4, kernel_size=3, padding=1), nn.LazyBatchNorm2d(), nn.ReLU(), nn.Flatten(), nn.LazyLinear(10), nn.Sigmoid(), nn.LazyLinear(2))
print(net)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
X = torch.randn(3, 1, 4, 4)
print(net(X))
print(net)
print(net[0].weight.shape, net[4].weight.shape, type(net[6]).__name__)
loss = net(X).pow(2).sum()
loss.backward()
opt.step()
print(net(X).pow(2).sum() < loss, sum(p.numel() for p in net.parameters()))
class B(nn.Module):
    def __init__(self, num_outputs):
        super().__init__()
        self.net = nn.LazyLinear(num_outputs, bias=False)
    def forward(self, x):
        return self.net(x)
b = B(3)
print(b(torch.ones(1, 5)), b.net, torch.randn(1))
