"""Programs with a planted fault: `explain` names the cause, and the line on which it stands."""

from __future__ import annotations

import pytest

from gradcli.explanation.api import explain
from gradcli.explanation.writers import write
from rows import by_rows

FAULTS = {
    "detach": ("x = param(2.)\ny = x.detach()*3\ny**2 + x", 2, "cut", "detach"),
    "data": ("x = param([1., 2.])\ny = x.data*3\n(y*x).sum()", 2, "cut", "x.data"),
    "item": ("x = param(2.)\ny = x*3\ns = y.item()\nz = s*s\nz", 3, "cut", "y.item() is a Python number"),
    "float": ("x = param(2.)\ny = float(x)*2\ny*x", 2, "cut", "float(x) is a Python number"),
    "item in a function": (
        "def f(a):\n    return a.item()*2\nx = param(2.)\nz = f(x) + x\nz",
        2,
        "cut",
        "a.item()",
    ),
    "a new tensor": ("x = param(2.)\ny = tensor(x*3)\ny*2", 2, "cut", "new leaf"),
    "no_grad": ("x = param(2.)\nwith no_grad():\n    y = x*3\ny + 1", 3, "cut", "no_grad"),
    "an integer": ("x = param(3.)\ny = x.long()*2.0\ny", 2, "cut", "int64"),
    "an integer leaf": ("import torch\nx = torch.tensor([1, 2], requires_grad=True)", 2, "rule", "integer"),
    "an integer without grad": ("x = tensor([1, 2])\nw = 2\nsum(x*w)*1.0", 1, "int", "integers cannot"),
    "cleared too soon": (
        (
            "import torch\nw = torch.tensor(1., requires_grad=True)\nopt = torch.optim.SGD([w], lr=0.1)\n"
            "for i in range(2):\n    loss = (w - 3)**2\n    loss.backward()\n"
            "    opt.zero_grad()\n    opt.step()"
        ),
        7,
        "accumulated",
        "before opt.step() used it",
    ),
    "cut and grown again": (
        "x = param([1., 2.])\ny = x.clone().detach()\ny.requires_grad_(True)\nsum(y**2).backward()",
        2,
        "cut",
        "detach",
    ),
    "a branch without the input": (
        "def act(a):\n    if a > 0:\n        return a\n    return tensor(0.)\nx = param(-1.)\nact(x)*3",
        6,
        "rule",
        "has no history",
    ),
    "no derivative at all": ("x = param(7.)\ny = x // 2\ny*3", 2, "rule", "floor_divide"),
    "an integer read as a number": (
        "z = param([0.1, 0.5])\nbest = argmax(z)\nloss = float(best)*2 + 0*sum(z)\nloss",
        3,
        "cut",
        "its history ended in argmax(z) (line 2)",
    ),
    "through NumPy": (
        (
            "import torch\nw = torch.tensor([1., 2.], requires_grad=True)\na = w.detach().numpy()\n"
            "loss = torch.tensor(a*2, requires_grad=True).sum()\nloss.backward()"
        ),
        4,
        "cut",
        "its history ended in w.detach() (line 3)",
    ),
    "a layer that nobody calls": (
        (
            "import torch\nimport torch.nn as nn\nclass Net(nn.Module):\n    def __init__(self):\n"
            "        super().__init__()\n        self.a = nn.Linear(2, 1)\n        self.b = nn.Linear(2, 1)\n"
            "    def forward(self, x):\n        return self.a(x)\nnet = Net()\n"
            "loss = net(torch.ones(2)).sum()\nloss.backward()"
        ),
        10,
        "unused",
        "net.b.weight, net.b.bias are unused",
    ),
    "a comparison": ("x = param([1., -2.])\nz = (x > 0).float().sum()\nz", 2, "cut", "comparison"),
    "a comparison in a function": (
        "def accuracy(p):\n    return (p > 0.5).float().mean()\nx = param([1., -2.])\naccuracy(sigmoid(x))",
        2,
        "cut",
        "comparison",
    ),
    "argmax": ("x = param([1., 5.])\nz = argmax(x)*1.0\nz", 2, "cut", "int64"),
    "floor": ("x = param(2.6)\nz = floor(x)*2\nz", 2, "flat", "slope 0 everywhere"),
    "round": ("x = param(2.6)\ny = x*2\nz = torch.round(y)\nz".replace("torch.", ""), 3, "flat", "slope 0"),
    "a mask times nan": ("x = param(0.)\nm = x > 0\nz = m*sqrt(x)\nz", 3, "nan", "0 · inf"),
    "nan that was not taken": (
        "x = param(-1.)\nz = where(x > 0, log(x), x)\nz",
        2,
        "nan",
        "where around its input",
    ),
    "dead relu": ("x = param(1.)\nw = param(-2.)\nh = relu(w*x - 1)\nh*3", 3, "dead", "slope 0"),
    "a dead clamp": ("x = param(3.)\nz = clamp(x, 0, 1)\nz", 2, "dead", "clamp(x, 0, 1)"),
    "saturation": ("x = param(40.)\nz = sigmoid(x)\nz", 2, "saturated", "sigmoid(x)"),
    "saturated tanh": ("w = param(30.)\nh = tanh(w*1.5)\n(h - 1)**2 + h", 2, "saturated", "tanh"),
    "zero_grad": (
        (
            "w = param(1.)\nfor i in range(3):\n    loss = (w - 3)**2\n    loss.backward()\n"
            "    with no_grad():\n        w -= 0.1*w.grad"
        ),
        4,
        "accumulated",
        "not cleared",
    ),
    "the wrong axis": (
        "x = param([[1., 2.], [3., 4.]])\ne = exp(x)\np = e / e.sum(1)\np[0, 0]",
        3,
        "broadcast",
        "keepdim",
    ),
    "a mean of the wrong axis": (
        "x = param([[1., 2.], [3., 4.]])\nc = x - x.mean(dim=1)\n(c**2).sum()",
        2,
        "broadcast",
        "keepdim",
    ),
    "rows with columns": (
        "p = param([1., 2., 3.])\ny = tensor([[1.], [2.], [3.]])\nloss = ((p - y)**2).mean()\nloss",
        3,
        "broadcast",
        "[3, 3]",
    ),
    "in place": ("x = param(2.)\ny = x*1\nz = y**2\ny += 1\nz.backward()", 4, "rule", "overwrote in place"),
    "a leaf in place": ("x = param(2.)\nx += 1\nx**2", 2, "rule", "in-place"),
    "unused": ("w = param(2.)\nb = param(1.)\nz = w*3\nz", 2, "unused", "b is unused"),
    "used elsewhere": ("w = param(2.)\nb = param(1.)\nt = b*w\nz = w*3\nz", 2, "unused", "t (line 3)"),
    "log of 0": ("x = param(0.)\ny = x*2\nz = log(y)\nz", 3, "nan", "log of 0"),
    "log of softmax": ("x = param([1000., 0.])\nz = -log(softmax(x, 0))[1]\nz", 2, "nan", "log_softmax"),
    "log of a sum of exp": ("x = param([1000., 0.])\nz = log(sum(exp(x)))\nz", 2, "nan", "exp"),
    "sqrt at 0": ("x = param(0.)\nz = sqrt(x)\nz", 2, "nan", "sqrt"),
    "norm at 0": ("x = param(0.)\ny = x**2\nz = sqrt(y)\nz", 3, "nan", "sqrt"),
    "overflow": ("x = param([1000., 1.])\ne = exp(x)\np = e/e.sum()\n-log(p[0])", 2, "nan", "overflow"),
    "division by 0": ("x = param(0.)\ny = 1/x\ny*2", 2, "nan", "division by zero"),
    "the wrong root, asked for": (
        (
            "import torch\nw = torch.tensor(2., requires_grad=True)\nloss = (w - 5)**2\nreg = 0.1*w**2\n"
            "total = loss + reg\nreg.backward()\nprint(w.grad)"
        ),
        6,
        "root",
        "backward began at reg; total = loss + reg (line 5) depends on w, and no backward began there",
    ),
    "a layer that forward leaves out": (
        (
            "import torch.nn as nn\nclass Net(nn.Module):\n    def __init__(self):\n"
            "        super().__init__()\n        self.a = nn.Linear(2, 2)\n"
            "        self.skip = nn.Linear(2, 2)\n"
            "    def forward(self, x):\n        return self.a(x)\nnet = Net()\n"
            "net(ones(1, 2)).sum().backward()\nprint(net.skip.weight.grad)"
        ),
        11,
        "none",
        "reached it: what they began at does not depend on it",
    ),
    "an element of a leaf": (
        "import torch\nw = torch.tensor([1., 2.], requires_grad=True)\nw[0] = 3.\nw.sum().backward()",
        3,
        "rule",
        "a gradient arrives at a leaf as it was",
    ),
    "the wrong root": ("x = param(2.)\nloss = x**2\nacc = x*0.5\nacc", 2, "root", "no backward began there"),
    "backward of a leaf": (
        "x = param(1.)\nz = (2*x)**2\nx.backward(z)",
        3,
        "weights",
        "z.backward(), which gives x.grad = 8",
    ),
    "grad of a computed name": (
        "x = param(2.)\ny = 3*x\nz = y**2\nz.backward()\nprint(y.grad)",
        5,
        "none",
        "y.retain_grad()",
    ),
    "backward twice": ("x = param(2.)\ny = x**2\ny.backward()\ny.backward()", 4, "rule", "freed"),
    "several numbers": ("x = param([1., 2.])\ny = 2*x\ny.backward()", 3, "rule", "weights"),
    "frozen": ("x = param(3.)\nx.requires_grad_(False)\nw = param(2.)\nw*x", 2, "frozen", "x.requires_grad_"),
    "constants": ("w = tensor(2.)\nx = tensor(3.)\n(w*x - 1)**2", None, "constant", "w (line 1)"),
    "a kink": ("x = param(0.)\ny = 2*x\nz = abs(y)\nz", 3, "kink", "-1 on the left, 1 on the right"),
    "max of equals": ("x = param(1.)\nz = maximum(x, 1)\nz", 2, "kink", "backward takes 0.5"),
    "vanishing": ("x = param(0.9)\nfor i in range(200):\n    x = x*0.9\nx", 3, "vanishing", "so far"),
    "exploding": ("x = param(1.)\nfor i in range(40):\n    x = x*3\nx", 3, "exploding", "so far"),
    "zero_grad of an optimiser": (
        (
            "import torch\nmodel = torch.nn.Linear(2, 1)\nopt = torch.optim.SGD(model.parameters(), lr=0.1)\n"
            "x = torch.ones(2)\nfor i in range(3):\n    loss = (model(x) - 1).pow(2).sum()\n"
            "    loss.backward()\n    opt.step()"
        ),
        7,
        "accumulated",
        "were not cleared",
    ),
    "a hook": (
        "x = param(3.)\ny = x**2\ny.register_hook(lambda g: g*0)\nz = y**2\nz.backward()",
        3,
        "hook",
        "in the place of 18",
    ),
    "nan from the start": ("x = param(nan)\ny = x*2\ny", 1, "nan", "x holds nan"),
}
"""A program, the line of its fault, the kind of the finding, and words of it."""


@by_rows("fault", [(each,) for each in FAULTS])
def test_the_cause_and_its_line_are_named(fault: str) -> None:
    source, line, kind, words = FAULTS[fault]
    story = explain(source)
    found = [(each.line, each.kind, f"{each.says} ({each.hint})") for each in story.findings]
    assert [each for each in found if each[:2] == (line, kind) and words in each[2]], found
    text = write(story, "text", 500)
    assert line is None or f"line {line}: " in text


@pytest.mark.parametrize(
    "source",
    [
        (
            "w = param(1.)\nfor i in range(3):\n    loss = (w - 3)**2\n    loss.backward()\n"
            "    with no_grad():\n        w -= 0.1*w.grad\n    w.grad = None\n    print(loss.item())"
        ),
        "x = param(2.)\ny = 2*x\nz = y**2\nprint(y.detach(), z.item())\nz",
        "x = param([1., 2.])\nz = (x*2).sum()\nassert z.item() > 3\nz",
        "x = param([[1., 2.], [3., 4.]])\ne = exp(x)\np = e / e.sum(1, keepdim=True)\np[0, 0]",
        "x = param(0.5)\nz = where(x > 0, sqrt(x), x)\nz",
    ],
)
def test_a_program_without_a_fault_is_not_blamed(source: str) -> None:
    kinds = {each.kind for each in explain(source).findings}
    assert kinds <= {"chosen", "sum"}, explain(source).findings


def test_a_function_with_its_own_gradient_cuts_nothing() -> None:
    source = "def f(x):\n    return x**2\n@backward(f)\ndef df(g, x):\n    return g*2*x\nx = param(3.)\nf(x)"
    assert explain(source).findings == []


def test_a_function_with_several_results() -> None:
    source = """from torch.autograd import Function
class SumDiff(Function):
    @staticmethod
    def forward(ctx, a, b):
        return a + b, a - b
    @staticmethod
    def backward(ctx, g, h):
        return g + h, g - h
a = param(2.)
b = param(3.)
s, d = SumDiff.apply(a, b)
z = s*d
z"""
    assert [label for label, _ in explain(source).final] == ["dz/da", "dz/db"]
