import torch, torch.nn.functional as F
torch.manual_seed(0)
x = torch.randn(2, 3, 7, 5, requires_grad=True)
def g(y):
    x.grad = None
    w = torch.arange(1., y.numel() + 1).view(y.shape) / 7
    (y * w).sum().backward()
    print(y.grad_fn.name(), y.shape, y[0, 0], x.grad[0, 0])
def h(y):
    print(y.grad_fn.name(), y.shape, y[0, 0].mul(1000).round())
g(F.adaptive_avg_pool2d(x, (3, 2)))
g(F.adaptive_avg_pool2d(x, 1))
g(F.adaptive_avg_pool2d(x, (None, 1)))
g(F.adaptive_max_pool2d(x, (3, 2)))
print(F.adaptive_max_pool2d(x, (3, 2), return_indices=True)[1])
g(F.interpolate(x, size=(4, 9)))
g(F.interpolate(x, size=(4, 9), mode='nearest-exact'))
h(F.interpolate(x, size=(4, 9), mode='bilinear'))
h(F.interpolate(x, size=(4, 9), mode='bilinear', align_corners=True))
h(F.interpolate(x, scale_factor=2, mode='bilinear'))
h(F.interpolate(x, scale_factor=(2, 1.5), mode="bicubic"))
g(F.interpolate(x, size=(14, 3), mode='area'))
g(F.interpolate(x[0], scale_factor=2, mode='linear'))
g(F.avg_pool3d(x, (3, 2, 2)))
g(F.max_pool3d(x, (3, 2, 2)))
p, i = F.max_pool2d(x, 2, return_indices=True)

g(F.max_unpool2d(p, i, 2, output_size=x.size()))
g(F.pixel_unshuffle(x[:, :, :6, :4], 2))
g(F.pixel_shuffle(F.pixel_unshuffle(x[:, :, :6, :4], 2), 2))
g(F.channel_shuffle(x, 3))
z = torch.randn(1, 2, 9, requires_grad=True)
for y in (F.adaptive_avg_pool1d(z, 4), F.adaptive_max_pool1d(z, 4), F.adaptive_avg_pool1d(z, 1)):
    print(y, y.grad_fn.name())
v = torch.randn(1, 2, 4, 5, 6, requires_grad=True)
for y in (F.adaptive_avg_pool3d(v, (2, 2, 4)), F.adaptive_max_pool3d(v, 3), F.interpolate(v, size=(3, 3, 3), mode='trilinear')):
    print(y, y.grad_fn.name())
