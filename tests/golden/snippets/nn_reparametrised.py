import torch
import torch.nn as nn
from torch.utils.checkpoint import checkpoint, checkpoint_sequential
torch.manual_seed(0)
block = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4))
x = torch.randn(2, 4, requires_grad=True)
y = checkpoint(block, x, use_reentrant=False)
y.sum().backward()
print(x.grad)
g = x.grad.clone()
x.grad = None
block(x).sum().backward()
print(torch.allclose(g, x.grad))
out = checkpoint_sequential(block, 2, x, use_reentrant=False)
print(out.shape)
checkpoint_dict = {'epoch': 3, 'model_state_dict': block.state_dict(), 'loss': 0.5}
print(checkpoint_dict['epoch'], list(checkpoint_dict['model_state_dict']))
from torch.nn.utils import spectral_norm, weight_norm, parameters_to_vector, vector_to_parameters
vec = parameters_to_vector(block.parameters())
print(vec.shape, vec[:3])
m = spectral_norm(nn.Linear(3, 2))
print(m)
print(m(torch.ones(1, 3)))
w = weight_norm(nn.Linear(3, 2))
print([n for n, _ in w.named_parameters()])
print(w(torch.ones(1, 3)))
@torch.no_grad()
def evaluate(net, x):
    return net(x)
print(evaluate(block, x).requires_grad)
@torch.compile(dynamic=True)
def fn(a):
    return a * 2
print(fn(torch.ones(2)))
@torch.inference_mode()
def inf(a):
    return a + 1
print(inf(torch.ones(1)))
