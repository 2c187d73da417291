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

from enum import Enum, IntEnum, StrEnum, auto, unique
class A(Enum):
    X = 5
    Y = 1
    Z = auto()
print(A.Z.value, A.X in A, list(A))
class S(StrEnum):
    RED = auto()
    BLUE = "b"
print(S.RED, repr(S.RED), S.RED == "red", S.BLUE + "x", f"{S.BLUE}", "x" + S.BLUE, S.RED.upper())
class Own(Enum):
    @staticmethod
    def _generate_next_value_(name, start, count, last_values):
        return name.lower() + str(count)
    ONE = auto()
    TWO = auto()
print([each.value for each in Own])
class T(str, Enum):
    RED = "r"
    def shout(self): return self.value.upper() + "!"
print(T.RED == "r", T.RED.value, T("r"), f"{T.RED}", repr(T.RED), T.RED.shout(), T.RED is T("r"), T.RED.upper())
class I(int, Enum):
    TWO = 2
print(I.TWO == 2, I.TWO + 1, 3 - I.TWO, [10, 20, 30][I.TWO], I.TWO < 3, I.TWO)
class B(IntEnum):
    NONE = 0
    P = 1
    Q = 3
print([10, 20, 30, 40][B.Q], max(B), int(B.Q), B.Q * 2.5, range(B.Q), B.P - 1, 5 - B.P, B.Q / 2, B.Q // 2, B.Q ** 2, -B.Q, B.Q % 2, 7 % B.Q, float(B.Q), str(B.Q), bool(B.NONE), {B.P: 1}[B.P])
import torch
x = torch.arange(4.)
print(x[B.P], torch.zeros(B.Q), list(range(B.Q)))
try:
    @unique
    class U(Enum):
        ONE = 1
        UNO = 1
        EINS = 1
except ValueError as e:
    print(e)
@unique
class V(Enum):
    ONE = 1
print(V.ONE)
class Idx:
    def __index__(self): return 2
print([1, 2, 3][Idx()], list(range(Idx())))
import json
print(json.dumps({"p": B.P, "s": S.BLUE, "t": [T.RED, I.TWO]}))
for text in ("{", "1" * 5000):
    try:
        json.loads(text)
    except json.JSONDecodeError as e:
        print("decode", e, isinstance(e, ValueError))
    except ValueError as e:
        print("value", str(e)[:30])
for made in (lambda: json.dumps({1}), lambda: json.dumps(A.X), lambda: json.dumps({"a": 1, 2: 3}, sort_keys=True)):
    try:
        print(made())
    except TypeError as e:
        print(e)
print(json.dumps([1, {"k": []}], indent="--"), json.dumps([1, [2]], separators=(";", "=")))
class Missing(AttributeError): pass
class Asks:
    def __getattr__(self, name):
        raise Missing(name)
print(getattr(Asks(), "x", 5), hasattr(Asks(), "x"))
