import torch
import torch.nn as nn
import torch.nn.functional as F
from collections import OrderedDict

torch.manual_seed(7)
class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.features = nn.Sequential(OrderedDict([
            ('conv1', nn.Conv2d(1, 2, 3)),
            ('relu1', nn.ReLU()),
            ('pool', nn.MaxPool2d(2)),
        ]))
        self.fc = nn.Linear(2 * 3 * 3, 4)
    def forward(self, x):
        x = self.features(x)
        x = torch.flatten(x, 1)
        return self.fc(x)

net = Net()
print(net)
activation = {}
gradients = {}
def get_activation(name):
    def hook(model, input, output):
        activation[name] = output.detach()
    return hook
def get_gradient(name):
    def hook(module, grad_input, grad_output):
        gradients[name] = grad_output[0].clone()
    return hook
handles = []
for name, layer in net.named_modules():
    if isinstance(layer, (nn.Conv2d, nn.Linear)):
        handles.append(layer.register_forward_hook(get_activation(name)))
        handles.append(layer.register_full_backward_hook(get_gradient(name)))
x = torch.randn(2, 1, 8, 8, requires_grad=True)
out = net(x)
out[:, 1].sum().backward()
for k, v in activation.items():
    print(k, v.shape, f'{v.mean():.4f}')
for k, v in gradients.items():
    print(k, v.shape, f'{v.mean():.4f}')
for h in handles:
    h.remove()
activation.clear()
net(x)
print(activation)
# Grad-CAM
class GradCam:
    def __init__(self, model, target_layer):
        self.model = model.eval()
        self.grad = None
        self.act = None
        target_layer.register_forward_hook(self.save_act)
        target_layer.register_full_backward_hook(self.save_grad)
    def save_act(self, module, inp, out): self.act = out
    def save_grad(self, module, gin, gout): self.grad = gout[0]
    def __call__(self, x, idx=None):
        logits = self.model(x)
        if idx is None:
            idx = logits.argmax(dim=1)
        self.model.zero_grad()
        one_hot = F.one_hot(idx, num_classes=logits.shape[1]).float()
        (logits * one_hot).sum().backward()
        weights = self.grad.mean(dim=(2, 3), keepdim=True)
        cam = F.relu((weights * self.act).sum(1, keepdim=True))
        cam = F.interpolate(cam, size=x.shape[-2:], mode='bilinear', align_corners=False)
        cam -= cam.amin(dim=(1, 2, 3), keepdim=True)
        cam /= cam.amax(dim=(1, 2, 3), keepdim=True) + 1e-8
        return cam.detach()
cam = GradCam(net, net.features.conv1)
m = cam(x)
print(m.shape, m.max(), m[0, 0, 0])
t = torch.tensor([1., 2., 3.], requires_grad=True)
u = t * 2
u.register_hook(lambda g: print('grad of u:', g))
u.retain_grad()
h = t.register_hook(lambda g: g * 10)
v = u.pow(2).mean()
v.backward()
print(t.grad, u.grad)
h.remove()
net.fc.weight.register_hook(lambda grad: torch.zeros_like(grad))
net.zero_grad()
net(x).mean().backward()
print(net.fc.weight.grad.abs().sum(), net.fc.bias.grad)
def pre(module, args):
    return (args[0] * 0,)
hh = net.fc.register_forward_pre_hook(pre)
print(net(x)[0], net.fc.bias)
hh.remove()
class Capture:
    def __enter__(self):
        self.outs = []
        self.h = net.fc.register_forward_hook(lambda m, i, o: self.outs.append(o.shape))
        return self
    def __exit__(self, *args):
        self.h.remove()
with Capture() as c:
    net(x); net(x[:1])
print(c.outs)
def nan_hook(self, inp, output):
    if torch.isnan(output).any():
        raise RuntimeError(f"Found NAN in output of {self.__class__.__name__}")
for sub in net.modules():
    sub.register_forward_hook(nan_hook)
try:
    net(x * float('nan'))
except RuntimeError as e:
    print(e)
