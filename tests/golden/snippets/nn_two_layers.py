import torch
from torch import nn

torch.manual_seed(42)
x = torch.linspace(0, 1, 8).reshape(8, 1)
y = 3 * x * x - 1
model = nn.Sequential(nn.Linear(1, 16), nn.ReLU(), nn.Linear(16, 1))
print(model)
print(model[0].weight[:3], model[0].bias[:3])
print([(name, tuple(p.shape)) for name, p in model.named_parameters()])
loss_fn = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
for epoch in range(40):
    pred = model(x)
    loss = loss_fn(pred, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 10 == 9:
        print(f"epoch {epoch + 1}: loss {loss.item():.4f}")
with torch.no_grad():
    print(model(torch.tensor([[0.5]])).item() < 0)
