import torch
from torch import nn
from collections import deque
from torch.optim.lr_scheduler import _LRScheduler, LRScheduler, StepLR
print(torch.tensor(deque([1., 2.], maxlen=3)))
w = nn.Parameter(torch.tensor([3., 4.])); v = nn.Parameter(torch.ones(2, 2))
class Warm(_LRScheduler):
    def __init__(self, optimizer, steps, after=None):
        self.steps, self.after = steps, after
        super().__init__(optimizer)
    def get_lr(self):
        if self.last_epoch > self.steps:
            return [g['lr'] * 0.5 for g in self.optimizer.param_groups]
        return [b * (self.last_epoch + 1) / self.steps for b in self.base_lrs]
    def step(self, epoch=None):
        return super().step(epoch)
o = torch.optim.SGD([{'params': [w]}, {'params': [v], 'lr': .4}], lr=.1)
s = Warm(o, 3)
for i in range(6):
    print(s.last_epoch, s.get_last_lr(), [g['lr'] for g in o.param_groups], s._step_count)
    o.step(); s.step()
print(isinstance(s, LRScheduler), s.base_lrs, s.state_dict())
w.grad = torch.tensor([3., 4.]); v.grad = torch.ones(2, 2) * 6
print(nn.utils.get_total_norm([w.grad, v.grad]), nn.utils.get_total_norm([w.grad], 1), nn.utils.get_total_norm([w.grad, v.grad], norm_type=float('inf')))
nn.utils.clip_grads_with_norm_([w, v], 1.0, torch.tensor(13.0)); print(w.grad, v.grad)
print(nn.utils.clip_grad_norm_(iter([w, v]), 0.5), w.grad, v.grad, nn.utils.clip_grad_norm_([w], 9., 1), nn.utils.clip_grad_norm_([nn.Parameter(torch.ones(1))], 1.))
try:
    LRScheduler(o)
except NotImplementedError as e: print('ne')

from torch.func import functional_call, stack_module_state, vmap
models = [nn.Linear(2, 1) for _ in range(3)]
p, b = stack_module_state(models)
print({k: v.shape for k, v in p.items()}, b)
print(vmap(lambda p, b, x: functional_call(models[0], (p, b), (x,)), in_dims=(0, 0, None))(p, b, torch.ones(2, 2)).shape)
