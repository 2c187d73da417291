"""Random scripts of the statements of `scripts.py`, of which more meet: hooks, writes and early ends.

`denser(random)` gives one. Its walks name their inputs, results among them, as often as not, and are recorded
more often: what those of `scripts` find once in a hundred thousand scripts, these find in ten thousand.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from fuzz.scripts import WORDS, Script


class Denser(Script):
    """A script whose statements meet."""

    def settings(self) -> str:
        found = []
        if self.random.random() < 0.6:
            found.append(f"retain_graph={self.random.choice(('True', 'True', 'False'))}")
        if self.random.random() < 0.35:
            found.append("create_graph=True")
        return "".join(f", {each}" for each in found)

    def backward(self) -> None:
        settings, root = self.settings(), self.root()
        if self.random.random() < 0.5:
            count = self.random.choice((1, 1, 2))
            names = [self.pick(leaf=self.random.choice((True, None))) for _ in range(count)]
            settings += f", inputs=[{', '.join(dict.fromkeys(names))}]"
        if "." not in root and self.random.random() < 0.8:
            settings = f", torch.ones_like({root})" + settings
        guard = f"if ({root}).requires_grad: " if self.random.random() < 0.9 else ""
        self.say(f"{guard}{root}.backward({settings[2:]})")
        self.gradients()

    def gradients(self) -> None:
        for name, what in self.names.items():
            if what.leaf or self.random.random() < 0.4:
                self.say(f"show({name}.grad)")

    def written_outside(self) -> None:
        """A write that is not recorded, to whatever there is."""
        statement = self.random.choice(WORDS["IN_PLACE"]).format(a=self.pick())
        self.say(f"with torch.no_grad():\n    {statement}")


STATEMENTS: tuple[tuple[Callable[[Denser], None], int], ...] = (
    (Denser.leaf, 3),
    (Denser.unary, 10),
    (Denser.pair, 8),
    (Denser.view, 16),
    (Denser.copy, 3),
    (Denser.in_place, 22),
    (Denser.outside, 3),
    (Denser.hook, 9),
    (Denser.backward, 10),
    (Denser.grad, 7),
    (Denser.accumulated, 4),
    (Denser.flag, 7),
    (Denser.written_outside, 4),
)


def denser(random: Random) -> str:
    """One script."""
    return Denser(random).grown(STATEMENTS)
