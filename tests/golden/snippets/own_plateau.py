import torch
from torch.optim.lr_scheduler import ReduceLROnPlateau


class Own(ReduceLROnPlateau):
    def __init__(self, optimizer):
        super().__init__(optimizer, patience=0)


x = torch.zeros(1, requires_grad=True)
optimizer = torch.optim.SGD([x], lr=0.1)
schedule = Own(optimizer)
for loss in (1.0, 2.0, 3.0):
    schedule.step(loss)
    print(optimizer.param_groups[0]["lr"], sorted(schedule.state_dict()))
print(sorted(optimizer.param_groups[0]))
