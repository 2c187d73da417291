import torch
from torch import nn
from torch.optim import swa_utils
torch.manual_seed(0)


def averaged(dtype, use_buffers=False, digits=99, **how):
    model = nn.Linear(2, 2, dtype=dtype)
    model.register_buffer("seen", torch.tensor([0, 3, -7]))
    mean = swa_utils.AveragedModel(model, use_buffers=use_buffers, **how)
    for step in range(12):
        with torch.no_grad():
            model.weight.copy_(torch.randn(2, 2, dtype=dtype))
            model.seen += torch.tensor([step, 7, -3])
        mean.update_parameters(model)
    return [round(each, digits) for each in mean.module.weight.flatten().tolist()], mean.module.seen.tolist()


for dtype, digits in ((torch.float32, 5), (torch.float64, 13)):
    print(averaged(dtype), averaged(dtype, True))
    print(averaged(dtype, digits=digits, multi_avg_fn=swa_utils.get_swa_multi_avg_fn()))
    print(averaged(dtype, avg_fn=swa_utils.get_swa_avg_fn()))
    for decay in (0.1, 0.3, 0.9):
        print(averaged(dtype, True, avg_fn=swa_utils.get_ema_avg_fn(decay)))
        print(averaged(dtype, True, digits, multi_avg_fn=swa_utils.get_ema_multi_avg_fn(decay)))
