import torch
from torch.optim import lr_scheduler

def rates(make, steps=7):
    w = torch.zeros(1, requires_grad=True)
    opt = torch.optim.SGD([w], lr=0.1)
    schedule = make(opt)
    found = [opt.param_groups[0]["lr"]]
    for _ in range(steps):
        opt.step()
        schedule.step()
        found.append(schedule.get_last_lr()[0])
    return found

print(rates(lambda o: lr_scheduler.StepLR(o, step_size=2, gamma=0.5)))
print(rates(lambda o: lr_scheduler.MultiStepLR(o, [2, 4], gamma=0.1)))
print(rates(lambda o: lr_scheduler.ExponentialLR(o, 0.9)))
print(rates(lambda o: lr_scheduler.CosineAnnealingLR(o, T_max=5, eta_min=0.01)))
print(rates(lambda o: lr_scheduler.LinearLR(o, total_iters=4)))
print(rates(lambda o: lr_scheduler.ConstantLR(o, factor=0.5, total_iters=3)))
print(rates(lambda o: lr_scheduler.PolynomialLR(o, total_iters=4, power=2.0)))
print(rates(lambda o: lr_scheduler.LambdaLR(o, lambda epoch: 0.95 ** epoch)))
opt = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
plateau = lr_scheduler.ReduceLROnPlateau(opt, factor=0.5, patience=1)
for loss in (1.0, 0.9, 0.95, 0.93, 0.92, 0.91):
    plateau.step(loss)
    print(opt.param_groups[0]["lr"])
print(opt)
