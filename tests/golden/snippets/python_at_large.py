import torch
from torch import Tensor
from typing import List, Optional
import torch.nn as nn
class Agent:
    gamma: float = 0.9
    def __init__(self, n: int, eps: float = 0.1) -> None:
        self.q = torch.zeros(n)
        self.history: List[float] = []
    def update(self, a: int, r: float) -> Tensor:
        self.q[a] += 0.1 * (r - self.q[a])
        self.history.append(r)
        return self.q
agent = Agent(3)
for i in range(4):
    agent.update(i % 3, float(i))
print(agent.q, agent.history, f"{agent.q.sum():.3f}")
if __name__ == "__main__":
    print("main")
total = 0
for i, (a, b) in enumerate(zip([1, 2], [3, 4])):
    total += a * b + i
print(total, "-" * 10, "done".center(10, "*"))
losses = [0.5, 0.25]
print(f"{'epoch':>8}|{'loss':<8}|", *(f"{l:.2f}" for l in losses), sep=" ")
print("%d%%" % 50, "%-5s|%5.1f" % ("ab", 2.25), "{:>10}".format("hi"), "{:,}".format(1234567))
x = torch.linspace(-1, 1, 5)
print(x[x > 0].sum() if (x > 0).any() else None, not x.numel())
while True:
    total -= 1
    if total < 5: break
print(total, [*map(str, range(3))], ", ".join(map(str, [1.5, 2])), all(v > 0 for v in losses), any([]))
d = {n: p for n, p in nn.Linear(2, 2).named_parameters()}
print({k: tuple(v.shape) for k, v in d.items()}, list(reversed([1, 2])), sum([[1], [2]], []), divmod(7, 3), 7 // 2, -7 % 3, 2 ** -1)
print(isinstance(3, (int, float)), type(3.0), type([]), type(x), x.dtype == torch.float32, round(2.675, 2), abs(-3), min(3, 1), max([1, 5]))
s = "a=1;b=2"
print(dict(kv.split("=") for kv in s.split(";")), s.upper(), s.find("b"), "b" in s, s[:3], s.count("="))
def fib(n, memo={}):
    if n in memo: return memo[n]
    memo[n] = n if n < 2 else fib(n-1) + fib(n-2)
    return memo[n]
print(fib(30), (lambda *a, **k: (a, k))(1, 2, z=3))
rows = [1, 2, 3, 4]
rows[:2] += [7]
print(rows)
class Watched:
    def __init__(self):
        self.items, self.writes = {"a": [1], "s": {1}}, []
    def __getitem__(self, key):
        return self.items[key]
    def __setitem__(self, key, value):
        self.writes.append(key)
        self.items[key] = value
    @property
    def log(self):
        return self.writes
    @log.setter
    def log(self, value):
        self.writes = [*value, "set"]
watched = Watched()
watched["a"] += [2]
watched["s"] |= {3}
watched.log += ["more"]
print(watched.items, watched.writes)
class Bare: pass
for f in (lambda: len(Bare()), lambda: ord("ab"), lambda: ord(7)):
    try:
        f()
    except TypeError as e:
        print(e)
