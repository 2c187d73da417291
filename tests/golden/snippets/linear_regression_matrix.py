import torch

X = torch.tensor([[1.0, 0.5], [0.2, -1.0], [-0.7, 0.3], [1.5, 2.0], [0.0, 1.0]])
true_w = torch.tensor([[2.0], [-3.4]])
y = X.mm(true_w) + 4.2
w = torch.zeros(2, 1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)

def linreg(X, w, b):
    return torch.matmul(X, w) + b

def squared_loss(y_hat, y):
    return (y_hat - y.reshape(y_hat.shape)) ** 2 / 2

def sgd(params, lr, batch_size):
    with torch.no_grad():
        for param in params:
            param -= lr * param.grad / batch_size
            param.grad.zero_()

for epoch in range(300):
    l = squared_loss(linreg(X, w, b), y).sum()
    l.backward()
    sgd([w, b], 0.3, len(X))
    if (epoch + 1) % 100 == 0:
        print(f"epoch {epoch + 1}, loss {float(l.detach()):.5f}")
print(w.shape, b.size())
print(torch.round(w.detach() * 100) / 100)
