import torch
from torch import nn

torch.manual_seed(7)
n, batch_size = 100, 20
true_w, true_b = torch.tensor([2.0, -3.4]), 4.2
X = torch.normal(0, 1, (n, len(true_w)))
y = torch.matmul(X, true_w) + true_b
y += torch.normal(0, 0.01, y.shape)
y = y.reshape((-1, 1))
print("features:", X[0], "\nlabel:", y[0])


def data_iter(batch_size, features, labels):
    num_examples = len(features)
    indices = torch.randperm(num_examples)
    batches = []
    for i in range(0, num_examples, batch_size):
        batch = indices[i : min(i + batch_size, num_examples)]
        batches.append((features[batch], labels[batch]))
    return batches


net = nn.Sequential(nn.Linear(2, 1))
net[0].weight.data.normal_(0, 0.01)
net[0].bias.data.fill_(0)
loss = nn.MSELoss()
trainer = torch.optim.SGD(net.parameters(), lr=0.03, momentum=0.9, weight_decay=1e-4)
sched = torch.optim.lr_scheduler.ExponentialLR(trainer, gamma=0.9)
best = {"epoch": -1, "loss": float("inf")}
for epoch in range(5):
    running = 0.0
    for k, (Xb, yb) in enumerate(data_iter(batch_size, X, y)):
        l = loss(net(Xb), yb)
        trainer.zero_grad()
        l.backward()
        nn.utils.clip_grad_norm_(net.parameters(), max_norm=5.0)
        trainer.step()
        running += l.item() * len(Xb)
    sched.step()
    with torch.no_grad():
        epoch_loss = loss(net(X), y)
    if epoch_loss < best["loss"]:
        best.update(epoch=epoch, loss=epoch_loss.item())
    print(f"epoch {epoch + 1}, loss {epoch_loss:.3f}, running {running / n:.3f}, lr {trainer.param_groups[0]['lr']:.5f}")
w = net[0].weight.data
print("error in estimating w:", (true_w - w.reshape(true_w.shape)).abs() < 0.05)
b = net[0].bias.data
print("error in estimating b:", (true_b - b).abs().item() < 0.05)
print(best["epoch"], "%.5f" % best["loss"])
print({k: tuple(v.shape) for k, v in net.state_dict().items()})
for g in trainer.param_groups:
    g["lr"] = 0.01
    print(sorted(k for k in g if k != "params"))
print(sched.state_dict()["last_epoch"], sched.get_last_lr())
checkpoint = {"model": net.state_dict(), "optim": trainer.state_dict(), "epoch": epoch}
print(checkpoint["optim"]["state"][0]["momentum_buffer"].shape, checkpoint["epoch"])
net2 = nn.Sequential(nn.Linear(2, 1))
trainer2 = torch.optim.SGD(net2.parameters(), lr=0.1, momentum=0.9)
net2.load_state_dict(checkpoint["model"])
trainer2.load_state_dict(checkpoint["optim"])
print(trainer2.param_groups[0]["lr"], torch.equal(net2[0].weight, net[0].weight))
print(trainer2)
