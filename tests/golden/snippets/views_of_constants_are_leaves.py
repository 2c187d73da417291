import torch

# A view of a constant that got a history is a leaf until an operation reads it.
for second in (False, True):
    for write in ("mul", "item", "scatter"):
        a = torch.tensor([1.0, 2.0], requires_grad=True)
        b = torch.tensor([3.0, 4.0])
        c = b[:]
        for _ in range(2 if second else 1):
            if write == "mul":
                b.mul_(a)
            elif write == "item":
                b[0] = a[0]
            else:
                b.scatter_(0, torch.tensor([0]), a[:1])
        for work in (lambda c: c.abs_(), lambda c: torch.nn.functional.leaky_relu(c, 0.1, True)):
            try:
                work(c)
                print("written")
            except RuntimeError as error:
                print(error)

# What is broadcast to its own shape is a view, whatever is chosen of it.
for shape in ((), (1,), (1, 1)):
    b = torch.tensor(0.5)
    c = b.expand(shape)
    c[c > 0] = 0.25
    print(b, c)
    c[True] = 4.0
    print(b, c)
    c[None][c[None] > 1] = 3.0
    print(b, c)
    c[torch.tensor(True)] *= 2
    print(b, c)
