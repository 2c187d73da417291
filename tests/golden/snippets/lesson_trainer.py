from dataclasses import dataclass, field
import torch


@dataclass
class Config:
    lr: float = 0.1
    epochs: int = 3
    hidden: list = field(default_factory=lambda: [4, 3])
    name: str = "run"


class Trainer:
    count = 0

    def __init__(self, cfg):
        self.cfg = cfg
        self._losses = []
        Trainer.count += 1
        dims = [2, *cfg.hidden, 1]
        torch.manual_seed(len(dims))
        self.weights = [
            torch.randn(i, o).mul_(0.5).requires_grad_() for i, o in zip(dims, dims[1:])
        ]

    @property
    def best(self):
        return min(self._losses)

    @staticmethod
    def act(x):
        return torch.relu(x)

    @classmethod
    def default(cls, **kw):
        return cls(Config(**kw))

    def __call__(self, x):
        *hidden, last = self.weights
        for w in hidden:
            x = self.act(x @ w)
        return x @ last

    def __repr__(self):
        return f"{type(self).__name__}({self.cfg.name!r}, layers={len(self.weights)})"

    def __len__(self):
        return len(self._losses)

    def fit(self, x, y):
        for epoch in range(1, self.cfg.epochs + 1):
            loss = (self(x) - y).square().mean()
            grads = torch.autograd.grad(loss, self.weights)
            with torch.no_grad():
                for w, g in zip(self.weights, grads):
                    w.sub_(self.cfg.lr * g)
            self._losses.append(loss.item())
            yield epoch, loss.item()


cfg = Config(lr=0.05, epochs=4)
print(cfg)
tr = Trainer(cfg)
x = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
y = x.sum(1, keepdim=True) % 2
for e, loss in tr.fit(x, y):
    print(f"[{e:02d}] {loss:.5f}{'*' if loss == tr.best else ''}")
print(tr, len(tr), Trainer.count, Trainer.default(name="other", epochs=1))
