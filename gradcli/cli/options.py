"""The option table: what a command accepts, as data, and the scanner that reads arguments by it.

A command states its options once, as rows. `scan` reads the arguments by them without loading
anything; `gradcli.cli.help` and `gradcli.cli.completion` write theirs from the same rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from gradcli.record import Record
from gradcli.syntax.names import normal_name


class UsageError(Exception):
    """The command line itself is wrong: exit status 2."""


class HelpRequested(Exception):
    """`--help` stands among the arguments."""


class Option(Record):
    """One row of the table.

    Attributes:
        name: the key of its value in what `scan` returns.
        flags: `("-s", "--set")`.
        help: one sentence.
        metavar: what stands for its value in the help; empty for a flag without one.
        convert: from the text of the value; raises ValueError with a reason. A flag stores `value`.
        repeat: whether it may be given several times; the values are then a list.
        choices: the only values allowed, where they are few.
        panel: the heading under which the help shows it.
    """

    name: str
    flags: tuple[str, ...]
    help: str
    metavar: str = ""
    convert: Callable[[str], Any] = str
    repeat: bool = False
    choices: tuple[str, ...] = ()
    panel: str = "Options"
    value: Any = True

    @property
    def key(self) -> str:
        """What it is called among all rows, and in Python: its long flag without the dashes."""
        return self.flags[-1].lstrip("-")


class Command(Record):
    """A subcommand: what its help says, what it accepts and what it does.

    Attributes:
        run: gets what `scan` returned and gives the exit status.
        operand: the name of what stands between the options; their values are under `operands`.
        words: what a shell completes operands with beside files.
    """

    name: str
    description: str
    examples: tuple[str, ...]
    options: tuple[Option, ...]
    run: Callable[[dict[str, Any]], int]
    epilog: str = ""
    operand: str = "SOURCE"
    operand_help: str = "Program text, a path ending in .grad or .py, or - for standard input."
    words: Callable[[], Iterable[str]] = tuple


def scan(command: Command, arguments: Sequence[str]) -> dict[str, Any]:
    """Read `arguments` by the table: the options that were given, and `operands`.

    Short options stand alone, so that an expression may start with a minus: any other argument with
    a single `-` is an operand. `--` ends the options.
    """
    rows = {flag: option for option in command.options for flag in option.flags}
    operands: list[str] = []
    found: dict[str, Any] = {"operands": operands}
    rest = iter(arguments)
    for argument in rest:
        if argument == "--":
            operands.extend(rest)
            break
        flag, equals, text = argument.partition("=") if argument.startswith("--") else (argument, "", "")
        option = rows.get(flag)
        if option is None:
            if flag == "--help":
                raise HelpRequested
            if argument.startswith("--"):
                hint = _closest(flag, rows)
                if not hint and "--set" in rows and flag[2:].isidentifier():
                    hint = f" (an input is set by --set {flag[2:]}={text or '…'})"
                raise UsageError(f"no such option: {_clipped(flag)}{hint}")
            operands.append(argument)
            continue
        if not option.metavar:
            if equals:
                raise UsageError(f"option {flag} takes no value")
            found[option.name] = option.value
            continue
        if not equals:
            value = next(rest, None)
            if value is None:
                raise UsageError(f"option {flag} needs a value: {flag} {option.metavar}")
            text = value
        converted = _convert(option, flag, text)
        if option.repeat:
            found.setdefault(option.name, []).append(converted)
        else:
            found[option.name] = converted
    if len(operands) > 1:
        from gradcli.cli import operands as several

        try:
            several.refuse_options(operands, arguments)
            if "--set" in rows:
                several.take_settings(found, 0 if command.operand == "SOURCE" else 1, rows["--set"].convert)
        except ValueError as error:
            raise UsageError(str(error)) from None
    return found


def _convert(option: Option, flag: str, text: str) -> Any:
    if text.lower() in option.choices:
        text = text.lower()
    elif option.choices:
        raise UsageError(f"option {flag}: {text!r} is not one of {', '.join(option.choices)}")
    try:
        return option.convert(text)
    except ValueError as error:
        raise UsageError(f"option {flag}: {error}") from None


def _clipped(word: str) -> str:
    """A word as it was typed, or its beginning: a program may stand where an option should."""
    return word if len(word) <= _LONGEST else f"{word[:_LONGEST]}…"


_LONGEST = 60


def _closest(word: str, known: object) -> str:
    from gradcli.errors import suggestion

    hint = suggestion(word, known)
    return f" ({hint})" if hint else ""


# ---- converters ----------------------------------------------------------------------------------


def whole(text: str) -> int:
    """A whole number."""
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a whole number") from None


def at_least(least: int) -> Callable[[str], int]:
    """A whole number that is not below `least`."""

    def convert(text: str) -> int:
        number = whole(text)
        if number < least:
            raise ValueError(f"{number} is less than {least}")
        return number

    return convert


def seconds(text: str) -> float:
    """A number of seconds, not negative."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise ValueError(f"{text!r} is not a number of seconds")
    return number


_UNITS = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}


def size(text: str) -> int:
    """A number of bytes: `0`, `500M`, `4GiB`."""
    digits = text.strip().lower().removesuffix("b").removesuffix("i")
    unit = digits[-1:] if digits[-1:] in _UNITS else ""
    try:
        number = float(digits.removesuffix(unit))
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise ValueError(f"{text!r} is not a size such as 500M or 4GiB")
    return int(number * _UNITS[unit])


def names(text: str) -> tuple[str, ...]:
    """Names separated by commas."""
    found = tuple(normal_name(name.strip()) for name in text.split(","))
    for name in found:
        if not name.isidentifier():
            raise ValueError(f"{name!r} is not a name" if name else f"a name is missing in {text!r}")
    return found


def assignment(text: str) -> tuple[str, str]:
    """`NAME=VALUE`, split."""
    name, _, value = text.partition("=")
    name, value = normal_name(name.strip()), value.strip().rstrip("; ")
    number = value.lstrip("+-").replace(".", "", 1).isdecimal()
    if not (number and name.isidentifier()):
        from gradcli.cli.settings import refuse_setting

        refuse_setting(text, name, value)
    return name, value


def shape(text: str) -> tuple[str, str]:
    """`NAME=DIMS`, the dims of an input."""
    name, equals, dims = text.partition("=")
    name = normal_name(name.strip())
    if not equals or not name.isidentifier():
        raise ValueError(f"{text!r} is not NAME=DIMS, such as X=n,3")
    return name, dims.strip().strip("()[]")


def optional_assignment(text: str) -> tuple[str | None, str]:
    """`NAME=VALUE`, or a VALUE alone, which then has no name."""
    try:
        return assignment(text)
    except ValueError:
        if not text.strip():
            raise ValueError("the value is empty") from None
        return None, text.strip()
