"""Samplers of torch.utils.data, alone and given to a loader; batches put together by hand; models by their paths."""
import torch
from torch import nn
from torch.utils.data import BatchSampler, DataLoader, RandomSampler, SequentialSampler, SubsetRandomSampler, TensorDataset, default_collate

torch.manual_seed(1)
data = TensorDataset(torch.arange(7.0))
batches = BatchSampler(SequentialSampler(data), batch_size=3, drop_last=False)
print(list(batches), len(batches), len(BatchSampler(range(7), 3, True)), list(BatchSampler(range(7), 3, True)))
random = RandomSampler(data)
print(list(random), list(random), len(random), list(RandomSampler(data, num_samples=9)))
print(list(RandomSampler(data, replacement=True, num_samples=40)), list(SubsetRandomSampler([3, 5, 6])))
for part in (DataLoader(data, batch_sampler=batches), DataLoader(data, batch_size=2, sampler=SubsetRandomSampler(range(5)))):
    print(len(part), [each[0].tolist() for each in part])
print(default_collate([(1, 2.0), (3, 4.0)]), default_collate(["a", "b"]), default_collate([{"k": torch.ones(2)}, {"k": torch.zeros(2)}]))
net = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.BatchNorm1d(2), nn.RReLU()))
print(net.get_submodule("1.1"), net.get_parameter("1.0.weight"), net.get_buffer("1.0.num_batches_tracked"), net.get_submodule("") is net)
for path in ("2", "1.5"):
    try:
        net.get_submodule(path)
    except AttributeError as error:
        print(error)
state = net.state_dict()
state["more"] = torch.ones(1)
del state["0.bias"]
for wrong in (state, {**net.state_dict(), "0.bias": torch.zeros(3)}):
    try:
        net.load_state_dict(wrong)
    except RuntimeError as error:
        print(error)
x = torch.linspace(-3, 3, 7, requires_grad=True)
y = net[1][1](x)
y.sum().backward()
print(y, x.grad, nn.functional.rrelu(x, 0.1, 0.2), nn.RReLU(0.1, 0.3).eval()(x))
scores = torch.tensor([[0.1, 0.2, 0.4, 0.8], [0.3, -0.2, 0.0, 1.0]], requires_grad=True)
labels = torch.tensor([[3, 0, -1, 1], [1, -1, 0, 2]])
for reduction in ("mean", "sum", "none"):
    scores.grad = None
    loss = nn.MultiLabelMarginLoss(reduction=reduction)(scores, labels)
    loss.sum().backward()
    print(loss, scores.grad)
print(nn.functional.multilabel_margin_loss(scores[0], labels[0]))
with torch.device("cpu"):
    print(torch.zeros(1).device)

for training in (False, True):
    x = torch.tensor([1.0, -1.0], requires_grad=True)
    slope = torch.autograd.grad(torch.nn.functional.rrelu(x, training=training).sum(), x, create_graph=True)[0]
    print(slope.requires_grad, torch.autograd.grad(slope.sum(), x))
for wrong in (lambda: RandomSampler([]), lambda: RandomSampler(data, num_samples=-1), lambda: BatchSampler(range(3), 0, False), lambda: BatchSampler(range(3), 2.0, False)):
    try:
        wrong()
    except ValueError as error:
        print(error)
