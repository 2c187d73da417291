import torch
import torch.nn as nn
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))
activation = {}
def get_activation(name):
    def hook(model, input, output):
        activation[name] = output.detach()
    return hook
handles = []
for name, layer in model.named_children():
    handles.append(layer.register_forward_hook(get_activation(name)))
def bhook(module, grad_input, grad_output):
    print(module.__class__.__name__, [None if g is None else g.shape for g in grad_input], grad_output[0].shape)
h = model[2].register_full_backward_hook(bhook)
x = torch.randn(5, 3)
out = model(x)
print(activation.keys())
for k, v in activation.items():
    print(k, v.shape, v.mean())
out.sum().backward()
h.remove()
for hh in handles:
    hh.remove()
grads = []
w = model[0].weight
hh = w.register_hook(lambda g: grads.append(g.norm()))
model(x).pow(2).mean().backward()
print(grads)
v = torch.tensor([1., 2., 3.], requires_grad=True)
h = v.register_hook(lambda grad: grad * 2)
v.backward(torch.tensor([1., 2., 3.]))
print(v.grad)
h.remove()
def pre(module, args):
    print('pre', type(args), len(args))
    return (args[0] + 1,)
model.register_forward_pre_hook(pre)
print(model(x)[0])
y = v ** 2
y.retain_grad()
y.sum().backward()
print(y.grad)
print(y.grad_fn.name(), len(y.grad_fn.next_functions))
v.grad = None
acc = v.register_post_accumulate_grad_hook(lambda p: print('acc', p.grad))
(v * 3).sum().backward()
class Save(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer('mean', torch.zeros(2))
        self.register_parameter('scale', nn.Parameter(torch.ones(2)))
        self.layers = nn.ModuleList([nn.Linear(2, 2) for _ in range(2)])
        self.ps = nn.ParameterList([nn.Parameter(torch.ones(i + 1)) for i in range(3)])
        self.pd = nn.ParameterDict({'left': nn.Parameter(torch.ones(2, 3)), 'right': nn.Parameter(torch.zeros(1))})
    def forward(self, x):
        for l in self.layers:
            x = l(x)
        return x * self.scale + self.mean
s = Save()
print(s)
print(s.state_dict().keys())
for n, b in s.named_buffers():
    print(n, b)
print([n for n, _ in s.named_parameters()])
print([n for n, _ in s.named_modules()])
try:
    s.foo
except AttributeError as e:
    print(e)
