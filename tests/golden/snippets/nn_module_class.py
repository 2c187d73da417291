import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(1)

class Net(nn.Module):
    def __init__(self, hidden=3):
        super(Net, self).__init__()
        self.fc1 = nn.Linear(2, hidden)
        self.blocks = nn.ModuleList([nn.Linear(hidden, hidden) for _ in range(2)])
        self.out = nn.Linear(hidden, 1, bias=False)
        self.scale = nn.Parameter(torch.ones(1))
        self.register_buffer("steps", torch.zeros(1))

    def forward(self, x):
        x = F.relu(self.fc1(x))
        for block in self.blocks:
            x = torch.tanh(block(x))
        return self.out(x) * self.scale

net = Net()
print(net)
print(sum(p.numel() for p in net.parameters()), net.training, net.eval().training, net.train().training)
for name, p in net.named_parameters():
    print(name, list(p.shape), p.requires_grad, p.is_leaf)
print(list(net.state_dict()), [n for n, _ in net.named_children()], len(list(net.modules())))
out = net(torch.tensor([[1.0, 2.0], [0.5, -1.0]]))
print(out)
out.sum().backward()
print(net.scale, net.scale.grad, net.fc1.bias.grad is not None)
net.zero_grad()
print(net.scale.grad)
for p in net.fc1.parameters():
    p.requires_grad = False
print([p.requires_grad for p in net.parameters()])
other = Net()
other.load_state_dict(net.state_dict())
print(torch.equal(other(out.detach().repeat(1, 2)), net(out.detach().repeat(1, 2))))
def shout(module, args, result):
    print("forward of", type(module).__name__, tuple(result.shape))
handle = net.out.register_forward_hook(shout)
net(torch.ones(1, 2))
handle.remove()
net(torch.ones(1, 2))
def init(m):
    if isinstance(m, nn.Linear):
        nn.init.constant_(m.weight, 0.5)
net.apply(init)
print(net.out.weight, isinstance(net, nn.Module))
try:
    net.scale = torch.ones(1)
except TypeError as e:
    print(e)
try:
    nn.Module()(1)
except NotImplementedError as e:
    print(e)
class Lazy(nn.Module):
    def __init__(self):
        self.fc = nn.Linear(1, 1)
try:
    Lazy()
except AttributeError as e:
    print(e)
