import torch
import torch.nn as nn
import torch.optim as optim

torch.manual_seed(1)
X = torch.tensor([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=torch.float32)
Y = torch.tensor([[0], [1], [1], [0]], dtype=torch.float32)


class XORNet(nn.Module):
    def __init__(self, hidden=4):
        super(XORNet, self).__init__()
        self.fc1 = nn.Linear(2, hidden)
        self.act = nn.Tanh()
        self.fc2 = nn.Linear(hidden, 1)

    def forward(self, x):
        x = self.act(self.fc1(x))
        return torch.sigmoid(self.fc2(x))


model = XORNet()
print(model)
for name, param in model.named_parameters():
    print(name, tuple(param.shape), param.requires_grad)
total = sum(p.numel() for p in model.parameters() if p.requires_grad)
print("parameters:", total)
criterion = nn.BCELoss()
optimizer = optim.Adam(model.parameters(), lr=0.05)
scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=100, gamma=0.5)
best_loss, best_state = float("inf"), None
history = []
for epoch in range(1, 301):
    optimizer.zero_grad()
    output = model(X)
    loss = criterion(output, Y)
    loss.backward()
    optimizer.step()
    scheduler.step()
    history.append(loss.item())
    if loss.item() < best_loss:
        best_loss = loss.item()
        best_state = {k: v.clone() for k, v in model.state_dict().items()}
    if epoch % 50 == 0:
        print(f"Epoch [{epoch}/300], Loss: {loss.item():.4f}, lr: {scheduler.get_last_lr()[0]:.4f}")
model.load_state_dict(best_state)
model.eval()
with torch.no_grad():
    predicted = model(X).round()
    accuracy = predicted.eq(Y).float().mean()
    for inp, out in zip(X, predicted):
        print(f"{inp.tolist()} -> {int(out.item())}")
    print("accuracy: {:.2f}%".format(accuracy * 100))
print(list(best_state.keys()))
print(optimizer)
print(max(history) > min(history), len(history))
sd = optimizer.state_dict()
print(sd["param_groups"][0]["lr"], sd["state"].keys(), sd["state"][0]["step"], sd["state"][0]["exp_avg"].shape)
