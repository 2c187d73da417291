"""Dual tensors of torch.autograd.forward_ad, beside the transform of torch.func."""
import torch
import torch.autograd.forward_ad as fwAD

primal, tangent = torch.tensor([1.0, 2.0, 3.0]), torch.tensor([1.0, 0.0, -1.0])


def fn(x, y):
    return x ** 2 + y ** 2


with fwAD.dual_level():
    dual = fwAD.make_dual(primal, tangent)
    print(fwAD.unpack_dual(dual).tangent is tangent)
    found = fn(dual, torch.full((3,), 0.5))
    print(fwAD.unpack_dual(found).tangent, fwAD.unpack_dual(found).primal)
    print(fwAD.unpack_dual(primal).tangent, fwAD.unpack_dual(primal * 2).tangent)
    both = fn(dual, fwAD.make_dual(torch.ones(3), torch.full((3,), 2.0)))
    print(fwAD.unpack_dual(both).tangent, fwAD.unpack_dual(both.sum()).tangent)
print(fwAD.unpack_dual(found).tangent)
model = torch.nn.Linear(3, 2)
with torch.no_grad():
    model.weight.copy_(torch.arange(6.0).view(2, 3))
params = dict(model.named_parameters())
with fwAD.dual_level():
    for name, p in params.items():
        delattr(model, name)
        setattr(model, name, fwAD.make_dual(p, torch.ones_like(p)))
    out = model(primal)
    print(fwAD.unpack_dual(out).tangent.detach(), hasattr(model, "weight"), getattr(model, "none", 3))
try:
    fwAD.make_dual(primal, tangent)
except RuntimeError as e:
    print(e)
print(torch.func.jvp(fn, (primal, torch.ones(3)), (tangent, torch.zeros(3)))[1])
print(tuple(fwAD.unpack_dual(3.0)), fwAD.unpack_dual(primal).tangent)
with fwAD.dual_level():
    for wrong in (lambda: fwAD.make_dual(2.0, primal), lambda: fwAD.make_dual(primal, 2.0), lambda: fwAD.unpack_dual(3.0)):
        try:
            wrong()
        except (AttributeError, TypeError) as error:
            print(error)
