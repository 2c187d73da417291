import torch
import torch.nn as nn

torch.manual_seed(0)

b = nn.ModuleList([nn.Linear(2, 2), nn.ReLU()])
b.insert(0, nn.Tanh())
print(b)
print(b.pop(1), len(b))
b += [nn.ELU()]
print(b, b[-1])
del b[0]
print(b)
print(b + nn.ModuleList([nn.Identity()]))

d = nn.ModuleDict({"x": nn.Linear(1, 1), "y": nn.ReLU()})
d["z"] = nn.Tanh()
d.update({"w": nn.ELU()})
print([k for k in d], list(d.items())[1])
print(d.pop("x"))
del d["y"]
print(d)
for k, v in d.items():
    print(k, v)

p = nn.ParameterList([nn.Parameter(torch.ones(2)) for _ in range(2)])
p.append(torch.zeros(1))
print(p, len(p), p[0])
pd = nn.ParameterDict({"a": nn.Parameter(torch.ones(1))})
pd["b"] = nn.Parameter(torch.zeros(2, 2))
print(pd["a"], list(pd.keys()))
print(pd)

m = nn.Sequential(nn.Linear(2, 3), nn.ReLU())
m.append(nn.Linear(3, 1))
m.insert(1, nn.Tanh())
print(m, len(m), m[1:], list(m)[0])
m.pop(1)
print([type(l).__name__ for l in m])
print(m + nn.Sequential(nn.ReLU()), nn.Sequential(*list(m.children())[:-1]))
m.extend([nn.ReLU(), nn.Linear(1, 1)])
print(m(torch.ones(1, 2)))
del m[-1]
print(len(m))
m[0] = nn.Linear(2, 3, bias=False)
print(m[0])
m = nn.ModuleList([nn.Linear(1, 1), nn.ReLU(), nn.Tanh()])
net = nn.Sequential(nn.ReLU(), nn.Tanh())
d = nn.ModuleDict({"a": nn.ReLU()})
def change(m, key):
    m[key] = nn.ReLU()
def remove(m, key):
    del m[key]
for f in (
    lambda: remove(m, 10), lambda: change(m, -4), lambda: m.pop(7), lambda: remove(net, 2), lambda: change(net, 9),
    lambda: d.pop("b"), lambda: remove(d, "b"), lambda: d["b"], lambda: nn.ModuleDict([("a",)]),
):
    try:
        print(f())
    except (IndexError, KeyError, ValueError) as e:
        print(type(e).__name__, e)
d.update(nn.ModuleDict({"a": nn.Tanh(), "c": nn.ReLU()}))
print(d, list(nn.ModuleDict(d).keys()), len(m), len(net))
