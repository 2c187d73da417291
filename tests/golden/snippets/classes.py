import torch

class Counter:
    """Counts."""
    made = 0
    unit: str = "steps"

    def __init__(self, start=0):
        self.value = start
        Counter.made += 1

    def step(self, by=1):
        self.value += by
        return self

    @property
    def doubled(self):
        return 2 * self.value

    @staticmethod
    def name():
        return "counter"

    @classmethod
    def at(cls, value):
        return cls(value)

    def __repr__(self):
        return f"{type(self).__name__}({self.value})"

    def __len__(self):
        return self.value

    def __getitem__(self, i):
        return i * self.value

    def __call__(self, x):
        return x + self.value

    def __eq__(self, other):
        return self.value == other.value

class Loud(Counter):
    def step(self, by=1):
        super().step(by * 10)
        return self

c, d = Counter(), Loud.at(3)
print(c.step().step(2), d.step(), c.doubled, Counter.name(), Counter.made, c.unit, len(c), d[2], c(1))
print(isinstance(d, Counter), isinstance(c, Loud), d.__class__.__name__, c == Counter(3), c != d, [c, d], f"{c} {d!r}")
print(hasattr(c, "value"), hasattr(c, "missing"), callable(c), Counter, bool(Counter()))

class LinearModel:
    def __init__(self, n):
        self.w = torch.zeros(n, requires_grad=True)
        self.b = torch.zeros(1, requires_grad=True)

    def forward(self, x):
        return x @ self.w + self.b

    def parameters(self):
        return [self.w, self.b]

x = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 7.0]])
y = torch.tensor([5.0, 11.0, 19.0])
model = LinearModel(2)
for epoch in range(3):
    loss = ((model.forward(x) - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        for p in model.parameters():
            p -= 0.01 * p.grad
            p.grad.zero_()
    print(f"{epoch}: {loss.item():.4f}")
print(model.w, model.b)

class Value:
    def __init__(self, data, children=()):
        self.data, self.grad, self.children = data, 0.0, children
        self.back = lambda: None

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other))
        def back():
            self.grad += out.grad
            other.grad += out.grad
        out.back = back
        return out

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other))
        def back():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad
        out.back = back
        return out

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + (-other)

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other

    def backward(self):
        order, seen = [], []
        def visit(v):
            if v not in seen:
                seen.append(v)
                for child in v.children:
                    visit(child)
                order.append(v)
        visit(self)
        self.grad = 1.0
        for v in reversed(order):
            v.back()

    def __repr__(self):
        return f"Value(data={self.data}, grad={self.grad})"

a, b = Value(2.0), Value(-3.0)
out = 2 * a * b + a * a - b + 1
out.backward()
print(a, b, out, a < b if False else "")
