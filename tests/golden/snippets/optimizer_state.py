import copy

import torch
from torch import nn, optim


def loss_of(w):
    return ((w - 1) ** 2).sum()


for optimiser in (optim.SGD, optim.Adam, optim.AdamW, optim.RMSprop, optim.Adagrad, optim.Adadelta, optim.Adamax):
    name = optimiser.__name__
    extra = {"momentum": 0.9} if name in ("SGD", "RMSprop") else {}
    w = torch.tensor([1.0, -2.0], requires_grad=True)
    optimizer = optimiser([w], lr=0.1, **extra)
    for _ in range(3):
        optimizer.zero_grad()
        loss_of(w).backward()
        optimizer.step()
    saved = copy.deepcopy(optimizer.state_dict())
    print(name, saved)
    # A second one goes on where the first stopped.
    v = w.detach().clone().requires_grad_()
    other = optimiser([v])
    other.load_state_dict(saved)
    for each, of in ((optimizer, w), (other, v)):
        each.zero_grad()
        loss_of(of).backward()
        each.step()
    print(torch.equal(w, v), other.param_groups[0]["lr"])
    print(other)

model = nn.Linear(2, 1)
optimizer = optim.SGD([{"params": [model.weight]}, {"params": [model.bias], "lr": 0.5}], lr=0.1, momentum=0.5)
print(optimizer.state_dict()["param_groups"][1]["params"], optimizer.state_dict()["state"])
for wrong in ({}, {"state": {}, "param_groups": []}, {"state": {}, "param_groups": [{"params": []}] * 2}):
    try:
        optimizer.load_state_dict(wrong)
    except (ValueError, KeyError) as error:
        print(type(error).__name__, error.args[0] if isinstance(error, ValueError) else "")

for scheduler, arguments in (
    (optim.lr_scheduler.StepLR, (2,)),
    (optim.lr_scheduler.ExponentialLR, (0.9,)),
    (optim.lr_scheduler.LinearLR, ()),
    (optim.lr_scheduler.CosineAnnealingLR, (5,)),
    (optim.lr_scheduler.PolynomialLR, ()),
    (optim.lr_scheduler.ConstantLR, ()),
):
    optimizer = optim.SGD([torch.ones(2, requires_grad=True)], lr=0.1)
    schedule = scheduler(optimizer, *arguments)
    for _ in range(3):
        optimizer.step()
        schedule.step()
    print(schedule.state_dict())
    again = scheduler(optimizer, *arguments)
    again.load_state_dict(schedule.state_dict())
    print(again.last_epoch, again.get_last_lr())
