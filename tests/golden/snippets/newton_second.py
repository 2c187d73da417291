import torch
x = torch.tensor(3.0, requires_grad=True)
for i in range(6):
    f = x ** 4 - 3 * x ** 3 + 2
    df, = torch.autograd.grad(f, x, create_graph=True)
    ddf, = torch.autograd.grad(df, x)
    with torch.no_grad():
        x -= df / ddf
    print(i, round(x.item(), 4))
