import torch
import numpy as np
import torch.nn.functional as F
a = np.array([1.5, -2.5, 3.0])
print(abs(a), -a, sum(a), max(a), min(a), len(a), list(a), sorted(a), int(a[0]), float(a[1]), round(a[0], 1), bool(a[0] > 0))
print(+a, a // 2, a % 2, 2 ** a, a @ a, a > 0, (a > 0) & (a < 2), ~(a > 0))
print(a[a > 0], a[[0, 2]], a[np.array([0, 1])], a[::-1], a[-1], a[1:].mean())
t = torch.tensor([1., 2., 3.])
print(t * a, torch.from_numpy(a), torch.tensor(a), torch.tensor(a, dtype=torch.float32), torch.Tensor(a), torch.as_tensor(a).dtype)
print(t.numpy() * 2, np.sum(t.numpy()), t.numpy().astype(int), np.sin(t.numpy()).round(2))
print(isinstance(a, np.ndarray), isinstance(t, np.ndarray), type(a), type(a[0]), a.dtype)
X = np.random.RandomState(0).randn(2, 2) if False else np.ones((2, 2))
X[0, 1] = 7
X[:, 0] *= 3
X[X > 5] = 0
X += 1
print(X, X.sum(axis=1), X.shape[0], X.T)
losses = []
for i in range(3):
    losses.append(np.mean([i, i + 1.0, 2.5]))
print(losses[-1], np.mean(losses), np.array(losses), f"{np.mean(losses):.3f}", "%.2f" % np.std(losses))
best = np.inf
for l in losses:
    if l < best:
        best = l
print(best, np.argmin(losses), np.argmax(losses), np.max(losses), np.min(losses))
labels = np.array([0, 1, 1, 0])
preds = np.array([0, 1, 0, 0])
print((labels == preds).mean(), np.sum(labels == preds), (labels == preds).sum() / len(labels), np.where(labels == 1)[0])
print(np.unique(labels), np.bincount(labels) if hasattr(np, "bincount") else "", np.eye(3)[labels])
b = np.arange(6).reshape(2, 3)
print(b, b.mean(), b.dtype, b / 2, b.sum(), b.flatten(), b.reshape(-1), np.vstack([b, b]).shape, np.concatenate((b, b), axis=1))
for i in range(b.shape[0]):
    print(b[i], b[i].sum())
np.random.seed(42)
idx = np.random.permutation(5)
print(idx, np.random.rand(3), np.random.choice([1, 2, 3]), np.random.choice(5, 3, replace=False), np.random.choice(["a", "b"], p=[0.9, 0.1]))
arr = np.arange(4)
np.random.shuffle(arr)
print(arr, np.random.standard_normal(2), np.random.random_sample(2), np.random.normal(size=(1, 2)), np.random.randint(10))
c = a.copy()
c[0] = 100
print(a, c, a is c, (a == c).all(), np.array_equal(a, a), np.allclose(a, a))
x = torch.ones(3, requires_grad=True)
try:
    np.sin(x)
except RuntimeError as e:
    print(e)
try:
    x.numpy()
except RuntimeError as e:
    print(e)
print(x.detach().numpy(), x.data.numpy() + 1)
print(np.zeros(3), np.ones((1, 2)), np.full((2,), 3.5), np.linspace(0, 1, 3), np.arange(1, 2, 0.5), np.empty((0,)).shape)
print(np.float32(1.5), np.int64(3), np.pi, np.e, np.sqrt(2.0), np.exp(a).round(3), np.log(np.abs(a)).round(3))
print(np.clip(a, -1, 1), np.maximum(a, 0), np.minimum(a, 0), np.power(a, 2), np.square(a), np.sign(a))
print(np.stack([a, a]), np.hstack([a, a]), np.outer(a, a), np.dot(a, a), np.linalg.norm(a), np.cumsum(a), np.diff(a), np.prod(a))
n = np.array([[1, 2], [3, 4]], dtype=np.float32)
print(n, n.dtype, n * 2, (n * np.float32(2)).dtype, n.astype(np.int64), torch.from_numpy(n).dtype, n @ n, n.T @ np.ones(2, dtype=np.float32))
print(np.array(3.5), np.array([True, False]), np.array([[1, 2.5]]), np.asarray([1, 2]), np.array([]))
print(dict(zip(["a", "b"], np.array([1.0, 2.0]))), [v for v in np.array([1, 2])], tuple(np.array([0.5])))
s = 0
for v in a:
    s += v
print(s, s > 1, s * 2, -s, abs(-s), s ** 2, 1 / s)
m, i = np.max(b), np.argmax(b, axis=1)
print(m, i, b.max(axis=0), b.argmax(), b.min(axis=1), b.std(), b.var(axis=0))
y = torch.arange(4).numpy()
y[0] = 9
print(y)
z = torch.zeros(2)
z.numpy()[0] = 5
z[1] = np.array([2.0, 3.0])[1]
print(z)
x = np.array([[3., 1., 2.], [6., 5., 4.]])
def show(name, f):
    try:
        r = f()
        print(name, r)
    except Exception as e:
        print(name, "ERR", e)
show("std", lambda: np.std(x))
show("std0", lambda: np.std(x, axis=0))
show("var", lambda: np.var(x))
show("xstd", lambda: x.std())
show("max0", lambda: np.max(x, axis=0))
show("xmax0", lambda: x.max(axis=0))
show("xmax", lambda: x.max())
show("sort", lambda: np.sort(x))
show("sort0", lambda: np.sort(x, axis=0))
show("median", lambda: np.median(x))
show("median4", lambda: np.median([1., 2., 3., 4.]))
show("round", lambda: np.round(x / 3, 2))
show("repeat", lambda: np.repeat(x, 2))
show("repeat1", lambda: np.repeat(x, 2, axis=1))
show("xrepeat", lambda: x.repeat(2))
show("tile", lambda: np.tile(x, (1, 2)))
show("split", lambda: np.split(x, 3, axis=1))
show("array_split", lambda: np.array_split(np.arange(7), 3))
show("meshgrid", lambda: np.meshgrid(np.array([1., 2.]), np.array([3., 4., 5.])))
show("argmax", lambda: np.argmax(x, axis=1))
show("argsort", lambda: np.argsort(x))
show("cumsum", lambda: np.cumsum(x))
show("cumsum0", lambda: np.cumsum(x, axis=0))
show("transpose", lambda: np.transpose(x))
show("xtranspose", lambda: x.transpose())
show("xT", lambda: x.T.shape)
show("ravel", lambda: x.ravel())
show("clip", lambda: np.clip(x, 2, 4))
show("expand", lambda: np.expand_dims(x, 0).shape)
show("vstack", lambda: np.vstack([x, x]).shape)
show("concat", lambda: np.concatenate([x, x], axis=1).shape)
show("unique", lambda: np.unique([3, 1, 1]))
show("where", lambda: np.where(x > 2, 1.0, 0.0))
show("where1", lambda: np.where(x[0] > 2))
show("nonzero", lambda: np.nonzero(x[0] > 1))
show("linspace", lambda: np.linspace(0, 1, 3))
show("arange", lambda: np.arange(0, 1, 0.25))
show("dot", lambda: np.dot(x, x.T))
show("outer", lambda: np.outer([1., 2.], [3., 4.]))
show("mean", lambda: np.mean([1, 2, 4]))
show("meanax", lambda: np.mean(x, axis=1, keepdims=True))
show("astype", lambda: x.astype(int))
show("astypef", lambda: x.astype(np.float32).dtype)
show("size", lambda: (x.size, x.ndim, x.shape, len(x)))
show("eye", lambda: np.eye(2))
show("zeros", lambda: np.zeros((2, 2)))
show("zl", lambda: np.zeros_like(x))
show("full", lambda: np.full((2,), 7))
show("percentile", lambda: np.percentile(x, 50))
show("sum", lambda: np.sum(x, axis=0))
show("norm", lambda: np.linalg.norm(x))
show("inv", lambda: np.linalg.inv(np.array([[2., 0.], [0., 4.]])))
show("all", lambda: np.all(x > 0))
show("any", lambda: (x > 5).any())
show("sqrt", lambda: np.sqrt(4))
show("exp", lambda: np.exp(1.0))
show("type", lambda: type(x))
show("bool", lambda: x > 2)
show("diff", lambda: np.diff(x))
show("int", lambda: np.array([1, 2]) / np.array([2, 2]))
show("fill", lambda: x.fill(1))
show("flatten", lambda: x.flatten().tolist())
show("squeeze", lambda: x[None].squeeze().shape)
show("cov", lambda: np.cov(np.array([[1., 2., 3.], [3., 2., 5.]])))
show("isnan", lambda: np.isnan(x).sum())
show("random", lambda: (np.random.seed(0), np.random.rand(2), np.random.randn(2, 2), np.random.randint(0, 5, 3), np.random.normal(0, 1, 2), np.random.choice(3, 2), np.random.permutation(3), np.random.uniform(-1, 1, (2,))))
for i, row in enumerate(x):
    print(i, row, row[0])
print(f"{x[0, 1]:.2f} {x[0, 1]}", x[0, 1] + 1, float(x[0, 0]))
y = x.copy()
y[0] = 0
y[:, 1] += 5
y[y > 8] = -1
y *= 2
print(y, -y, y @ y.T, 1 - y)
print(repr(y), [y[0, 0]], str(y[0]))
print(np.finfo(np.float32).eps, np.finfo(np.float64).eps.item(), torch.finfo(torch.float32).max)
print(hasattr(np, "mean"), hasattr(torch, "nothing"), hasattr(x, "reshape"), hasattr(F, "relu"))
import random
random.seed(3)
print(random.randrange(10), random.randrange(1, 20, 3), random.choices([1, 2, 3], k=4), random.choices("ab", [0.9, 0.1], k=3))
