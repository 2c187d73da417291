import torch

# A view whose base was written to has a new history, and retains the gradient of that one.


def walked(write, ask, inputs):
    b = torch.tensor([1.0, 2.0], requires_grad=True)
    y = b.take(torch.tensor([0, 1]))
    c = y[0]
    c.retain_grad()
    before = c * 2
    with torch.no_grad():
        write(y, c)
    ask(c)
    print(c.retains_grad)
    d = c * 3
    (d + before).backward(inputs=[b] if inputs else None, retain_graph=True)
    print(c.grad, b.grad)
    with torch.no_grad():
        write(y, c)
    print(c.retains_grad, c.grad)
    (c * 5).backward()
    print(c.grad, b.grad)


for inputs in (False, True):
    for ask in (lambda c: None, lambda c: str(c)):
        walked(lambda y, c: c.detach().mul_(2), ask, inputs)
        walked(lambda y, c: y.mul_(2), ask, inputs)
        walked(lambda y, c: c.mul_(2), ask, inputs)
        walked(lambda y, c: y.data.mul_(2), ask, inputs)

for write in (lambda y, c: y.mul_(2), lambda y, c: c.mul_(2), lambda y, c: y[0].mul_(2), lambda y, c: y[1].mul_(2)):
    b = torch.tensor([1.0, 2.0], requires_grad=True)
    y = b * 2
    c = y[0]
    c.retain_grad()
    before = c * 2
    write(y, c)
    (c * 3 + before).backward()
    print(c.retains_grad, c.grad, b.grad)
