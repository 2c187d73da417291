from enum import Enum, auto, IntEnum
class C(Enum):
    RED = 1
    BLUE = auto()
    CRIMSON = 1
    def pretty(self): return self.name.title() + "!"
    @classmethod
    def default(cls): return cls.RED
    @property
    def double(self): return self.value * 2
print(C.RED, C["BLUE"].value, [c.name for c in C], C.RED is C.CRIMSON, C(1), repr(C.RED), C.RED in C, len(C), {C.RED: 2}[C.RED], C.RED == C.BLUE, C.RED != C.BLUE, C.RED.pretty(), C.default(), C.BLUE.double, isinstance(C.RED, C), f"{C.RED} {C.RED!r} {C.BLUE.name:>6}", [C.RED, C.BLUE], list(C), C.RED.name)
try: C(7)
except ValueError as e: print(e)
try: C["X"]
except KeyError as e: print(e)
class P(IntEnum):
    LOW = 1
    HIGH = 2
print(P.LOW < P.HIGH, P.LOW + 1, int(P.HIGH), P.LOW == 1, sorted([P.HIGH, P.LOW]), f"{P.LOW}", str(P.HIGH), [p.value for p in P], 3 - P.LOW, max(P))
class Act(Enum):
    RELU = "relu"
    TANH = "tanh"
    def build(self):
        import torch.nn as nn
        return {"relu": nn.ReLU, "tanh": nn.Tanh}[self.value]()
print(Act("tanh").build(), [a.value for a in Act], Act.RELU.value.upper(), {a: i for i, a in enumerate(Act)}, Act.RELU in (Act.RELU,))
class Planet(Enum):
    EARTH = (5.97, 6.37)
    MARS = (0.64, 3.39)
    def __init__(self, mass, radius):
        self.mass = mass
        self.radius = radius
print(Planet.EARTH.mass, Planet.MARS.radius, Planet.EARTH)

import json, torch
from collections import OrderedDict, namedtuple
s = json.dumps({"a": [1, 2.5, None, True], "b": {"c": "x\"y"}, 3: (1, 2)}); print(s, json.loads(s)["b"]["c"]); print(json.dumps([1, {"k": 2}], indent=2)); print(json.dumps({"b": 1, "a": 2}, sort_keys=True, separators=(",", ":")), json.dumps("é"), json.dumps(float("nan")), json.dumps([]), json.dumps(OrderedDict(x=1)), json.dumps(namedtuple("P", "x y")(1, 2)))
try: json.dumps({"t": torch.ones(2)})
except TypeError as e: print(e)
print(json.dumps({"t": torch.ones(2)}, default=lambda o: o.tolist()), json.loads('[1, 2.0, "x", null, true]'), json.loads(json.dumps({"loss": 0.1})) == {"loss": 0.1})
try: json.loads("{bad")
except ValueError as e: print("bad", str(e)[:20])

for f in (lambda: set().pop(), lambda: {}.popitem(), lambda: {}["a"], lambda: {}.pop("k"), lambda: {1}.remove(2)):
    try: f()
    except KeyError as e: print(e, repr(e), e.args)

import torch, torch.nn as nn
m = nn.BatchNorm1d(2); print(m.load_state_dict({"weight": torch.ones(2)}, strict=False)); print(nn.Conv2d(1, 1, 3, padding="same"), nn.Conv1d(1, 1, 3, padding="valid"))
