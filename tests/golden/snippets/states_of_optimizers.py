import torch
from torch import nn

torch.manual_seed(0)
for name, settings in [("Adam", {"amsgrad": True}), ("SGD", {"momentum": 0.9}), ("RMSprop", {"centered": True}), ("Adagrad", {}), ("Adadelta", {}), ("Adamax", {}), ("NAdam", {}), ("RAdam", {}), ("ASGD", {}), ("Rprop", {}), ("AdamW", {})]:
    layer = nn.Linear(2, 1)
    optimizer = getattr(torch.optim, name)(layer.parameters(), lr=0.1, **settings)
    print(name)
    for _ in range(2):
        optimizer.zero_grad()
        layer(torch.tensor([[1.0, -2.0]])).pow(2).sum().backward()
        optimizer.step()
    for parameter in layer.parameters():
        print(optimizer.state[parameter])
layer = nn.Linear(2, 1)
optimizer = torch.optim.Adam(layer.parameters(), lr=0.1)
state = optimizer.state
for turn in range(3):
    optimizer.zero_grad()
    layer(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    average = state[layer.bias]["exp_avg"]
    if turn == 0:
        first = average
    if turn == 1:
        state[layer.bias]["exp_avg"].zero_()
        state[layer.bias]["exp_avg_sq"].mul_(4)
    print(turn, state[layer.bias]["step"].item(), average, first is average, layer.bias.data, optimizer.state is state)
print([name for name in state[layer.weight]], layer.weight in state, torch.ones(1) in state)
print(optimizer.state_dict()["state"][1])
for group in optimizer.param_groups:
    for p in group["params"]:
        effective = group["lr"] / (optimizer.state[p]["exp_avg_sq"].sqrt() + group["eps"])
        print(tuple(p.shape), effective)
