import torch, time
from contextlib import contextmanager
@contextmanager
def timer(name):
    t0 = time.time()
    print("start", name)
    try:
        yield "v"
    finally:
        print("end", name)
with timer("a") as v:
    print(v)
try:
    with timer("b"):
        raise ValueError("x")
except ValueError as e:
    print("caught", e)
@contextmanager
def swallow():
    try:
        yield
    except ZeroDivisionError as e:
        print("swallowed", e)
with swallow():
    1 / 0
print("after")
def gen():
    try:
        for i in range(5):
            with torch.no_grad():
                yield i, torch.is_grad_enabled()
    finally:
        print("closed")
for x in gen():
    print(x)
    if x[0] == 1:
        break
print(torch.is_grad_enabled())
def g2():
    for i in range(4):
        try:
            if i == 2: raise KeyError("k")
            yield i
        except KeyError as e:
            yield "err"
        else:
            yield "ok"
print(list(g2()))
@contextmanager
def evaluating(net):
    '''Temporarily switch to evaluation mode.'''
    istrain = net.training
    try:
        net.eval()
        yield net
    finally:
        if istrain:
            net.train()
net = torch.nn.Dropout(0.5)
with evaluating(net) as n:
    print(n.training, n(torch.ones(3)))
print(net.training)
