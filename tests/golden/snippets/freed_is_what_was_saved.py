import torch
import torch.nn.functional as F


def twice(name, f):
    """What the leaf that alone requires grad gets of two walks, and whether the second was refused."""
    x = torch.tensor([[1.0, 2.0], [3.0, 5.0]], requires_grad=True)
    y = f(x)
    y.sum().backward()
    try:
        y.sum().backward()
        print(name, "walked twice", x.grad)
    except RuntimeError as error:
        print(name, str(error)[:47])


ones = torch.ones(2, 2)
kernel = torch.ones(2, 2, 1)
# What is saved for another gradient is saved all the same.
twice("addcdiv", lambda x: torch.addcdiv(x, ones, ones))
twice("addcmul", lambda x: torch.addcmul(x, ones, ones))
twice("conv1d", lambda x: F.conv1d(ones, kernel, x[0]))
twice("conv2d", lambda x: F.conv2d(ones[None, None], kernel[None, :1], x[0, :1]))
twice("conv_transpose1d", lambda x: F.conv_transpose1d(ones, kernel, x[0]))
twice("layer_norm", lambda x: F.layer_norm(ones, (2,), ones[0], x[0]))
twice("batch_norm", lambda x: F.batch_norm(ones, None, None, ones[0], x[0], training=True))
twice("index_put", lambda x: x.index_put((torch.tensor([0]), torch.tensor([1])), ones[0, :1], accumulate=True))
# What is made larger or smaller by weights that only sizes tell saves nothing.
for mode in ("nearest", "nearest-exact", "bilinear", "bicubic", "area"):
    twice(mode, lambda x: F.interpolate(x[None, None], scale_factor=2, mode=mode))
twice("linear", lambda x: F.interpolate(x[None], size=3, mode="linear"))
twice("align_corners", lambda x: F.interpolate(x[None, None], size=(3, 3), mode="bilinear", align_corners=True))
