# A small convolutional classifier on patterns of stripes, with dropout and batch normalisation.
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(5)

def make_data(n):
    images, labels = [], []
    for i in range(n):
        image = torch.zeros(1, 8, 8)
        label = i % 2
        at = torch.randint(0, 8, (1,)).item()
        if label:
            image[0, at, :] = 1.0
        else:
            image[0, :, at] = 1.0
        images.append(image + 0.1 * torch.randn(1, 8, 8))
        labels.append(label)
    return torch.stack(images), torch.tensor(labels)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, kernel_size=3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(4)
        self.conv2 = nn.Conv2d(4, 8, 3)
        self.pool = nn.MaxPool2d(2, 2)
        self.dropout = nn.Dropout(0.25)
        self.fc1 = nn.Linear(8, 2)

    def forward(self, x):
        x = self.pool(F.relu(self.bn1(self.conv1(x))))
        x = self.pool(F.relu(self.conv2(x)))
        x = torch.flatten(x, 1)
        return self.fc1(self.dropout(x))

net = Net()
print(net)
X, y = make_data(32)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=5, gamma=0.5)
for epoch in range(12):
    net.train()
    optimizer.zero_grad()
    out = net(X)
    loss = criterion(out, y)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    optimizer.step()
    scheduler.step()
    if epoch % 4 == 3:
        net.eval()
        with torch.no_grad():
            accuracy = (net(X).argmax(1) == y).float().mean()
        print(f"epoch {epoch + 1:2d} loss {loss.item():.3f} accuracy {accuracy:.2f} lr {scheduler.get_last_lr()[0]:.4f}")
print(sum(p.numel() for p in net.parameters() if p.requires_grad))
