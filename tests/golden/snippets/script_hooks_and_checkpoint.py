import copy
import io

import torch
import torch.nn as nn
from collections import OrderedDict

torch.manual_seed(7)
model = nn.Sequential(OrderedDict([
    ("conv1", nn.Conv2d(1, 4, kernel_size=3, padding=1)),
    ("bn1", nn.BatchNorm2d(4)),
    ("relu1", nn.ReLU()),
    ("pool", nn.MaxPool2d(2)),
    ("flat", nn.Flatten()),
    ("fc", nn.Linear(4 * 4 * 4, 3)),
]))
print(model)
activations = {}
gradients = {}


def get_activation(name):
    def hook(module, input, output):
        activations[name] = output.detach()
    return hook


def get_gradient(name):
    def hook(module, grad_input, grad_output):
        gradients[name] = grad_output[0].detach()
    return hook


handles = []
for name, layer in model.named_children():
    if isinstance(layer, (nn.Conv2d, nn.Linear)):
        handles.append(layer.register_forward_hook(get_activation(name)))
        handles.append(layer.register_full_backward_hook(get_gradient(name)))
x = torch.randn(2, 1, 8, 8)
target = torch.tensor([0, 2])
out = model(x)
loss = nn.CrossEntropyLoss()(out, target)
loss.backward()
for name in activations:
    print(name, tuple(activations[name].shape), tuple(gradients[name].shape), f"{activations[name].mean():.4f}")
for h in handles:
    h.remove()
# Grad-CAM style
feats = {}
h = model.relu1.register_forward_hook(lambda m, i, o: feats.update(out=o))
scores = model(x)
A = feats["out"]
grads = torch.autograd.grad(scores[:, 0].sum(), A)[0]
weights = grads.mean(dim=(2, 3), keepdim=True)
cam = torch.relu((weights * A).sum(dim=1))
cam = cam / (cam.amax(dim=(1, 2), keepdim=True) + 1e-8)
print(cam.shape, cam.max().item())
h.remove()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5)
for epoch in range(4):
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(model(x), target)
    loss.backward()
    optimizer.step()
    scheduler.step()
checkpoint = {
    "epoch": epoch,
    "model_state_dict": copy.deepcopy(model.state_dict()),
    "optimizer_state_dict": optimizer.state_dict(),
    "scheduler": scheduler.state_dict(),
    "loss": loss.item(),
}
buf = io.BytesIO()
torch.save(checkpoint, buf)
buf.seek(0)
ck = torch.load(buf)
print(sorted(ck.keys()), ck["epoch"])
torch.save(checkpoint, "checkpoint.pt")
ck = torch.load("checkpoint.pt", map_location="cpu", weights_only=False)
new_model = copy.deepcopy(model)
for p in new_model.parameters():
    nn.init.zeros_(p)
res = new_model.load_state_dict(ck["model_state_dict"])
print(res)
print(all(torch.equal(a, b) for a, b in zip(model.state_dict().values(), new_model.state_dict().values())))
for name, param in new_model.named_parameters():
    if name.startswith("conv1"):
        param.requires_grad = False
print([n for n, p in new_model.named_parameters() if p.requires_grad])
print(f"lr now: {optimizer.param_groups[0]['lr']}")
sd = new_model.state_dict()
sd.pop("fc.bias")
try:
    new_model.load_state_dict(sd)
except RuntimeError as e:
    print(str(e).splitlines()[-1].strip())
missing = new_model.load_state_dict(sd, strict=False)
print(missing.missing_keys, missing.unexpected_keys)
