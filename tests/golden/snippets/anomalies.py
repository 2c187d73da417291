import torch
import torch.nn.functional as F


def told(f):
    try:
        f()
        print("no error")
    except RuntimeError as error:
        print(error)


def leaf(*numbers):
    return torch.tensor(numbers, requires_grad=True)


x = leaf(0.0, 1.0)
told(lambda: (x.sqrt() * 0).sum().backward())
with torch.autograd.set_detect_anomaly(True):
    told(lambda: (x.sqrt() * 0).sum().backward())
    told(lambda: torch.autograd.grad((x * torch.tensor([float("inf"), 1.0])).prod() * 0, [x]))
    told(lambda: (x / x).sum().backward())
    told(lambda: torch.atan2(leaf(0.0), leaf(0.0)).backward())
    told(lambda: torch.stack([x, leaf(-1.0, 2.0) ** 0.5]).sum().backward())
    told(lambda: x.backward(torch.tensor([float("nan"), 1.0])))
    told(lambda: (x * 2).backward(torch.tensor([float("nan"), 1.0])))
    told(lambda: F.linear(leaf(1.0, 2.0), leaf(1.0, 2.0)[None], leaf(1.0)).backward(torch.tensor([float("nan")])))
    told(lambda: F.linear(leaf(1.0, 2.0)[None], leaf(1.0, float("inf"))[None], leaf(1.0)).backward(torch.zeros(1, 1)))
    told(lambda: (x * x).sum().backward(create_graph=True))
    with torch.autograd.set_detect_anomaly(False):
        told(lambda: (x.sqrt() * 0).sum().backward())
    with torch.autograd.set_detect_anomaly(True, check_nan=False):
        told(lambda: (x.sqrt() * 0).sum().backward())
    told(lambda: (x.sqrt() * 0).sum().backward())
told(lambda: (x.sqrt() * 0).sum().backward())
with torch.autograd.detect_anomaly():
    told(lambda: x.log().sum().backward())
    told(lambda: (x.log() * 0).sum().backward())
torch.autograd.set_detect_anomaly(True)
told(lambda: (x.rsqrt() * 0).sum().backward())
torch.autograd.set_detect_anomaly(False)
told(lambda: (x.rsqrt() * 0).sum().backward())

try:
    with torch.autograd.set_detect_anomaly(True):
        raise ValueError("left")
except ValueError as error:
    print(error)
told(lambda: (x.rsqrt() * 0).sum().backward())
mode = torch.autograd.set_detect_anomaly(True)
with torch.no_grad(), mode:
    pass
with torch.enable_grad(), torch.autograd.set_detect_anomaly(False):
    told(lambda: (x.rsqrt() * 0).sum().backward())
told(lambda: (x.rsqrt() * 0).sum().backward())
