import torch


def told(call):
    try:
        print(call())
    except RuntimeError as error:
        print(str(error).splitlines()[0])


def shown(shape, dtype, factor):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * factor if factor else x
    y.data = torch.ones(shape, dtype=dtype)
    print(y, y.is_leaf)
    (y * y).sum().backward()
    return x.grad


told(lambda: shown((2,), torch.float32, 2))
told(lambda: shown((2, 2), torch.float32, 2))
told(lambda: shown((2,), torch.float64, 2))
told(lambda: shown((2,), torch.int64, 2))
told(lambda: shown((3,), torch.float32, 0))
told(lambda: shown((2,), torch.float64, 0))
told(lambda: shown((2,), torch.int64, 0))


def overwritten(of_x, of_y, which):
    x = torch.tensor([1.0, 2.0], requires_grad=of_x)
    y = torch.tensor([0.0, 3.0], requires_grad=of_y)
    z = torch.ldexp(x, y)
    w = z * 1
    with torch.no_grad():
        (x, y, z)[which].add_(1)
    w.sum().backward()
    return x.grad, y.grad


for of_x, of_y in ((True, False), (False, True), (True, True)):
    for which in range(3):
        told(lambda: overwritten(of_x, of_y, which))
