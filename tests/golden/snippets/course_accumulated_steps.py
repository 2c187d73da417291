import torch, copy
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split, Dataset
torch.manual_seed(0)
class Toy(Dataset):
    def __init__(self, n=32, transform=None):
        self.x = torch.randn(n, 4)
        self.y = (self.x.sum(1) > 0).long()
        self.transform = transform
    def __len__(self):
        return len(self.x)
    def __getitem__(self, idx):
        sample = self.x[idx], self.y[idx]
        return self.transform(sample) if self.transform else sample
ds = Toy(transform=lambda s: (s[0] * 2, s[1]))
print(len(ds), ds[3])
train, val = random_split(ds, [24, 8], generator=torch.Generator().manual_seed(42))
print(train.indices[:5], len(val))
tl = DataLoader(train, batch_size=5, shuffle=True, drop_last=False)
vl = DataLoader(val, batch_size=4)
print(len(tl), len(vl))
for i, (xb, yb) in enumerate(tl):
    print(i, xb.shape, yb)
model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Dropout(0.2), nn.Linear(8, 2))
opt = torch.optim.AdamW(model.parameters(), lr=0.05)
loss_fn = nn.CrossEntropyLoss()
accum = 2
best, best_state, wait, patience = float('inf'), None, 0, 2
for epoch in range(6):
    model.train()
    running = 0.0
    opt.zero_grad(set_to_none=True)
    for i, (xb, yb) in enumerate(tl, start=1):
        loss = loss_fn(model(xb), yb) / accum
        loss.backward()
        running += loss.item() * accum
        if i % accum == 0 or i == len(tl):
            opt.step()
            opt.zero_grad()
    model.eval()
    with torch.inference_mode():
        vloss = sum(loss_fn(model(a), b).item() * a.size(0) for a, b in vl) / len(val)
        correct = sum((model(a).argmax(1) == b).sum().item() for a, b in vl)
    print(f'epoch {epoch}: train {running/len(tl):.4f} val {vloss:.4f} acc {100.*correct/len(val):.1f}%')
    if vloss < best - 1e-4:
        best, wait = vloss, 0
        best_state = copy.deepcopy(model.state_dict())
    else:
        wait += 1
        if wait >= patience:
            print('early stopping'); break
print(model.load_state_dict(best_state))
print({k: tuple(v.shape) for k, v in model.state_dict().items()})
a, b = next(iter(vl))
print(torch.softmax(model(a), dim=-1))
s1, s2 = random_split(range(10), [0.3, 0.7], generator=torch.Generator().manual_seed(1))
print(list(s1), list(s2))
