import torch
def loss_fn(pred: torch.Tensor, target: torch.Tensor, scale: float = 1.0) -> torch.Tensor:
    return scale * ((pred - target) ** 2).mean()
x: torch.Tensor = torch.tensor([1., 2.], requires_grad=True)
l = loss_fn(x, torch.zeros(2), scale=0.5)
l.backward()
print(l, x.grad)
