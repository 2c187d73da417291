import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.parametrizations import weight_norm
import torch.nn.utils.parametrize as parametrize
torch.manual_seed(2)
class Symmetric(nn.Module):
    def forward(self, X):
        return X.triu() + X.triu(1).transpose(-1, -2)
layer = nn.Linear(3, 3)
parametrize.register_parametrization(layer, "weight", Symmetric())
A = layer.weight
assert torch.allclose(A, A.T)
print(A)
print(layer)
class MatrixExponential(nn.Module):
    def forward(self, X): return torch.matrix_exp(X)
class Skew(nn.Module):
    def forward(self, X):
        A = X.triu(1)
        return A - A.transpose(-1, -2)
l2 = nn.Linear(3, 3)
parametrize.register_parametrization(l2, "weight", Skew())
parametrize.register_parametrization(l2, "weight", MatrixExponential())
X = l2.weight
print(torch.dist(X.T @ X, torch.eye(3)) < 1e-5)
print(parametrize.is_parametrized(l2), parametrize.is_parametrized(l2, 'bias'))
parametrize.remove_parametrizations(l2, "weight")
print(l2)
m = weight_norm(nn.Linear(4, 2))
print(m)
print(m.parametrizations.weight.original0.shape, [n for n, _ in m.named_parameters()])
out = m(torch.ones(1, 4)); out.sum().backward()
print(m.parametrizations.weight.original0.grad)
opt = torch.optim.SGD(m.parameters(), lr=0.1)
for i in range(3):
    opt.zero_grad(); loss = (m(torch.ones(1, 4)) ** 2).sum(); loss.backward(); opt.step(); print(f'{loss:.4f}')
print(list(m.state_dict()), m.weight.norm(dim=1) - m.parametrizations.weight.original0.squeeze() < 1e-6)
c = weight_norm(nn.Conv1d(2, 3, 2), dim=None); print(c, c(torch.ones(1, 2, 4)).shape, c.parametrizations.weight.original0.shape)
parametrize.remove_parametrizations(m, 'weight'); print(m, type(m).__name__, m.weight, isinstance(l2, nn.Linear))
class CayleyMap(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.register_buffer("Id", torch.eye(n))
    def forward(self, X):
        return torch.linalg.solve(self.Id - X, self.Id + X)
l3 = nn.Linear(3, 3)
parametrize.register_parametrization(l3, "weight", Skew())
parametrize.register_parametrization(l3, "weight", CayleyMap(3))
X = l3.weight
print(torch.dist(X.T @ X, torch.eye(3)) < 1e-5, isinstance(l3, nn.Linear), type(l3).__name__, [n for n, _ in l3.named_parameters()])
class Pos(nn.Module):
    def forward(self, x): return x.exp()
    def right_inverse(self, y): return y.abs().log()
l4 = nn.Linear(2, 1)
parametrize.register_parametrization(l4, 'weight', Pos())
print(l4.weight, l4.parametrizations.weight.original, l4.parametrizations['weight'][0])
try: parametrize.register_parametrization(l4, 'nope', Pos())
except ValueError as e: print(e)
net = nn.Sequential(weight_norm(nn.Linear(2, 2)), nn.ReLU()); print(net, net(torch.ones(1, 2)))
