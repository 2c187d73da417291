import torch
def walked(*steps):
    a = torch.tensor([[0.5, -1.0], [3.0, 1.5]], requires_grad=True)
    b = a * 2
    b.retain_grad()
    b.sum().backward(retain_graph=True)
    for s in steps: s(b)
    print(b.grad, b.retains_grad)
    b.mul(3).sum().backward()
    print(b.grad, a.grad)
def sinh(b): b.sinh_()
def pow(b):
    with torch.no_grad(): b.pow_(2)
def data(b): b.data.mul_(2)
def tr(b): b.transpose_(0,-1)
def trn(b):
    with torch.no_grad(): b.transpose_(0,-1)
def uns(b): b.unsqueeze_(0)
for steps in ((sinh,), (pow,), (tr,), (sinh,pow), (pow,tr),(tr,pow),(sinh,tr),(sinh,pow,tr),(uns,),(pow,uns),(uns,pow),(uns,tr),(pow,pow,tr), (data,tr), (tr, data), (tr,tr), (trn,), (pow, trn), (trn, pow)):
    print([s.__name__ for s in steps])
    try: walked(*steps)
    except RuntimeError as e: print(str(e)[:60])
