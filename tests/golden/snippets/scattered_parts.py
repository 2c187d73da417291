"""Parts that are replaced, dtypes that meet, functions that write, and what recorded Jacobians are made of."""
import torch
import torch.nn.functional as F
x = torch.tensor([[1., -2.], [3., -0.]], requires_grad=True)
print(torch.signbit(x), torch.signbit(torch.tensor([-1, 2])), x.real.grad_fn, x.real is x)
print(x.new_tensor([1, 2]), torch.tensor(1).new_tensor([1.5]), x.new_tensor(3, dtype=torch.int64, requires_grad=False))
print(torch.promote_types(torch.int8, torch.float16), torch.result_type(x, 2), torch.result_type(torch.tensor(1), 2.5), torch.result_type(torch.tensor([1]), torch.tensor(2.)))
y = torch.select_scatter(x*1, torch.tensor([7., 8.]), 0, 1)
z = torch.slice_scatter(x, x[:1]*2, 0, 0, 1)
w = torch.diagonal_scatter(x, torch.ones(2))
print(y, z, w)
(y.sum()+ (z*z).sum() + w.sum()).backward()
print(x.grad)
for f in (lambda: torch.slice_scatter(x, torch.ones(3), 0), lambda: torch.add(x, 1, out=torch.zeros(2, 2)), lambda: torch.relu_(2.0), lambda: F.relu_(x),
  lambda: torch.autograd.grad(x.sum(), x, allow_unused=False, materialize_grads=True), lambda: torch.select_scatter(x, torch.ones(1), 0, 1), lambda: torch.matmul(x, x, out=torch.zeros(2,2)),
  lambda: F.scaled_dot_product_attention(x[0], x, x)):
    try: print(f())
    except Exception as e: print(str(e)[:110])
r = torch.tensor([-1., 2.])
F.relu_(r); torch.exp_(r); print(r)
print(torch.autograd.functional.jacobian(lambda t: t**2, torch.tensor([1., 2.]), create_graph=True).requires_grad)
print(torch.autograd.functional.jacobian(lambda t: t*2, torch.tensor([1., 2.]), create_graph=True).requires_grad)
print(torch.autograd.functional.jacobian(lambda t: torch.where(t>1,t,0.), torch.tensor([1., 2.],requires_grad=True), create_graph=True).requires_grad)
a, b = torch.autograd.functional.vjp(lambda t: t**2, torch.tensor([1., 2.]), torch.ones(2), create_graph=True)
print(a.requires_grad, b.requires_grad)
print(torch.func.jacrev(lambda t: t**2)(torch.tensor([1., 2.])).requires_grad)

print(F.pad(x, (1,0), 'circular'), torch.diff(x, n=0))
u = x.unique(); print(u)
u, c = x.unique(return_counts=True); print(u, c)
for f in (lambda: u.sum().backward(), lambda: x.index_fill(0, torch.tensor([[0]]), 1.), lambda: torch.func.grad(torch.func.grad(lambda t: t*t))(x),
  lambda: torch.autograd.functional.jacobian(lambda t: t*2, x, create_graph=True, strict=True).requires_grad,
  lambda: torch.autograd.functional.jacobian(lambda t: t*t, x, create_graph=True, strict=True).requires_grad,
  lambda: x.index_reduce(-1,torch.tensor([[0], [1]]),x,'amin'),
  lambda: torch.func.vmap(lambda t: t*2)(x), lambda: torch.func.vmap(lambda t: t.sin().exp())(x)):
    try: print(f())
    except Exception as e: print(str(e)[:150])
