import torch
x = torch.tensor(1.23456, requires_grad=True)
y = x * 2
print(f"{x}")
print(f"{x.item():.2f} {y.item():8.3f} {y.item():<8.1f}|{x.item():e}")
print(f"y = {y}")
print(f"{'name':>10} {3:03d} {1000000:,} {0.256:.1%}")
print(f"{y.item()=:.3f}")
v = torch.tensor([1., 2.])
print(f"{v} and {v.shape} and {v.tolist()}")
print(f"{x:.3f}")
i = 3
print(f"step {i:>5}: {y.detach():.4f}")
print(f"{{literal}} {i!r} {'a'!r}")
