"""Random PyTorch scripts about autograd's rules: views, in-place work, hooks, several backwards, no_grad.

`script(random)` gives one. It keeps track of what each name is, so that most statements are accepted, and
leaves the rest to chance: a script ends at its first error, and that is an answer too. Numbers are few and
round, so that what is printed does not hang on a last digit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

Shape = tuple[int, ...]
SHAPES: tuple[Shape, ...] = ((3,), (2, 3), (), (3, 1), (4,), (2, 2), (2, 1, 2))
NUMBERS = (1.0, -1.0, 2.0, 0.5, 3.0, -2.0, 0.0, 1.5, -0.5, 4.0)


def words(path: Path) -> dict[str, list[str]]:
    """What stands below each heading of a file."""
    parts = [part.split("\n", 1) for part in path.read_text(encoding="utf-8")[3:].split("\n== ")]
    return {title: rest.split() for title, rest in parts}


WORDS = words(Path(__file__).with_suffix(".txt"))
"""The kinds of expression and statement, of `scripts.txt`; `{a}` and `{b}` stand for names."""
HOOKS = ("g*2", "g+1", "None", "-g", "g*g", "g.clone()", "torch.zeros_like(g)", "print('hook',g)")


@dataclass
class Name:
    """What a script calls a tensor: its shape as far as it is known, and whether it is a leaf."""

    shape: Shape | None
    leaf: bool = False


class Script:
    """A script as it grows."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.lines: list[str] = []
        self.names: dict[str, Name] = {}
        self.hooks = 0
        self.count = 0

    def say(self, line: str) -> None:
        self.lines.append(line)

    def fresh(self) -> str:
        self.count += 1
        return f"{'abcdefghkmnpqrstuvwyz'[(self.count - 1) % 21]}{(self.count - 1) // 21 or ''}"

    def pick(self, *, leaf: bool | None = None) -> str:
        names = [name for name, what in self.names.items() if leaf is None or what.leaf == leaf]
        names = names or list(self.names)
        # What was made last is most likely used.
        return names[-1] if self.random.random() < 0.45 else self.random.choice(names)

    def partner(self, name: str) -> str:
        """A name of the same shape where there is one."""
        shape = self.names[name].shape
        same = [other for other, what in self.names.items() if what.shape == shape and shape is not None]
        if same and self.random.random() < 0.9:
            return self.random.choice(same)
        return self.pick()

    def grown(self, statements: Sequence[tuple[Callable[[Any], None], int]]) -> str:
        """The text of a script of some of these statements, each as likely as its weight."""
        self.say(
            "import torch\nimport torch.nn.functional as F\n"
            "def show(q): print(None if q is None else q.detach())"
        )
        self.leaf()
        if self.random.random() < 0.6:
            self.leaf()
        kinds = [kind for kind, _ in statements]
        weights = [weight for _, weight in statements]
        for _ in range(self.random.randint(3, 12)):
            self.random.choices(kinds, weights)[0](self)
        for name in list(self.names):
            self.say(f"print({name})")
        self.backward()
        return "\n".join(self.lines) + "\n"

    # ---- statements ----

    def leaf(self) -> None:
        shape = self.random.choice(SHAPES)
        numbers = written(shape, lambda: self.random.choice(NUMBERS))
        name = self.fresh()
        grad = self.random.random() < 0.7
        double = ", dtype=torch.float64" if self.random.random() < 0.04 else ""
        self.say(f"{name} = torch.tensor({numbers}{', requires_grad=True' if grad else ''}{double})")
        self.names[name] = Name(shape, grad)

    def made(self, expression: str, shape: Shape | None) -> None:
        name = self.fresh() if self.random.random() < 0.9 else self.pick()
        self.say(f"{name} = {expression}")
        self.names[name] = Name(shape)

    def unary(self) -> None:
        name = self.pick()
        shape = self.names[name].shape
        if self.random.random() < 0.7:
            call = self.random.choice(WORDS["UNARY"])
            reduces = any(
                word in call for word in ("sum", "mean", "max", "min", "prod", "std", "norm(", "logsumexp")
            )
            self.made(f"{name}.{call}", None if reduces else shape)
        else:
            call = self.random.choice(WORDS["FUNCTIONS"]).format(a=name)
            self.made(call, None if "stack" in call or "cat" in call else shape)

    def pair(self) -> None:
        name = self.pick()
        other = self.partner(name)
        call = self.random.choice(WORDS["PAIRS"]).format(a=name, b=other)
        same = self.names[name].shape == self.names[other].shape and not any(
            each in call
            for each in ("loss", "dot", "@", "mv", "outer", "linear", "stack", "dist", "cos", "entropy")
        )
        self.made(call, self.names[name].shape if same else None)

    def view(self) -> None:
        name = self.pick()
        self.made(self.random.choice(WORDS["VIEWS"]).format(a=name), None)

    def copy(self) -> None:
        self.made(self.random.choice(WORDS["COPIES"]).format(a=self.pick()), None)

    def in_place(self) -> None:
        name = self.pick(leaf=False) if self.random.random() < 0.75 else self.pick()
        if self.random.random() < 0.6:
            statement = self.random.choice(WORDS["IN_PLACE"]).format(a=name)
        else:
            statement = self.random.choice(WORDS["IN_PLACE_PAIRS"]).format(a=name, b=self.partner(name))
        leaf = self.names[name].leaf and ".data" not in statement
        if self.random.random() < (0.87 if leaf else 0.12):
            self.say(f"with torch.no_grad():\n    {statement}")
        else:
            self.say(statement)

    def outside(self) -> None:
        """Something that is not recorded."""
        name = self.pick()
        expression = self.random.choice((*WORDS["VIEWS"], "{a}*2", "{a}.sin()")).format(a=name)
        made = self.fresh()
        self.say(f"with torch.no_grad():\n    {made} = {expression}")
        self.names[made] = Name(None)

    def hook(self) -> None:
        name = self.pick()
        if self.random.random() < 0.4:
            self.say(f"if {name}.requires_grad: {name}.retain_grad()")
            return
        self.hooks += 1
        body = self.random.choice(HOOKS)
        keyword = "" if body.startswith("print") else "return "
        self.say(f"def hook{self.hooks}(g): {keyword}{body}")
        self.say(f"if {name}.requires_grad: {name}.register_hook(hook{self.hooks})")

    def root(self) -> str:
        name = self.pick(leaf=False) if self.random.random() < 0.9 else self.pick()
        return self.random.choice(
            (f"{name}.sum()", f"{name}.sum()", f"{name}.mean()", f"({name}*{name}).sum()", name)
        )

    def settings(self) -> str:
        found = []
        if self.random.random() < 0.5:
            found.append(f"retain_graph={self.random.choice(('True', 'True', 'False'))}")
        if self.random.random() < 0.25:
            found.append("create_graph=True")
        return "".join(f", {each}" for each in found)

    def backward(self) -> None:
        settings = self.settings()
        root = self.root()
        if self.random.random() < 0.15:
            settings += f", inputs=[{self.pick(leaf=True)}]"
        if "." not in root and self.random.random() < 0.8:
            settings = f", torch.ones_like({root})" + settings
        call = f"{root}.backward({settings[2:]})"
        # A root that requires no grad is an error of its own; mostly it is not what we are after.
        guard = f"if ({root}).requires_grad: " if self.random.random() < 0.9 else ""
        self.say(guard + call)
        self.gradients()

    def grad(self) -> None:
        root = self.root()
        inputs = [
            self.pick(leaf=self.random.choice((True, True, None)))
            for _ in range(self.random.choice((1, 1, 2)))
        ]
        inputs = list(dict.fromkeys(inputs))
        condition = " and ".join([f"({root}).requires_grad", *[f"{each}.requires_grad" for each in inputs]])
        settings = self.settings()
        if self.random.random() < 0.85:
            settings += ", allow_unused=True"
        if "." not in root:
            settings = f", torch.ones_like({root})" + settings
        self.say(f"if {condition}:")
        self.say(f"    for q in torch.autograd.grad({root}, [{', '.join(inputs)}]{settings}): show(q)")
        if "create_graph=True" in settings and self.random.random() < 0.6:
            made = self.fresh()
            self.say(f"{made} = torch.zeros(2)")
            self.say(f"if {condition}:")
            call = f"torch.autograd.grad({inputs[0]}.sin().sum()*2, [{inputs[0]}], create_graph=True)"
            self.say(f"    {made}, = {call}")
            self.names[made] = Name(self.names[inputs[0]].shape)

    def gradients(self) -> None:
        for name, what in self.names.items():
            if what.leaf or self.random.random() < 0.15:
                self.say(f"show({name}.grad)")

    def accumulated(self) -> None:
        name = self.pick(leaf=True)
        self.say(
            self.random.choice(
                (
                    f"{name}.grad = None",
                    f"if {name}.grad is not None: {name}.grad.zero_()",
                    f"if {name}.grad is not None: {name}.grad *= 2",
                    f"q = {name}.grad",
                    f"{name}.grad = torch.ones_like({name})",
                    f"if {name}.grad is not None: \n    with torch.no_grad(): {name} -= 0.5*{name}.grad",
                )
            )
        )

    def flag(self) -> None:
        name = self.pick()
        self.say(
            self.random.choice(
                (
                    f"if {name}.is_leaf: {name}.requires_grad_()",
                    f"print({name}.requires_grad, {name}.is_leaf)",
                    f"if {name}.is_leaf: {name}.requires_grad_(False)",
                    f"print({name}.retains_grad)",
                    f"print({name})",
                    f"print({name}.shape)",
                )
            )
        )


def written(shape: Shape, number: Callable[[], float]) -> object:
    if not shape:
        return number()
    return [written(shape[1:], number) for _ in range(shape[0])]


STATEMENTS: tuple[tuple[Callable[[Script], None], int], ...] = (
    (Script.leaf, 4),
    (Script.unary, 16),
    (Script.pair, 12),
    (Script.view, 12),
    (Script.copy, 3),
    (Script.in_place, 18),
    (Script.outside, 2),
    (Script.hook, 5),
    (Script.backward, 8),
    (Script.grad, 5),
    (Script.accumulated, 3),
    (Script.flag, 5),
)


def script(random: Random) -> str:
    """One script."""
    return Script(random).grown(STATEMENTS)
