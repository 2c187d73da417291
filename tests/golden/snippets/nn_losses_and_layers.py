import torch
from torch import nn

torch.manual_seed(5)
x, t = torch.randn(4, 3, requires_grad=True), torch.randn(4, 3)
labels = torch.tensor([0, 2, 1, 1])
bits = torch.tensor([[0.0, 1.0, 1.0]] * 4)
for loss in (nn.MSELoss(), nn.MSELoss(reduction="sum"), nn.MSELoss(size_average=False), nn.L1Loss(), nn.SmoothL1Loss(),
             nn.HuberLoss(delta=0.5)):
    print(loss, loss(x, t))
print(nn.CrossEntropyLoss()(x, labels), nn.CrossEntropyLoss(label_smoothing=0.1, reduction="none")(x, labels))
print(nn.NLLLoss()(nn.LogSoftmax(dim=1)(x), labels), nn.BCELoss()(torch.sigmoid(x), bits), nn.BCEWithLogitsLoss()(x, bits))
print(nn.KLDivLoss(reduction="batchmean")(torch.log_softmax(x, 1), torch.softmax(t, 1)))
acts = [nn.ReLU(), nn.LeakyReLU(0.2), nn.ELU(), nn.SELU(), nn.GELU(), nn.SiLU(), nn.Tanh(), nn.Sigmoid(), nn.Softplus(),
        nn.Softmax(dim=-1), nn.Hardtanh(), nn.ReLU6(), nn.Softsign(), nn.LogSigmoid(), nn.Identity(), nn.Mish()]
for act in acts:
    print(act, act(x.detach())[0])
drop = nn.Dropout(0.4)
print(drop(torch.ones(6)), drop.eval()(torch.ones(6)))
norm = nn.LayerNorm(3)
print(norm(x), nn.BatchNorm1d(3)(x).detach())
bn = nn.BatchNorm1d(3, momentum=0.5)
bn(t)
print(bn.running_mean, bn.running_var, bn.num_batches_tracked, bn.eval()(t))
net = nn.Sequential(nn.Conv2d(1, 2, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8, 2))
print(net, net(torch.randn(3, 1, 4, 4)).shape)
emb = nn.Embedding(10, 3, padding_idx=0)
out = emb(torch.tensor([[1, 0], [2, 2]]))
out.sum().backward()
print(out, emb.weight.grad[:4])
