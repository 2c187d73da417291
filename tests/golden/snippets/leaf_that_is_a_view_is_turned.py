# A leaf may be a view of memory that has no history; turned in place it is a leaf of another shape.
import torch

turns = (
    lambda x: x.t_(),
    lambda x: x.unsqueeze_(1),
    lambda x: x.squeeze_(),
    lambda x: x.transpose_(0, 1).t_(),
    lambda x: x.swapaxes_(0, 1),
)
for memory in (torch.linspace(-1, 2, 6), torch.linspace(-1, 2, 12)[::2]):
    for grad in (True, False):
        for turn in turns:
            for part in (2, 1):
                b = memory * 1 if part == 1 else memory
                x = b.view(2, 3)[:part]
                if grad:
                    x.requires_grad_()
                    x.register_hook(lambda g: print("hook", g))
                with torch.no_grad():
                    turn(x)
                print(x.shape, x.is_leaf, x._version, x)
                for _ in range(2):
                    if grad:
                        (x * x).sum().backward()
                    print(x.grad)
                    with torch.no_grad():
                        x *= 2
                    b[0] = 7.0
                    print(x, b)
