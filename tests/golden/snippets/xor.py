import torch
import torch.nn.functional as F

# A hidden layer of three, fixed starting weights, plain descent by hand.
X = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
Y = torch.tensor([[0.0], [1.0], [1.0], [0.0]])
w1 = torch.tensor([[0.8, -0.6, 0.3], [-0.7, 0.9, 0.4]], requires_grad=True)
b1 = torch.zeros(3, requires_grad=True)
w2 = torch.tensor([[1.1], [0.9], [-0.5]], requires_grad=True)
b2 = torch.zeros(1, requires_grad=True)
params = [w1, b1, w2, b2]
lr = 0.5
for step in range(1001):
    h = torch.tanh(X @ w1 + b1)
    p = torch.sigmoid(h @ w2 + b2)
    loss = F.mse_loss(p, Y)
    loss.backward()
    with torch.no_grad():
        for w in params:
            w -= lr * w.grad
            w.grad.zero_()
    if step % 250 == 0:
        print(f"step {step:4d}  loss {loss.item():.4f}")
print((p > 0.5).int().flatten().tolist())
