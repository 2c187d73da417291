"""Images of no size, no windows, and sizes that interpolate and pooling refuse."""
import torch
import torch.nn.functional as F


def told(work):
    try:
        print(work())
    except (RuntimeError, ValueError, NotImplementedError) as error:
        print(str(error).split(". Please")[0])


x, image = torch.zeros(1, 1, 2), torch.zeros(2, 3, 3, requires_grad=True)
told(lambda: F.interpolate(x, 0))
told(lambda: F.interpolate(x[None], scale_factor=(1, 0.1)))
told(lambda: F.interpolate(x[..., :0], 3))
told(lambda: F.interpolate(x[:, :0], 3))
told(lambda: F.interpolate(x, (3, 4)))
told(lambda: F.interpolate(x, scale_factor=(3, 4)))
told(lambda: F.interpolate(x, 3, recompute_scale_factor=True))
told(lambda: F.interpolate(x[0], 3))
told(lambda: F.adaptive_avg_pool2d(image, 0).sum())
told(lambda: F.adaptive_max_pool2d(image, 0).shape)
for pool in (F.adaptive_avg_pool1d, F.adaptive_max_pool1d):
    told(lambda: pool(torch.zeros(1, 0, 3), 2).shape)
for pool in (F.adaptive_avg_pool2d, F.adaptive_max_pool2d):
    told(lambda: pool(torch.zeros(1, 0, 3, 4), 2).shape)
    told(lambda: pool(torch.zeros(1, 3, 4, 0), 2))
told(lambda: F.adaptive_avg_pool3d(torch.zeros(1, 0, 3, 3, 3), 2))
