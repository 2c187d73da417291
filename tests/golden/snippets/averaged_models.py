import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, SWALR, update_bn, get_ema_multi_avg_fn, get_swa_multi_avg_fn, get_ema_avg_fn
from torch.utils.data import DataLoader, TensorDataset
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.ReLU(), nn.Linear(3, 1))
opt = torch.optim.SGD(model.parameters(), lr=0.1)
swa, ema = AveragedModel(model), AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.9), use_buffers=True)
old = AveragedModel(model, avg_fn=lambda a, m, n: 0.5 * a + 0.5 * m)
em1 = torch.optim.swa_utils.AveragedModel(model, avg_fn=get_ema_avg_fn(0.8))
sch = SWALR(opt, swa_lr=0.05, anneal_epochs=3)
lin = SWALR(torch.optim.SGD([{'params': [model[0].weight]}, {'params': [model[0].bias]}], lr=.1), swa_lr=[0.01, 0.02], anneal_strategy="linear", anneal_epochs=4)
data = TensorDataset(torch.randn(8, 2), torch.randn(8, 1))
loader = DataLoader(data, batch_size=4)
for epoch in range(5):
    for x, y in loader:
        opt.zero_grad(); loss = ((model(x) - y) ** 2).mean(); loss.backward(); opt.step()
    for m in (swa, ema, old, em1):
        m.update_parameters(model)
    sch.step(); lin.step()
    print(epoch, f'{loss:.4f}', sch.get_last_lr(), lin.get_last_lr())
update_bn(loader, swa)
print(swa.n_averaged, [k for k in swa.state_dict()], swa.module[1].running_mean, swa.module[1].num_batches_tracked, swa.training)
print(ema.module[1].running_mean, old.module[3].weight, em1.module[3].weight, ema.module[3].bias)
print(swa(data.tensors[0])[:2], swa.module[0].weight)

model.load_state_dict(swa.module.state_dict())
e = nn.Embedding.from_pretrained(torch.tensor([[1., 2.], [3., 4.]])); print(e, e.weight.requires_grad, e(torch.tensor([1])))
e = nn.Embedding.from_pretrained(torch.eye(3), freeze=False, padding_idx=0); print(e, e.weight)
print(nn.Embedding(3, 2, sparse=True), nn.Embedding(4, 2, 1, None, 2., False))
p, b = torch.func.stack_module_state([nn.BatchNorm1d(2) for _ in range(3)])
print({k: (v.shape, v.requires_grad) for k, v in p.items()}, {k: v.shape for k, v in b.items()})
try: get_ema_multi_avg_fn(1.5)
except ValueError as e: print(e)
