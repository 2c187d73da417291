"""What a row of the table is: how a call of it is bound to its parameters, and what its result is called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradcli.errors import GradcliError, failure, missing_arguments, suggestion
from gradcli.ops.parameters import REQUIRED, Parameter
from gradcli.ops.saved import reads_values

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from gradcli.ops.refusals import Refusal
    from gradcli.ops.saved import Saved

MOST_CALLS = 256
"""For how many kinds of call a row remembers the name of the `grad_fn`."""

_NUMPY_NAMES = {"axis": "dim", "keepdims": "keepdim", "a": "input", "x": "input", "self": "input"}
"""NumPy's (and older) argument names, and what PyTorch calls them."""
_OF_PYTHON = ("loss", "activation")
_OF_C = frozenset(("gelu", "softplus", "softshrink", "hardshrink", "logsigmoid", "prelu", "sigmoid"))
"""Families of functions that PyTorch has in Python, and those of them that it hasn't: errors differ."""


class Function:
    """A row: what the language calls by this name.

    `unary` says that one tensor is enough for a call, `inplace` where among its parameters is the one that
    says that the result is to take the place of the first.
    """

    __slots__ = (
        "_required",
        "calls",
        "checks",
        "doc",
        "family",
        "grad_fn",
        "implementation",
        "inplace",
        "keyword_names",
        "keyword_only",
        "kinds",
        "labels",
        "method",
        "name",
        "naming",
        "needs_keyword",
        "parameters",
        "positional",
        "refusal",
        "saved",
        "unary",
    )

    saves: bool | None = None  # whether backward frees a call is read off the rules

    def __init__(
        self,
        name: str,
        implementation: Callable[..., Any],
        parameters: tuple[Parameter, ...],
        family: str,
        *,
        grad_fn: str | Naming | None = None,
        method: bool = True,
        doc: str = "",
    ) -> None:
        self.name = name
        self.implementation = implementation
        self.parameters = parameters
        self.family = family
        self.naming = grad_fn if callable(grad_fn) else None
        self.grad_fn = _backward_name(camel(name) if grad_fn is None or callable(grad_fn) else grad_fn)
        self.labels: dict[str, CallName] = {}
        self.calls: dict[Any, Function | CallName] = {}
        self.method = method
        self.doc = doc
        self.saved: Saved | None = None  # what it saves, where that isn't read off its rules
        self.refusal: Refusal | None = None  # by which values or flags of its arguments it may be refused

    if not TYPE_CHECKING:  # so that a name which no row has stays an error

        def __getattr__(self, name):
            """What follows from the parameters is found once it is asked for: most rows are only loaded."""
            if name not in Function.__slots__:
                raise AttributeError(name, name=name, obj=self)
            self._derive()
            return getattr(self, name)

    def _derive(self) -> None:
        parameters = self.parameters
        self.positional = tuple(each for each in parameters if not each.keyword_only and not each.variadic)
        self.kinds = tuple(each.kind for each in self.positional)
        self.keyword_names = {each.name: each for each in parameters if not each.variadic}
        self.checks = tuple((at, each) for at, each in enumerate(self.positional) if each.words)
        self.keyword_only = tuple(each for each in parameters if each.keyword_only)
        self.needs_keyword = any(each.default is REQUIRED for each in self.keyword_only)
        self._required = sum(each.default is REQUIRED for each in self.positional)
        self.inplace = next((at for at, each in enumerate(self.positional) if each.name == "inplace"), None)
        self.unary = self._required <= 1 and self.kinds[:1] in (("tensor",), ("optional tensor",))

    @property
    def variadic(self) -> Parameter | None:
        """The `*name` parameter, if it has one."""
        return next((each for each in self.parameters if each.variadic), None)

    def arguments(
        self, args: tuple[Any, ...], kwargs: Mapping[str, Any], lift: Lift, first: int = 1
    ) -> tuple[list[Any], dict[str, Any]]:
        """The arguments to call `implementation` with, tensors lifted to nodes by `lift`.

        Errors count them from `first` on: from 0 where that is the tensor whose method is called.

        Raises:
            GradcliError: `bad-argument` for a wrong number of arguments or an unknown keyword.
        """
        kinds = self.kinds
        if not kwargs and self._required <= len(args) <= len(kinds) and not self.needs_keyword:
            try:
                bound = [lift(kind, value) for kind, value in zip(kinds, args, strict=False)]
            except GradcliError:  # which says whose fault it is
                return self._bind(args, kwargs, lift, first)
            for at, parameter in self.checks:
                if at >= len(bound):
                    break
                bound[at] = parameter.fitting(self, bound[at], args[at], at + first)
            return bound, {}
        return self._bind(args, kwargs, lift, first)

    def _bind(
        self, args: tuple[Any, ...], kwargs: Mapping[str, Any], lift: Lift, first: int
    ) -> tuple[list[Any], dict[str, Any]]:
        variadic, positional = self.variadic, self.positional
        if len(args) > len(positional) and variadic is None:
            raise self._too_many(len(args), first == 0)
        bound = [
            self._lifted(each, value, lift, at)
            for at, (each, value) in enumerate(zip(positional, args, strict=False), first)
        ]
        rest = args[len(positional) :]
        named: dict[str, Any] = {}
        for word, value in kwargs.items():
            name = word
            if name not in self.keyword_names and not (variadic and variadic.name == name):
                name = _NUMPY_NAMES.get(word, word)
            if variadic is not None and name == variadic.name and not rest:
                rest = tuple(value) if isinstance(value, (tuple, list)) else (value,)
                continue
            if name not in self.keyword_names:
                known = [each.name for each in self.parameters]
                raise GradcliError(
                    "bad-argument",
                    f"{self.name}() got an unexpected keyword argument '{word}'",
                    hint=suggestion(word, known) or f"it takes {self.signature}",
                )
            if name in named or any(each.name == name for each in positional[: len(args)]):
                raise GradcliError("bad-argument", f"{self.name}() got multiple values for argument '{word}'")
            named[name] = self._lifted(self.keyword_names[name], value, lift)
        for each in positional[len(bound) :]:
            if each.name in named:  # primitives take no keywords
                bound.append(named.pop(each.name))
            elif rest and each.default is not REQUIRED:
                bound.append(each.default)
            else:
                break
        missing = [
            each.name
            for each in (*positional[len(bound) :], *self.keyword_only)
            if each.default is REQUIRED and each.name not in named
        ]
        if missing:
            raise self._missing(missing)
        if variadic is not None:
            if len(rest) == 1 and isinstance(rest[0], (tuple, list)):
                rest = tuple(rest[0])
            bound.extend(variadic.fitting(self, lift(variadic.each, value), value) for value in rest)
        return bound, named

    def _lifted(self, parameter: Parameter, value: Any, lift: Lift, position: int | None = None) -> Any:
        try:
            lifted = lift(parameter.kind, value)
        except GradcliError:
            if value is None or type(value) is str:
                raise parameter.refusal(self, value, position) from None
            raise
        return parameter.fitting(self, lifted, value, position)

    def named(self, bound: Sequence[Any], keywords: Mapping[str, Any]) -> Function | CallName:
        """What a call with these arguments is called: the row, unless `grad_fn` depends on the arguments."""
        if self.naming is None:
            return self
        key: Any = tuple(
            [(each.shape, each.requires_grad) if hasattr(each, "requires_grad") else each for each in bound]
        )
        if keywords:
            key = (key, *keywords.items())
        return self._known(key, bound, keywords)

    def operator(self, left: Any, right: Any) -> Function | CallName:
        """`named` for an operator: which side is a number can matter, but not which number."""
        key: Any
        if isinstance(left, (int, float)):
            key = (None, right.shape, right.requires_grad)
        elif isinstance(right, (int, float)):
            key = (left.shape, left.requires_grad, None)
        else:
            key = (left.shape, left.requires_grad, right.shape, right.requires_grad)
        known = self.calls.get(key)
        return known if known is not None else self._known(key, (left, right), {})

    def _known(self, key: Any, bound: Sequence[Any], keywords: Mapping[str, Any]) -> Function | CallName:
        if self.naming in _LAYOUT_NAMINGS:
            return self._label(bound, keywords)
        try:
            known = self.calls.get(key)
        except TypeError:  # a list among the arguments
            return self._label(bound, keywords)
        if known is None:
            if len(self.calls) > MOST_CALLS:
                self.calls.clear()
            known = self.calls[key] = self._label(bound, keywords)
        return known

    def _label(self, bound: Sequence[Any], keywords: Mapping[str, Any]) -> CallName:
        assert self.naming is not None
        call = Arguments(
            {each.name: each.default for each in self.parameters if each.default is not REQUIRED}
        )
        explicit = dict(zip([each.name for each in self.positional], bound, strict=False))
        if self.variadic is not None:
            explicit[self.variadic.name] = tuple(bound[len(self.positional) :])
        explicit.update(keywords)
        call.update(explicit)
        call.explicit = explicit.keys()
        grad_fn = _backward_name(self.naming(call))
        if grad_fn not in self.labels:
            self.labels[grad_fn] = CallName(self.name, grad_fn, None if reads_values(grad_fn) else False)
        return self.labels[grad_fn]

    def _missing(self, names: Sequence[str]) -> GradcliError:
        """PyTorch's error for a call without some arguments: its functions are of C++ or of Python."""
        if self.family in _OF_PYTHON and self.name not in _OF_C:
            error = missing_arguments(self.name, names, None)
        else:
            quoted, plural = ", ".join([f'"{each}"' for each in names]), "s" if len(names) == 1 else ""
            message = f"{self.name}() missing {len(names)} required positional argument{plural}: {quoted}"
            error = failure("TypeError", message, None)
        error.hint = f"it takes {self.signature}"
        return error

    def _too_many(self, given: int, method: bool) -> GradcliError:
        """PyTorch's error for a call with too many arguments; those of a method count without its tensor."""
        own = 1 if method else 0
        least, most = self._required - own, len(self.positional) - own
        if method and not most and not self.keyword_only:
            message = f"TensorBase.{self.name}() takes no arguments ({given - own} given)"
        else:
            count = str(most) if least == most else f"{least} to {most}"
            takes = f"takes {count} positional argument{'' if most == 1 else 's'}"
            got = f"{given - own} {'was' if given - own == 1 else 'were'} given"
            message = f"{self.name}() {takes} but {got}"
        return failure("TypeError", message, None, hint=f"it takes {self.signature}")

    @property
    def signature(self) -> str:
        """`name(input, beta=1.0, *, dtype=None)`, as the documentation writes it."""
        words: list[str] = []
        starred = False
        for each in self.parameters:
            if each.variadic:
                words.append("*" + each.name)
                starred = True
                continue
            if each.keyword_only and not starred:
                words.append("*")
                starred = True
            words.append(each.name if each.default is REQUIRED else f"{each.name}={each.default!r}")
        return f"{self.name}({', '.join(words)})"

    def __repr__(self) -> str:
        return f"<built-in function {self.name}>"


class Arguments(dict[str, Any]):
    """A call's arguments by name, defaults filled in; `explicit` are the names that the call gave."""

    __slots__ = ("explicit",)
    explicit: Collection[str]


_LAYOUT_NAMINGS: set[Any] = set()


def by_layout(naming: Naming) -> Naming:
    """Marks a naming that looks at more of its tensors than their shape: how they lie in memory."""
    _LAYOUT_NAMINGS.add(naming)
    return naming


class CallName:
    """What a recorded call is named after where no row of the table has that name for it.

    Attributes:
        name: for diagnostics.
        grad_fn: PyTorch's name for the result.
        saves: whether backward frees the call; None where its rules say that.
    """

    __slots__ = ("grad_fn", "name", "saves")

    def __init__(self, name: str, grad_fn: str, saves: bool | None = None) -> None:
        self.name = name
        self.grad_fn = grad_fn
        self.saves = saves


if TYPE_CHECKING:
    Naming = Callable[[Arguments], str]
    Lift = Callable[[str, Any], Any]
"""`Naming` gives the name of a call's `grad_fn` from its arguments by name, `Lift` turns an argument of the
language into what the kind of its parameter takes."""


def _backward_name(name: str) -> str:
    return name if "Backward" in name or "::" in name or name == "NotImplemented" else name + "Backward0"


def camel(name: str) -> str:
    """What PyTorch calls a function of that name in `grad_fn`."""
    return name.title().replace("_", "")  # log1p becomes Log1P, as in PyTorch
