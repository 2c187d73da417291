import torch, numpy as np
w = torch.tensor([1., 2.]).numpy()
i = np.array([1, 2]); h = np.array([1, 2], dtype=np.int32); s = np.array([1, 2], dtype=np.uint8); b = np.array([True, False])
for each in (i, h, s, b, np.float64(2), np.int64(2), np.float32(2), np.ones(2), 2, 2.5):
    print((w * each).dtype, (each + w).dtype, (w / each).dtype, (w - each if each is not b else w).dtype, np.add(w, each).dtype, np.maximum(w, each).dtype, np.where(b, w, each).dtype, (w > each).dtype)
print(np.concatenate([w, i]).dtype, np.stack([w, i]).dtype, np.vstack([i, w]).dtype, np.hstack([h, w]).dtype, np.outer(w, i).dtype, np.dot(w, i).dtype, (w @ i).dtype, (i * 2).dtype, (i / 2).dtype, (h * i).dtype, (s + s).dtype, (s * h).dtype, (i * 0.5).dtype, np.hypot(w, i).dtype)
print(w * i, i * w, w + np.float64(0.1), np.float64(0.1) + w, np.float32(0.1) * i)

import torch, numpy as np, math
f = np.float64(2.5); k = np.int64(3); g = np.float32(0.1)
print(f, k, g, [f, k, g], f"{f:.3f} {k:d} {g:.4f} {f}", "%.2f %d" % (f, k), f + 1, k * 2, f > 2, f == 2.5, math.sqrt(f), list(range(k)), [10, 20, 30, 40][k], float(f), int(k), str(g), f.dtype, g.item(), -f, abs(-f), round(f, 1), max(f, 3), sum([f, f]), f ** 2, k // 2, k % 2, bool(k), {k: 1}[3], isinstance(f, np.float64), isinstance(k, np.int64), k == 3, f.shape, f.ndim)
print(torch.tensor(f), torch.tensor(k), torch.tensor([f, 1.0]), torch.tensor(g), torch.tensor([k, 2]), torch.tensor(np.float64(1) * 3), torch.ones(2) * f, torch.ones(2) + g, f * torch.ones(2), torch.zeros(int(k)), torch.full((2,), float(f)), torch.as_tensor(f), torch.from_numpy(np.array(f)), torch.randn(2, k).shape, torch.arange(k), torch.ones(k))

import numpy as np, torch
losses = []
for i in range(3):
    losses.append(np.float32(i) / 3)
print(losses, np.mean(losses), np.array(losses), np.array(losses).dtype, np.std(losses), min(losses), sorted(losses)[0], sum(losses) / len(losses))
lr = np.linspace(0.1, 1, 3); print([l for l in lr], lr[0], lr.tolist()); best = np.argmin(lr); print(best, lr[best], best + 1, [5, 6, 7][best], f"{lr[best]:.2f} {best}")
for e in lr: print(f"{e:.1f}", e * 2, end=" ")
opt = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=np.float64(0.1)) if False else None
acc = np.int64(3) / 4; print(acc, np.int64(7) // 2, np.float64(1) / 3, np.exp(np.float64(1)), np.sqrt(4), np.log(np.float32(2)), np.float64("1.5"), np.int64(2.9), np.float32([1, 2]), np.abs(-3), np.pi * np.float64(2))

import torch, numpy as np
print(torch.tensor([np.array([1., 2.]), np.array([3., 4.])]), torch.tensor([torch.tensor(1.), torch.tensor(2.)]), torch.tensor([torch.tensor(1), 2]), torch.tensor([np.int64(3), 1.5]), torch.tensor([np.float32(1), 1.0]), torch.tensor([torch.tensor(1., dtype=torch.float64), 2.0]), torch.tensor([[np.float64(1)], [2]]), torch.tensor((np.int32(1), np.int32(2))), torch.tensor([torch.tensor(True), torch.tensor(False)]), torch.tensor([torch.tensor(1), torch.tensor(2.5)]), torch.tensor([]), torch.tensor([[]]))
d = {np.int64(1): "a"}; print(d[1], d[np.int64(1)], np.int64(1) in d, torch.FloatTensor([np.float64(1)]), torch.Tensor([np.float64(2)]))
