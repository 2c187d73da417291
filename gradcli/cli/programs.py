"""What commands do with programs: read them, give them inputs and options, hand them to processes, tell of
what failed and of inputs that nobody wanted.

A command whose answer to a program is a text has its whole run here:

    COMMAND = Command(..., options=(*rows("file", "set", "wrt"), *FORMATS.options(...)), run=_run)

    def _run(arguments):
        return answer_each(arguments, _answer, FORMATS)

where `_answer` is a function of a text and its `Options` that calls the command's room. `gradcli check` uses
the parts, since its answers are counted and go into files.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cached_property, partial
from itertools import chain

from gradcli.cli.formats import Formats
from gradcli.cli.options import UsageError
from gradcli.cli.output import Formatter, Outcome, Pieces, write_all
from gradcli.cli.sources import SMALL, Source, read_sources
from gradcli.errors import GradcliError, internal_error
from gradcli.evaluation import bindings
from gradcli.evaluation.options import OPTIONS, Options
from gradcli.limits import BYTES_A_CHARACTER, MOST_MEMORY, Ledger
from gradcli.record import Record
from gradcli.syntax.notation import read_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol, TypeVar

    Answer = TypeVar("Answer", covariant=True)
    Name = TypeVar("Name", bound="str | None")

    class ProgramWork(Protocol[Answer]):
        """What is done to each program, in whatever process: it can be pickled, and raises nothing."""

        def __call__(self, source: Source) -> Answer:
            """The answer to a program."""

        def warm(self) -> None:
            """Does it to a small program, so that the processes have been copied with all that it loads."""

        def failed(self, source: Source, error: GradcliError) -> Answer:
            """The answer to a program whose process is gone."""

        def ended(self, source: Source, error: GradcliError) -> Outcome:
            """What is still written of the only program when its time is over."""


class Programs:
    """The programs of a command line, and what they are run with.

    Args:
        arguments: what `scan` returned.
        operands: in place of those among the arguments.

    Attributes:
        several: there may be more than one: what comes of them says whose it is, and an input need only
            serve one of them.
        count: how many there are, where that is known before they are read.

    Raises:
        UsageError: there is no program, or standard input is wanted twice.
    """

    def __init__(self, arguments: dict[str, Any], operands: Sequence[str] | None = None) -> None:
        operands = arguments["operands"] if operands is None else operands
        lines = "lines" in arguments
        self.several = lines or len(operands) > 1
        self.count = None if lines else max(1, len(operands))
        self.sources = read_sources(
            operands,
            lines=lines,
            stdin_taken=_stdin_taken(arguments),
            taken=_taken(arguments),
            most=arguments.get("max_memory", MOST_MEMORY) // BYTES_A_CHARACTER,
        )
        self._arguments = arguments
        self._jobs = arguments.get("jobs", 1) if self.several else 1

    @cached_property
    def options(self) -> Options:
        """What each program is run with: the inputs that `--set` binds, and every option that was given.

        Raises:
            GradcliError: `io`, when a file cannot be read.
        """
        ledger = Ledger(self._arguments.get("max_memory", MOST_MEMORY))
        found = _keywords(self._arguments, ledger)
        if self._jobs > 1:
            found.setdefault("threads", 1)
        inputs = _read("--set", self._arguments.get("set", ()), ledger)
        return Options(**found, inputs=inputs, unused_inputs=self.several)

    def answers(self, work: ProgramWork[Answer]) -> Iterator[Answer]:
        """The answer to each program in order; the time of an only one is watched until it is written."""
        if not self.several:
            return self._alone(work)
        seconds = self.options.max_seconds
        if self._jobs > 1 or seconds:
            from gradcli.cli.parallel import ordered_map
            from gradcli.machine import FORKS

            if self._jobs > 1 and FORKS:
                work.warm()

            sources = self.sources
            return ordered_map(
                work, sources, self._jobs, work.failed, seconds=seconds, awaited=sources.awaited
            )
        return map(work, self.sources)

    def _alone(self, work: ProgramWork[Answer]) -> Iterator[Answer]:
        if not self.options.max_seconds:
            yield from map(work, self.sources)
            return
        from gradcli.cli.watchdog import Watchdog

        for source in self.sources:
            with Watchdog(self.options.max_seconds, partial(work.ended, source)):
                yield work(source)


def understood(source: Source, options: Options) -> Options:
    """The options of one program, with what its own line sets and asks for (`x^2 at x=3`, `dy/dx`).

    Raises:
        GradcliError: `bad-argument`, a name is set in the line and outside.
    """
    reading = source.reading
    if reading is None:
        return options
    inputs = dict(options.inputs or {})
    for name, value in reading.settings:
        if name in inputs:
            raise GradcliError("bad-argument", f"{name} is set twice: by --set, and in the line")
        inputs[name] = bindings.Binding(value)
    given = {name: value for name, value in reading.asked.items() if name not in vars(options)}
    return options.replaced(inputs=inputs, **given)


def with_own_inputs(text: str, options: Options) -> Options:
    """The options of one program, with the inputs that its first comment lines give (`# inputs: x=1`).

    Raises:
        GradcliError: `bad-argument`, for one that is none.
    """
    if "inputs:" not in text:
        return options
    from gradcli.checking.files import header

    own = {name: bindings.Binding(value) for name, value in header(text).inputs.items()}
    return options.replaced(inputs={**own, **(options.inputs or {})}) if own else options


class Unused:
    """Finds the inputs that served none of several programs."""

    def __init__(self, options: Options) -> None:
        self._inputs = list(options.inputs or ())
        self._left: set[str] | None = None

    def see(self, unused: Collection[str]) -> None:
        """The inputs that one program doesn't have; of one that failed none are known."""
        self._left = set(unused) if self._left is None else self._left.intersection(unused)

    def errors(self) -> list[GradcliError]:
        """An error for each that nobody wanted."""
        return [
            GradcliError("unknown-name", f"none of the programs has a name {name}")
            for name in self._inputs
            if self._left and name in self._left
        ]


# ---- a text for each program ---------------------------------------------------------------------


def answer_each(
    arguments: dict[str, Any],
    answer: Callable[[str, Options], Any],
    formats: Formats,
    *,
    then: Callable[[Any], None] | None = None,
) -> int:
    """Writes the answer to each program in the format that was chosen; the exit status.

    Args:
        arguments: what `scan` returned.
        answer: from a program and its options (`name` and `write` among them) to what the format writes;
            a function that can be pickled. Its `notes` and, where it has them, `unused_inputs` are told of.
        formats: what the command offers.
        then: what is done with an answer besides, once it can be written.
    """
    programs = Programs(arguments)
    formatter = Formatter.of(arguments, formats.chosen(arguments), several=programs.several)
    try:
        work = _Answering(answer, programs.options, formatter, then)
    except GradcliError as error:
        first = next(programs.sources, None)
        return write_all([formatter.failure(first.name if first else "", error)])
    outcomes = _with_unused(programs.answers(work), programs.options, formatter)
    return write_all(chain(formatter.heading(), outcomes))


class _Answering(Record):
    """Answers one program after the other, in whatever process."""

    answer: Callable[[str, Options], Any]
    options: Options
    formatter: Formatter
    then: Callable[[Any], None] | None

    def __call__(self, source: Source) -> Outcome:
        printer = self.formatter.printer()
        try:
            if isinstance(source.text, GradcliError):
                raise source.text
            options = with_own_inputs(source.text, understood(source, self.options))
            found = self.answer(source.text, options.replaced(name=source.name, write=printer))
            if source.reading is not None:
                found.notes = (*source.reading.notes, *map(source.reading.note, found.notes))
            outcome = self.formatter.success(source.name, found, printer)
            if self.then is not None:
                self.then(found)
        except GradcliError as error:
            source.restore(error)
            return self.formatter.failure(source.name, error, printer)
        except Exception as error:  # ours, and no reason to let the other programs down
            return self.formatter.failure(source.name, internal_error(error), printer)
        return outcome

    def warm(self) -> None:
        self(SMALL)

    def failed(self, source: Source, error: GradcliError) -> Outcome:
        return self.formatter.failure(source.name, error)

    def ended(self, source: Source, error: GradcliError) -> Outcome:
        # An object in the middle of another one would tell nobody anything.
        return self.formatter.complaint(error, source.name) if Pieces.begun else self.failed(source, error)


def _with_unused(outcomes: Iterable[Outcome], options: Options, formatter: Formatter) -> Iterator[Outcome]:
    """The outcomes, and an error for each input that served none of several programs."""
    unused = Unused(options)
    for outcome in outcomes:
        unused.see(outcome.unused)
        yield outcome
    for error in unused.errors():
        yield formatter.complaint(error)


# ---- options and their values --------------------------------------------------------------------


def _taken(arguments: dict[str, Any]) -> set[str]:
    """The names that options speak of."""
    named = ("set", "ranges", "shapes", "domains")
    names = {name for option in named for name in dict(arguments.get(option, ())) if name}
    return names.union(*arguments.get("wrt", ()), *arguments.get("roots", ()))


_LISTS_OF_NAMES = ("wrt", "roots", "retain_grad", "freeze")
_DIRECTIONS = ("hvp", "jvp")


def _stdin_taken(arguments: dict[str, Any]) -> bool:
    """Whether a value is read from standard input.

    Raises:
        UsageError: more than one is.
    """
    values = [value for name in ("set", *_DIRECTIONS) for _, value in arguments.get(name, ())]
    count = sum(map(bindings.reads_stdin, values + arguments.get("weights", [])))
    if count > 1:
        raise UsageError("standard input can be read only once")
    return count == 1


def _keywords(arguments: dict[str, Any], ledger: Ledger) -> dict[str, Any]:
    """The options of `gradcli.evaluate` that were given."""
    found = {name: value for name, value in arguments.items() if name in OPTIONS}
    for name in _LISTS_OF_NAMES:
        if name in found:
            found[name] = [each for group in found[name] for each in group]
    for name in _DIRECTIONS:
        if name in found:
            directions = _read(f"--{name}", found[name], ledger)
            found[name] = directions.get(None, directions)
    if "weights" in found:
        found["weights"] = [_weight(text, ledger) for text in found["weights"]]
    return found


def _weight(text: str, ledger: Ledger) -> Any:
    return text if text == "ones" else _read_value("--weights", text, ledger)


def by_name(flag: str, pairs: Iterable[tuple[Name, Any]]) -> dict[Name, Any]:
    """What an option that may be repeated says of each name.

    Raises:
        UsageError: it says something of a name twice.
    """
    found: dict[Name, Any] = {}
    for name, value in pairs:
        if name in found:
            raise UsageError(f"option {flag}: {name} is given twice")
        found[name] = value
    return found


def _read(flag: str, pairs: Sequence[tuple[str | None, str]], ledger: Ledger) -> dict[Any, Any]:
    """Values by name; None is the name of a value without one."""
    if len(pairs) > 1 and any(name is None for name, _ in pairs):
        raise UsageError(f"option {flag}: a value without a name stands alone")
    return {
        name: _read_value(flag if name is None else f"{flag} {name}", text, ledger)
        for name, text in by_name(flag, pairs).items()
    }


def _read_value(what: str, text: str, ledger: Ledger) -> Any:
    try:
        return (
            bindings.read(text, ledger=ledger) if text.startswith("@") else bindings.Binding(read_value(text))
        )
    except GradcliError as error:
        error.notes = (*error.notes, f"in {what}={text}")
        raise
