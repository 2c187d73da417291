import torch
from torch import nn
from torch.optim.lr_scheduler import OneCycleLR, CosineAnnealingLR, StepLR, LambdaLR, CyclicLR, CosineAnnealingWarmRestarts, SequentialLR, LinearLR, ExponentialLR, ReduceLROnPlateau, ChainedScheduler, MultiplicativeLR
torch.manual_seed(0)
model = nn.Linear(2, 1)
def mk(): return torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
opt = mk()
sched = OneCycleLR(opt, max_lr=0.5, total_steps=10)
for i in range(10):
    opt.step()
    print(i, sched.get_last_lr(), opt.param_groups[0]['momentum'])
    if i < 9: sched.step()
opt = mk()
sched = OneCycleLR(opt, max_lr=0.01, steps_per_epoch=5, epochs=2, anneal_strategy='linear', pct_start=0.2)
print([ (opt.step(), sched.step(), sched.get_last_lr()[0])[2] for _ in range(8)])
opt = mk()
s = CosineAnnealingWarmRestarts(opt, T_0=3, T_mult=2)
for _ in range(8):
    opt.step(); s.step(); print(s.get_last_lr())
opt = mk()
s = CyclicLR(opt, base_lr=0.01, max_lr=0.1, step_size_up=3)
for _ in range(8):
    opt.step(); s.step(); print(s.get_last_lr())
opt = mk()
s = SequentialLR(opt, schedulers=[LinearLR(opt, start_factor=0.1, total_iters=3), ExponentialLR(opt, gamma=0.9)], milestones=[3])
for _ in range(6):
    opt.step(); s.step(); print(s.get_last_lr())
opt = mk()
s = MultiplicativeLR(opt, lr_lambda=lambda e: 0.95)
for _ in range(3):
    opt.step(); s.step(); print(s.get_last_lr())
opt = mk()
s = ChainedScheduler([StepLR(opt, 2), ExponentialLR(opt, 0.9)])
for _ in range(4):
    opt.step(); s.step(); print(s.get_last_lr())
print(opt)
