"""The options of an evaluation, with their defaults: each is written here, and nowhere else.

The signature of `evaluate`, the rows of the command line, `compile` and the checks take theirs from here.
Nothing here imports NumPy: `import gradcli` reads it.
"""

from __future__ import annotations

from gradcli.limits import MOST_MEMORY, MOST_STEPS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any


class Options:
    """What is asked of one evaluation, as `gradcli.evaluate` takes it, and says what each is for.

    An attribute of the class is the default of that option; an instance holds what was given, and is not
    written to.
    """

    inputs: Mapping[str, Any] | None = None
    wrt: Sequence[str] | None = None
    roots: Sequence[str] | None = None
    weights: Any = None
    retain_graph: bool | None = None
    create_graph: bool = False
    passes: int = 1
    zero_grad: bool = False
    retain_grad: Sequence[str] = ()
    freeze: Sequence[str] = ()
    order: int | None = None
    partials: Sequence[Sequence[str]] | None = None
    hessian: bool = False
    jacobian: bool = False
    hvp: Any = None
    jvp: Any = None
    mode: str = "auto"
    sparse: bool = False
    dtype: Any = None
    seed: int = 0
    detect_anomaly: bool = False
    max_memory: int = MOST_MEMORY
    max_seconds: float = 0.0
    max_steps: int = MOST_STEPS
    threads: int | None = None
    name: str | None = None
    write: Callable[[str], None] | None = None
    unused_inputs: bool = False

    def __init__(self, **chosen: Any) -> None:
        if unknown := chosen.keys() - Options.__annotations__.keys():
            raise TypeError(f"there is no option {min(unknown)}")
        self.__dict__.update(chosen)

    def __setattr__(self, option: str, value: object) -> None:
        raise AttributeError(f"options are not written to: {option}")

    def replaced(self, **changes: Any) -> Options:
        """The same but for `changes`."""
        return Options(**{**self.__dict__, **changes})


OPTIONS: tuple[str, ...] = tuple(Options.__annotations__)
"""The names of all options."""
