import torch
params = [torch.tensor([1.0, -1.0], requires_grad=True), torch.tensor(0.5, requires_grad=True)]
lr = 0.1
X = torch.tensor([[1., 2.], [3., 4.], [5., 6.]])
t = torch.tensor([1., 2., 3.])
for epoch in range(5):
    pred = X @ params[0] + params[1]
    loss = ((pred - t) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        for p in params:
            p -= lr * 0.1 * p.grad
            p.grad = None
    print('epoch %d loss %.4f' % (epoch + 1, loss.item()))
print(params)
