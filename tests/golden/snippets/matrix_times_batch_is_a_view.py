import torch


def told(f):
    try:
        print(f())
    except RuntimeError as error:
        print(str(error)[:70])


def name(x):
    return x._version, x.grad_fn.name() if x.grad_fn else None


# A matrix times a batch is computed turned round, and what is shown is a view of that.
m = torch.arange(6.0).reshape(2, 3).requires_grad_()
for size in ((2, 3, 2), (2, 3, 1), (1, 3, 2)):
    a = torch.ones(size, requires_grad=True)
    for left in (m, m[:1], m.detach()):
        for multiplied in (lambda x, y: x @ y, torch.matmul):

            def written():
                c = multiplied(left, a)
                print(name(c), name(c[0]))
                c.mul_(2)
                return name(c)

            def written_in_part():
                c = multiplied(left, a)
                part = c[0]
                part.mul_(3)
                print(name(c), name(part))
                c.sum().backward()
                return m.grad, a.grad

            def overwritten():
                c = multiplied(left, a)
                e = c.square()
                c.add_(1)
                e.sum().backward()
                return name(c), a.grad

            def retained():
                c = multiplied(left, a)
                c.retain_grad()
                c.mul_(2)
                c.sum().backward()
                return c.grad

            for each in (written, written_in_part, overwritten, retained):
                told(each)
            m.grad = a.grad = None
