import torch
import torch.nn.functional as F

def above(fn):
    return [None if f is None else f.name() for f, _ in fn.next_functions]

x = torch.tensor([1.0, 2.0], requires_grad=True)
c = torch.tensor([3.0, 4.0])
y = (x * 2 + c).sum()
print(y.grad_fn.name(), above(y.grad_fn), above(y.grad_fn.next_functions[0][0]))
print(above((x * x).grad_fn), above(torch.exp(x * c).grad_fn), above(((x @ x) ** 2).grad_fn))
with torch.set_grad_enabled(False):
    print((x * 2).requires_grad)
torch.set_grad_enabled(False)
print((x * 2).requires_grad, torch.is_grad_enabled())
torch.set_grad_enabled(True)
with torch.inference_mode():
    print((x * 2).requires_grad)
with torch.no_grad() as nothing, torch.enable_grad():
    print(nothing, (x * 2).requires_grad)
@torch.no_grad()
def f(a):
    return a * 2
class M(torch.nn.Module):
    @torch.no_grad()
    def forward(self, a):
        return a * 2
print(f(x).requires_grad, M()(x).requires_grad)
torch.set_printoptions(precision=2, sci_mode=False)
print(torch.tensor([1.23456, 1e-5]))
torch.set_printoptions(profile="default")
print(torch.autograd.gradcheck(lambda t: (t ** 3).sum(), torch.randn(3, dtype=torch.double, requires_grad=True)))
print(F.embedding(torch.tensor([[0, 2]]), torch.arange(6.0).reshape(3, 2).requires_grad_()))
print(torch.kthvalue(torch.tensor([3.0, 1.0, 2.0]), 2), torch.matmul(c, c, out=torch.empty(())))
print(torch.__version__.startswith("2."), torch.initial_seed() >= 0, torch.Generator().manual_seed(3).initial_seed())
