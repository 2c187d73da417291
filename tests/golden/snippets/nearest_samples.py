import torch
import torch.nn.functional as F

# The nearest pixel does not move with its place: the gradient of the places is zero, and is there.
inf, nan = float("inf"), float("nan")
for padding in ("zeros", "border"):
    pixels = torch.arange(4.0).reshape(1, 1, 2, 2).requires_grad_()
    grid = torch.tensor([[[[0.3, -0.7], [5.0, 0.1], [-0.4, inf], [nan, 0.2]]]], requires_grad=True)
    samples = F.grid_sample(pixels, grid, mode="nearest", padding_mode=padding, align_corners=True)
    print(samples)
    samples.backward(torch.tensor([[[[1.0, 2.0, 3.0, 4.0]]]]))
    print(pixels.grad, grid.grad)

grid = torch.zeros(1, 1, 2, 2, requires_grad=True)
samples = F.grid_sample(torch.ones(1, 1, 2, 2), grid, mode="nearest", align_corners=True)
print(samples)
samples.backward(torch.full((1, 1, 1, 2), inf))
print(grid.grad)

# A place that is no number has no pixel.
for padding in ("zeros", "border"):
    grid = torch.tensor([[[[0.5, 0.0], [nan, 0.0], [0.0, -inf]]]])
    print(F.grid_sample(pixels.detach(), grid, padding_mode=padding, align_corners=False))
