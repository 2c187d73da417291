import torch
import torch.nn.functional as F
torch.manual_seed(0)
torch.set_printoptions(precision=1)
x = torch.randn(2, 3, 4, 5, requires_grad=True)
theta = torch.tensor([[[0.93, 0.13, 0.07], [-0.23, 1.13, 0.31]], [[1., 0., 0.], [0., 1., 0.]]], requires_grad=True)
for corners in (False, True):
    grid = F.affine_grid(theta, x.size(), align_corners=corners)
    print(grid.shape, grid.grad_fn.name())
    print(grid[0, :2])
    for mode in ("bilinear", "nearest"):
        for padding in ("zeros", "border"):
            y = F.grid_sample(x, grid, mode=mode, padding_mode=padding, align_corners=corners)
            print(mode, padding, y.grad_fn.name(), y.shape)
            print(y[0, 0])
            wrt = (x, theta) if mode == "bilinear" else (x,)
            gx, *gt = torch.autograd.grad((y * torch.arange(y.numel()).view_as(y) / 100).sum(), wrt, retain_graph=True)
            print(gx[0, 1], gt)
print(F.affine_grid(torch.eye(2, 3).unsqueeze(0), (1, 1, 1, 3), align_corners=False))
