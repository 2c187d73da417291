"""`gradcli functions`: the functions of the language, or one of them with its derivative and an example."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from gradcli.cli.options import Command, Option, UsageError
from gradcli.cli.output import complaint, look
from gradcli.cli.rows import OUTPUT
from gradcli.errors import GradcliError

if TYPE_CHECKING:
    from gradcli.reference.catalogue import CatalogueEntry
    from gradcli.reference.text import FunctionDetail, FunctionSummary


def _run(arguments: dict[str, Any]) -> int:
    names = arguments["operands"]
    as_json = arguments.get("format") == "json"
    if "markdown" in arguments and (names or as_json):
        raise UsageError("--markdown writes the whole list, and nothing else")
    from gradcli.reference import text as text

    width, color = look().width, look().color
    if not names:
        functions = summaries()
        if "markdown" in arguments:
            written = text.list_markdown(functions)
        elif as_json:
            written = text.list_json(functions)
        elif sys.stdout.isatty():
            written = text.list_table(functions, width=width, color=color)
        else:
            written = text.list_plain(functions)
        sys.stdout.write(written)
        return 0
    status = 0
    for index, name in enumerate(names):
        try:
            detail = describe(name)
        except GradcliError as error:
            _tell_members(name, error)
            _fail(name, error, as_json)
            status = max(status, error.exit_status)
            continue
        if as_json:
            written = text.detail_json(detail)
        elif sys.stdout.isatty():
            written = text.detail_table(detail, width=width, color=color)
        else:
            written = text.detail_plain(detail)
        sys.stdout.write(("\n" if index and not as_json else "") + written)
    return status


def _fail(name: str, error: GradcliError, as_json: bool) -> None:
    if as_json:
        from gradcli.report.failure import failure_text

        sys.stdout.write(failure_text(error, name))
        return
    sys.stderr.write(complaint(error, look()).err)


def _tell_members(name: str, error: GradcliError) -> None:
    """Says of `backward` and `grad`, which are no functions, where they are at home."""
    from gradcli.library.members import TENSOR_ATTRIBUTES, tensor_method

    called = tensor_method(name) is not None
    if called or name in TENSOR_ATTRIBUTES:
        error.message += f": it is {'a method' if called else 'an attribute'} of tensors, x.{name}"
        error.hint = "docs/language.md says what tensors have, docs/tutorial.md what gradients are"


def summaries() -> list[FunctionSummary]:
    """Every function, by family and name."""
    from gradcli.reference.catalogue import entries

    return [_summary(entry) for entry in entries()]


def describe(name: str) -> FunctionDetail:
    """One function, its example run.

    Raises:
        GradcliError: `unknown-function`.
    """
    from gradcli.formula.shown import rule, told
    from gradcli.reference import catalogue
    from gradcli.reference.text import FunctionDetail

    entry = catalogue.find(name)
    command, output = _example(entry)
    made_of = [
        (step.primitive, *told(step.primitive, step.kind, step.partials)) for step in catalogue.steps(entry)
    ]
    whole = tuple(rule(entry.name))
    if whole and [primitive for primitive, _, _ in made_of] != [entry.name]:
        made_of.insert(0, (entry.name, whole, ""))
    return FunctionDetail(
        function=_summary(entry),
        grad_fn=entry.function.grad_fn,
        method=entry.function.method,
        primitive=catalogue.is_primitive(entry),
        made_of=tuple(made_of),
        command=command,
        output=output,
    )


def _summary(entry: CatalogueEntry) -> FunctionSummary:
    from gradcli.reference.text import FunctionSummary

    return FunctionSummary(entry.name, entry.aliases, entry.family, entry.signature, entry.summary)


def _example(entry: CatalogueEntry) -> tuple[str, str]:
    """The command line that shows the function at work, and what it writes."""
    from gradcli.evaluation.api import evaluate
    from gradcli.reference.catalogue import example
    from gradcli.report.plain import plain_text

    shown = example(entry)
    if shown is None:
        return "", ""
    call, values = shown
    if values:
        settings = "".join(f" -s {name}={number:g}" for name, number in values.items())
        return f"gradcli eval {_quoted(call)}{settings}", plain_text(evaluate(call, values))
    program = f"print({call})"
    printed = evaluate(program).printed
    return f"gradcli eval -q {_quoted(program)}", "".join(f"{line}\n" for line in printed)


def _quoted(program: str) -> str:
    return f'"{program}"' if "'" in program else f"'{program}'"


def _names() -> list[str]:
    from gradcli.ops.index import listed

    return sorted(listed())


COMMAND = Command(
    name="functions",
    description="Without NAME it lists every function by family. With one it shows the signature, what the "
    "function does, its derivative, and an example with what that writes.",
    examples=(
        "gradcli functions",
        "gradcli functions softplus",
        "gradcli functions sin cos --json",
    ),
    options=(
        Option("format", ("--json",), "JSON, one object.", value="json", panel=OUTPUT),
        Option("markdown", ("--markdown",), "The list as a page of the documentation.", panel=OUTPUT),
    ),
    run=_run,
    operand="NAME",
    operand_help="The function to show.",
    words=_names,
)
