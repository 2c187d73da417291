# Parameters of a normalisation have the dtype of what they scale, or are float32 where that is float16.
import torch
import torch.nn.functional as F


def tried(of, f):
    try:
        y = f()
        print(of, y.dtype, y if y.dtype is not torch.float16 else y.shape)
    except RuntimeError as error:
        print(of, error)


kinds = (torch.float32, torch.float64, torch.float16)
for a in kinds:
    for b in kinds:
        x = torch.tensor([[1.0, 3.0, 2.0], [0.0, 4.0, -1.0]], dtype=a)
        w = torch.tensor([2.0, 1.0, 0.5], dtype=b)
        tried("layer", lambda: F.layer_norm(x, (3,), w))
        tried("layer, shifted", lambda: F.layer_norm(x, (3,), None, w))
        tried("layer, both", lambda: F.layer_norm(x, (3,), x[0], w))
        tried("batch", lambda: F.batch_norm(x, None, None, w, w, training=True))
        tried("batch of a state", lambda: F.batch_norm(x, w * 0, w))
        tried("batch of another state", lambda: F.batch_norm(x, torch.zeros(3), torch.ones(3), w, w))
        tried("group", lambda: F.group_norm(x, 1, w, w))
        tried("instance", lambda: F.instance_norm(x[None], None, None, w[:2]))
        tried("likelihood", lambda: F.binary_cross_entropy(x.sigmoid(), w.sigmoid().expand(2, 3)))
tried("module", lambda: torch.nn.BatchNorm1d(3)(torch.ones(2, 3, dtype=torch.float64)))
tried("module", lambda: torch.nn.LayerNorm(3)(torch.ones(2, 3, dtype=torch.float64)))
