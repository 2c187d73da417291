import torch
import torch.nn as nn
from torch.optim import lr_scheduler
from torch.optim.lr_scheduler import StepLR, MultiStepLR, ExponentialLR, CosineAnnealingLR, ReduceLROnPlateau, OneCycleLR, LambdaLR, CyclicLR, CosineAnnealingWarmRestarts, LinearLR, SequentialLR, ChainedScheduler, PolynomialLR, ConstantLR, MultiplicativeLR
model = nn.Linear(2, 1)
def run(make, n=8, **kw):
    opt = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    sch = make(opt)
    out = []
    for _ in range(n):
        out.append(opt.param_groups[0]['lr'])
        opt.step()
        sch.step(**kw)
    print(type(sch).__name__, [round(v, 5) for v in out], sch.get_last_lr())
run(lambda o: StepLR(o, step_size=3, gamma=0.1))
run(lambda o: MultiStepLR(o, milestones=[2, 5], gamma=0.5))
run(lambda o: ExponentialLR(o, gamma=0.9))
run(lambda o: CosineAnnealingLR(o, T_max=5, eta_min=0.001))
run(lambda o: OneCycleLR(o, max_lr=0.5, total_steps=10))
run(lambda o: OneCycleLR(o, max_lr=0.5, steps_per_epoch=5, epochs=2, anneal_strategy='linear', pct_start=0.4))
run(lambda o: LambdaLR(o, lr_lambda=lambda e: 0.95 ** e))
run(lambda o: MultiplicativeLR(o, lr_lambda=lambda e: 0.95))
run(lambda o: CyclicLR(o, base_lr=0.01, max_lr=0.1, step_size_up=3, mode="triangular2"))
run(lambda o: CosineAnnealingWarmRestarts(o, T_0=3, T_mult=2))
run(lambda o: LinearLR(o, start_factor=0.1, total_iters=4))
run(lambda o: PolynomialLR(o, total_iters=6, power=2.0))
run(lambda o: ConstantLR(o, factor=0.5, total_iters=3))
run(lambda o: SequentialLR(o, schedulers=[LinearLR(o, 0.1, total_iters=3), ExponentialLR(o, 0.9)], milestones=[3]))
run(lambda o: ChainedScheduler([LinearLR(o, 0.5, total_iters=3), ExponentialLR(o, 0.9)]))
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
plateau = ReduceLROnPlateau(opt, mode='min', factor=0.5, patience=1)
for loss in [1.0, 0.9, 0.95, 0.96, 0.97, 0.5, 0.6, 0.6, 0.6]:
    plateau.step(loss)
    print(loss, opt.param_groups[0]["lr"], plateau.num_bad_epochs)
class WarmupLR(lr_scheduler.LRScheduler):
    def __init__(self, optimizer, warmup, last_epoch=-1):
        self.warmup = warmup
        super().__init__(optimizer, last_epoch)
    def get_lr(self):
        return [base * min(1, (self.last_epoch + 1) / self.warmup) for base in self.base_lrs]
run(lambda o: WarmupLR(o, 4))
sd = plateau.state_dict()
print(sorted(sd))
s = StepLR(opt, 2)
print(s.state_dict())
print(opt)
for g in opt.param_groups:
    g['lr'] = 0.3
print(opt.param_groups[0]['lr'], opt.state_dict()['param_groups'])
from torch.optim.swa_utils import AveragedModel, SWALR, update_bn, get_ema_multi_avg_fn
swa_model = AveragedModel(model)
swa_scheduler = SWALR(opt, swa_lr=0.05, anneal_epochs=3)
x, y = torch.ones(4, 2), torch.zeros(4, 1)
for e in range(4):
    opt.zero_grad(); ((model(x) - y)**2).mean().backward(); opt.step()
    swa_model.update_parameters(model)
    swa_scheduler.step()
    print(swa_scheduler.get_last_lr())
print(swa_model.n_averaged)
print(swa_model(x).shape, len(list(swa_model.parameters())))
