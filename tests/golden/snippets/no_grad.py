import torch

x = torch.tensor(2.0, requires_grad=True)
with torch.no_grad():
    y = x * 2
    print(y.requires_grad)
    with torch.enable_grad():
        z = x * 3
    print(z.requires_grad)
w = x * 4
print(w.requires_grad)
print(y, z, w)
