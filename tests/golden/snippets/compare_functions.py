import torch
a = torch.tensor([1.0, 2.0, 3.0])
b = torch.tensor([1.0, 2.0, 3.0000001])
print(torch.allclose(a, b), torch.equal(a, b), torch.isclose(a, b))
print(torch.eq(a, b), a.eq(b).all(), (a == b).all().item())
print(torch.allclose(a, a + 1e-3, atol=1e-2))
print(a.allclose(b), a.equal(b))
print(torch.isclose(a, torch.tensor([1.0, 2.1, float('nan')])))
