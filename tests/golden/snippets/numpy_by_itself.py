import torch
import numpy as np
a = np.array([[1, 2], [3, 4]])
print(a.sum(), a.sum(0), a.sum(axis=1, keepdims=True), np.sum(a), np.sum(a, axis=0), a.prod(), np.prod(a, 1), a.cumsum(), np.cumsum(a, axis=1), a ** 2, a ** 0.5, 2 ** a, a.astype(np.float32) ** 3, np.float32(3) ** 2)
print((a > 2).sum(), np.sum([1, 2, 3]), np.sum(x * x for x in [1]) if False else 0, (a / 3).sum(), np.linspace(0, 1, 5), np.linspace(0, 10, num=4, endpoint=False), np.linspace(1, 5, 5, dtype=int), np.sum([[.1, .2], [.3, .4]], axis=1))
t = torch.ones(3)
print(np.sum(t.numpy()), t.numpy().sum(), np.mean(t.numpy()), (t.numpy() ** 2).dtype, np.sqrt(a).sum(), sum(a[0]), a.mean(), 2.0 ** np.array(3), np.array([1, 2]) ** -1.0)
x = np.arange(3.0)
x **= 2
print(x, np.linspace(-1, 1, 7))
try: print(np.array([1, 2]) ** -1)
except ValueError as e: print(e)
import torch
import numpy as np, math
xs = np.linspace(-math.pi, math.pi, 2000)
print(repr(xs[17]), repr(xs[1999]))
v = np.array([0.1*i for i in range(2000)])
print(repr(v.sum()), repr((v**2).sum()), repr((v**3).sum()), repr(np.sin(v).sum()), repr(np.sqrt(v).sum()), repr(v.mean()), repr(np.exp(-v).sum()))
print(repr((v**3)[3]), repr((v**2.5)[3]), repr(v[7]**3))
m = v.reshape(40, 50)
print(repr(m.sum(0)[3]), repr(m.sum(1)[3]), repr(m.mean()), repr(m.T.sum()), repr((m.T @ m)[2, 3]), repr(m.dot(m[0,:])[3]))
print(repr(np.linalg.norm(v)), repr(v.std()), repr(v.var()), repr(np.prod(v[1:20])), repr(np.cumsum(v)[-1]), repr(np.square(v-1).sum()))
print(repr(np.dot(v, v)), repr(np.log(v[1:]).sum()), repr(np.tanh(v).sum()), repr(np.cos(v).sum()), repr((1/(1+np.exp(-v))).sum()))
print(repr(np.power(v, 3).sum()), repr(np.arange(0,1,0.1)), repr(np.logspace(0,1,5)))
