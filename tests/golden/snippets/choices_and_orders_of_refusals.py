"""Choices of elements, pieces, results that are resized, writes through `.data`, and which fault is named first."""
import torch
import torch.nn.functional as F

def t(f):
    try: print(f())
    except Exception as e: print(type(e).__name__, str(e).splitlines()[0][:150])
x = torch.tensor([1., 2., 3.], requires_grad=True); y = torch.tensor([4., 5.], requires_grad=True); m = torch.arange(8.).reshape(2, 4).requires_grad_()
t(lambda: torch.cartesian_prod(x, y)); t(lambda: torch.cartesian_prod(x)); t(lambda: torch.cartesian_prod(m, y)); t(lambda: torch.cartesian_prod(x, y, y).shape); t(lambda: torch.cartesian_prod(x, torch.tensor([1])))
t(lambda: torch.combinations(x)); t(lambda: torch.combinations(x, 3)); t(lambda: torch.combinations(x, with_replacement=True)); t(lambda: torch.combinations(m)); t(lambda: torch.combinations(x, 0)); t(lambda: torch.combinations(x, -1)); t(lambda: torch.combinations(x, 4)); t(lambda: torch.combinations(torch.tensor([1, 2, 3]), 1))
t(lambda: m.sum_to_size(2, 1)); t(lambda: m.sum_to_size(2, 4)); t(lambda: m.sum_to_size(3)); t(lambda: m.sum_to_size(1, 1)); t(lambda: m.sum_to_size(1, 2, 4))
t(lambda: torch.hsplit(m, 2)); t(lambda: torch.hsplit(x, 3)); t(lambda: torch.vsplit(m, 2)); t(lambda: torch.hsplit(m, [1])); t(lambda: torch.hsplit(m, 3)); t(lambda: torch.vsplit(x, 1)); t(lambda: torch.dsplit(m, 1)); t(lambda: torch.hsplit(torch.tensor(1.), 1)); t(lambda: m.hsplit(2)[0]); t(lambda: torch.vsplit(m, 3)); t(lambda: torch.dsplit(torch.ones(1,1,2), 2)); t(lambda: torch.hsplit(m, 0))
t(lambda: m[slice(0, 1)]); t(lambda: x[slice(None, None, 2)]); t(lambda: x[slice(1)])
o = torch.zeros(5); t(lambda: torch.sum(m.detach(), 0, out=o)); print(o)
o = torch.empty(0); torch.add(torch.ones(2), 1, out=o); print(o)
o = torch.zeros(2); v = o.view(-1); torch.add(torch.ones(2), 1, out=o); print(o, v)
print(x.grad, y.grad, m.grad)
(torch.cartesian_prod(x, y).prod(1).sum() + torch.combinations(x).prod(1).sum() + (m.sum_to_size(1, 4)**2).sum()).backward()
print(x.grad, y.grad, m.grad)

x = torch.tensor([[1., 2.], [3., 4.]], requires_grad=True)
y = x*1
v = y.view(-1)
y.data[0] = 9.
print(v)
w = v[1:]
v.data.mul_(2)
print(w, y)
w.sum().backward()
print(x.grad)
with torch.no_grad(): d = x[0]
x.data[0] = 5.
print(d, d.is_leaf)
d.data.add_(1)
print(x, d)

def t(f):
    try: print(f())
    except Exception as e: print(str(e).splitlines()[0][:70])
a = torch.tensor(2., requires_grad=True); v = torch.tensor([1.,2.,3.]); m = torch.ones(2,2); bo = torch.tensor([True,False,True]); i = torch.tensor([1,2,3])
t(lambda: F.cross_entropy(a, m)); t(lambda: F.cross_entropy(v, v)); t(lambda: F.cross_entropy(m, a)); t(lambda: F.cross_entropy(a, a)); t(lambda: F.cross_entropy(a, torch.tensor(1))); t(lambda: F.cross_entropy(v, a)); t(lambda: F.cross_entropy(m, v));t(lambda: F.cross_entropy(a, v)); t(lambda: F.cross_entropy(a, i)); t(lambda: F.nll_loss(a, i)); t(lambda: F.nll_loss(m, a)); t(lambda: F.nll_loss(m, torch.tensor(1))); t(lambda: F.nll_loss(m,i))
t(lambda: F.cross_entropy(m,torch.tensor(1))); t(lambda: F.cross_entropy(torch.ones(2,2,2),m)); t(lambda: F.cross_entropy(torch.ones(2,2,2),v)); t(lambda: F.cross_entropy(torch.ones(2,2,2),a))
print('cov')
t(lambda: torch.cov(bo)); t(lambda: torch.corrcoef(bo)); t(lambda: torch.cov(torch.ones(2,2,2))); t(lambda: torch.cov(i)); t(lambda: torch.corrcoef(i))
print('put')
t(lambda: v.put_(torch.tensor([0]), i)); t(lambda: v.put(torch.tensor([0]), i)); t(lambda: bo.put_(torch.tensor([0]), v))
print('norm')
t(lambda: torch.linalg.norm(i)); t(lambda: torch.linalg.norm(i, 1)); t(lambda: torch.linalg.norm(torch.ones(2,2).long())); t(lambda: torch.linalg.norm(torch.ones(2,2).long(), 1)); t(lambda: torch.linalg.vector_norm(i)); t(lambda: torch.linalg.matrix_norm(torch.ones(2,2).long()));  t(lambda: torch.norm(i)); t(lambda: i.norm(1)); t(lambda: torch.linalg.norm(i, dim=0)); t(lambda: torch.linalg.norm(torch.ones(2,2).long(),'nuc'))
print('bool')
t(lambda: torch.dist(bo, v)); t(lambda: torch.dist(bo, bo)); t(lambda: F.pairwise_distance(bo, bo)); t(lambda: F.triplet_margin_loss(bo, bo, bo)); t(lambda: F.pairwise_distance(bo, v)); t(lambda: F.triplet_margin_loss(bo, v, v)); t(lambda: F.pairwise_distance(i, i)); t(lambda: torch.dist(i, i)); t(lambda: torch.dist(i, v)); t(lambda: F.triplet_margin_loss(i,i,i))
print('cross')
t(lambda: torch.cross(bo[:2], bo[:2], dim=0)); t(lambda: torch.cross(bo, bo, dim=0)); t(lambda: torch.linalg.cross(m, m)); t(lambda: torch.cross(m.bool(), v, dim=0))
print('bin')
t(lambda: torch.bincount(v)); t(lambda: torch.bincount(m)); t(lambda: torch.bincount(torch.tensor([-1]))); t(lambda: torch.bincount(m.long())); t(lambda: torch.bincount(bo))
