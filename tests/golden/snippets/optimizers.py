import torch
from torch import optim

def run(make, steps=4):
    torch.manual_seed(0)
    w = torch.randn(3, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    opt = make([w, b])
    for _ in range(steps):
        opt.zero_grad()
        loss = ((w * torch.tensor([1.0, 2.0, 3.0]) + b - 1) ** 2).sum()
        loss.backward()
        opt.step()
    return w.detach(), round(loss.item(), 3)

makers = {
    "sgd": lambda p: optim.SGD(p, lr=0.01),
    "momentum": lambda p: optim.SGD(p, lr=0.01, momentum=0.9, dampening=0.1, weight_decay=0.1),
    "nesterov": lambda p: optim.SGD(p, lr=0.01, momentum=0.9, nesterov=True),
    "adam": lambda p: optim.Adam(p, lr=0.1, weight_decay=0.01),
    "amsgrad": lambda p: optim.Adam(p, lr=0.1, betas=(0.8, 0.99), amsgrad=True),
    "adamw": lambda p: optim.AdamW(p, lr=0.1),
    "rmsprop": lambda p: optim.RMSprop(p, lr=0.05, momentum=0.5),
    "centered": lambda p: optim.RMSprop(p, centered=True),
    "adagrad": lambda p: optim.Adagrad(p, lr=0.5, lr_decay=0.1),
    "adadelta": lambda p: optim.Adadelta(p),
    "adamax": lambda p: optim.Adamax(p, lr=0.1),
    "groups": lambda p: optim.SGD([{"params": p[:1], "lr": 0.02}, {"params": p[1:]}], lr=0.01),
}
for name, make in makers.items():
    print(name, *run(make))
w = torch.tensor([2.0, -1.0], requires_grad=True)
opt = optim.LBFGS([w], lr=0.5, max_iter=10)
def closure():
    opt.zero_grad()
    loss = ((w - torch.tensor([1.0, 3.0])) ** 2 * torch.tensor([1.0, 5.0])).sum()
    loss.backward()
    return loss
for _ in range(3):
    print(f"{opt.step(closure).item():.4f}")
print(w.detach())
print(optim.SGD([w], lr=0.1, momentum=0.9), optim.Adam([w]))
for bad in (lambda: optim.SGD([w], lr=-1), lambda: optim.SGD([], lr=1), lambda: optim.Adam([w], betas=(1.0, 0.9)), lambda: optim.SGD([w * 2])):
    try:
        bad()
    except ValueError as e:
        print(e)
