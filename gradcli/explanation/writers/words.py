"""What all writers say alike: numbers, arrays, the rows of a step, the lines of a gradient."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.text.numbers import numbers

if TYPE_CHECKING:
    from gradcli.explanation.model import Finding, LeafGradient, Path, Row, Step, Story, Told

SMALL = 6
"""Arrays of more elements are summarised."""
ANSWER = 64
"""Gradients of leaves are summarised beyond this."""
LONG_PATH = 8
"""A longer path is written by its ends."""

ASCII = str.maketrans(
    {
        "·": "*",
        "▶": ">",
        "─": "-",
        "▲": "^",
        "│": "|",
        "Σ": "sum",
        "→": "->",
        **{letter: f"^{digit}" for digit, letter in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")},
        "∞": "inf",
        "…": "...",
        "−": "-",
        "×": "x",
        "≤": "<=",
        "≥": ">=",
    }
)


def number(value: Any) -> str:
    """One number: the shortest text that reads back the same, whole ones without a point."""
    found = numbers(np.asarray(value))
    if isinstance(found, float) and found.is_integer() and abs(found) < 1e16:
        text = repr(found)
        return text[:-2] if text.endswith(".0") else text
    return repr(found)


def shown(value: Any) -> str:
    """A value: a number, a small array, or what there is to say of a large one."""
    array = np.asarray(value)
    if not array.shape:
        return number(array)
    if array.size <= SMALL:
        return nested(array)
    return f"{list(array.shape)} {summary(array)}"


def full(value: Any) -> str:
    """A gradient that is asked for: all its elements, as long as a line can hold them."""
    array = np.asarray(value)
    return nested(array) if array.size <= ANSWER else shown(array)


def nested(array: Any) -> str:
    """An array in brackets."""
    if not array.shape:
        return number(array)
    return f"[{', '.join([nested(each) for each in array])}]"


def summary(array: Any) -> str:
    """What there is to say of a large array."""
    if array.dtype.kind not in "fi":
        return "of bools"
    finite = np.asarray(array, np.float64)
    lost = int(np.size(finite) - np.isfinite(finite).sum())
    known = finite[np.isfinite(finite)]
    text = f"from {known.min():.6g} to {known.max():.6g}" if known.size else "no finite numbers"
    return f"{text}, {lost} not finite" if lost else text


def product(*factors: str) -> str:
    """A product as it is read: `dz/dy · 2*y`."""
    if len(factors) == 1:
        return factors[0]
    return " · ".join([bracketed(each) for each in factors])


def bracketed(text: str) -> str:
    """A factor, in brackets where it is a sum."""
    depth = 0
    for at, letter in enumerate(text):
        depth += (letter in "([") - (letter in ")]")
        if not depth and letter in "+-<>=" and (at == 0 or text[at - 1] == " "):
            return f"({text})"
    return f"({text})" if text.startswith("-") else text


def slope_text(row: Row) -> str:
    """The local derivative of one number by one number, as the formula or as the number."""
    return row.formula if row.formula is not None else number(np.asarray(row.slope).reshape(()))


def slope_cell(row: Row) -> tuple[str, str]:
    """What stands in the middle: `dy/dx = 2*x`, and its value."""
    name = f"d{row.step.name}/d{row.source}"
    if row.slope is None:
        local = row.step.local
        assert local is not None
        return f"{name}: {shape(row.share)} by {list(local.node.shape)}", ""
    return (f"{name} = {row.formula}" if row.formula is not None else name), shown(row.slope)


def shape(value: Any) -> str:
    """A shape in brackets."""
    return str(list(np.shape(value)))


def share_cell(row: Row) -> tuple[str, str]:
    """What a step hands on: `dz/dx = dz/dy · 2`, and its value."""
    sign = "=" if row.alone else "+="
    if row.slope is not None:
        return f"{row.outgoing} {sign} {product(row.incoming, slope_text(row))}", shown(row.share)
    if row.formula is None:
        return f"{row.outgoing} {sign} {row.incoming} through {row.step.name}", shown(row.share)
    return f"{row.outgoing} {sign} {row.formula}", shown(row.share)


def step_name(step: Step) -> str:
    """The left side of a step; that of a function's inside is set in."""
    return f"{'  ' * step.depth}{step.name} = {step.text}" if step.text else step.name


def start(walk: Told) -> str:
    """What a walk began with."""
    if not walk.weighted:
        root = walk.roots[0]
        return f"d{root}/d{root} = {shown(walk.seeds[root])}"
    return ", ".join([f"{walk.label(name)} = {shown(seed)}" for name, seed in walk.seeds.items()])


def meaning(walk: Told) -> str:
    """What L is, where there are weights."""
    if not walk.weighted:
        return ""
    terms, where = [], []
    for name, seed in walk.seeds.items():
        array = np.asarray(seed)
        weight = walk.weights.get(name)
        if weight:
            terms.append(f"sum({weight}*{name})" if array.shape else f"{weight}*{name}")
            where.append(f"{weight} = {shown(array)}")
        elif array.size and np.all(array == 1):
            terms.append(f"sum({name})" if array.shape else name)
        elif array.shape:
            terms.append(f"sum({shown(array)}*{name})")
        else:
            terms.append(f"{shown(array)}*{name}")
    return f"L = {' + '.join(terms)}" + (f", {', '.join(where)}" if where else "")


def title(walk: Told) -> str:
    """Which walk this is."""
    where = f"line {walk.line}: {walk.text}" if walk.line is not None else walk.text
    return f"backward {walk.number}, {where}"


def way(path: Path) -> str:
    """A path as arrows."""
    names = path.names
    if len(names) > LONG_PATH:
        names = (*names[:3], "…", *names[-3:])
    return " → ".join(names)


def factors(path: Path) -> tuple[list[str], list[str], list[str]]:
    """The factors of a path: as quotients, as formulas, as numbers; empty where they are no numbers."""
    if any(row.slope is None for row in path.rows):
        return [], [], []
    rows = path.rows
    parts: tuple[list[str], list[str], list[str]] = (
        [f"d{row.step.name}/d{row.source}" for row in rows],
        [slope_text(row) for row in rows],
        [shown(np.asarray(row.slope).reshape(())) for row in rows],
    )
    if len(rows) <= LONG_PATH:
        return parts
    return tuple([*part[:2], "…", *part[-2:]] for part in parts)  # type: ignore[return-value]


def path_lines(walk: Told, result: LeafGradient) -> list[str]:
    """What each path contributes, and the gradient; the last line ends in the gradient itself."""
    lines: list[str] = []
    if len(result.paths) == 1:
        return [_single(walk, result, result.paths[0])]
    for path in result.paths:
        quotients, _, values = factors(path)
        text = f"  {way(path)}: "
        if quotients:
            seed = _seed(walk, path)
            text += " · ".join([*seed, *quotients]) + " = "
            if len(quotients) + len(seed) > 1:
                text += product(*seed, *values) + " = "
        lines.append(text + shown(path.value))
    if result.more:
        lines.append(f"  {result.more} more paths: {shown(result.rest)}")
    if lines:
        lines.insert(0, f"{result.label}, a path at a time:")
    if result.more or not result.paths:
        lines.append(f"{result.label} = {full(result.value)}")
    else:
        parts = [bracketed(shown(path.value)) for path in result.paths]
        small = all(np.size(path.value) <= SMALL for path in result.paths)
        text = " + ".join(parts) if small else "their sum"
        lines.append(f"{result.label} = {text} = {full(result.value)}")
    return lines


def _seed(walk: Told, path: Path) -> list[str]:
    """The weight that a path begins with, where it isn't 1."""
    seed = np.asarray(walk.seeds[path.names[-1]])
    return [] if seed.size != 1 or seed.item() == 1 else [shown(seed.reshape(()))]


def _single(walk: Told, result: LeafGradient, path: Path) -> str:
    quotients, formulas, values = factors(path)
    seed = _seed(walk, path)
    parts = [result.label]
    if quotients:
        one = len(quotients) + len(seed) == 1
        if not one or quotients[0] != result.label:
            parts.append(" · ".join([*seed, *quotients]))
        if formulas != values:
            parts.append(product(*seed, *formulas))
        if not one:
            parts.append(product(*seed, *values))
    if not path.rows and walk.weighted:
        name = path.names[-1]
        parts.append(product(walk.weights.get(name) or shown(walk.seeds[name]), f"d{name}/d{name}"))
        parts.append(product(shown(walk.seeds[name]), "1"))
    elif path.rows and not quotients:
        row = path.rows[-1]
        parts.append(row.formula or f"{row.incoming} through {row.step.name}")
    parts.append(full(result.value))
    return " = ".join(parts)


def zeros(story: Story) -> list[str]:
    """The gradients that are reported and that no walk led to."""
    led = {each for walk in story.walks for each in walk.cotangents}
    lines = []
    for label, value in story.final:
        name = label.removesuffix(".grad").rpartition("/d")[2]
        if name not in led:
            lines.append(f"{label} = {full(value)}: no path from {name} leads there")
    return lines


def ledger_lines(story: Story) -> list[str]:
    """Each leaf's account: what every backward added."""
    entries = story.ledger
    names = dict.fromkeys([each.name for each in entries])
    lines = []
    for name in names:
        own = [each for each in entries if each.name == name]
        if len(own) < 2 and not story.own_backward:
            continue
        texts = []
        for at, each in enumerate(own):
            if len(own) > 6 and 3 <= at < len(own) - 2:
                if at == 3:
                    texts.append(f"… {own[-2].walk - own[2].walk - 1} more …")
                continue
            before = "0" if each.before is None else shown(each.before)
            if np.asarray(each.added).size > SMALL:
                text = f"backward {each.walk} added {shown(each.added)}"
            else:
                text = f"{before} + {bracketed(shown(each.added))} = {shown(each.after)}"
            texts.append(("cleared, " if each.cleared else "") + text)
        lines.append(f"{name}.grad: {', then '.join(texts)}")
    return lines


def finding_text(finding: Finding) -> str:
    """A finding in a line."""
    place = f"line {finding.line}: " if finding.line is not None else ""
    return f"{place}{finding.says}" + (f" ({finding.hint})" if finding.hint else "")


def edge(step: Step, source: str) -> str:
    """What a step does to its only source, for the picture of a chain: `·2`, `(·)²`, `sin`."""
    text = step.text.replace(" ", "")
    name = re.escape(source)
    times = re.fullmatch(rf"([\w.]+)\*{name}|{name}\*([\w.]+)", text)
    if times:
        return f"·{times[1] or times[2]}"
    power = re.fullmatch(rf"{name}(?:\*\*|\^)(\d+)", text)
    if power:
        return f"(·){power[1].translate(str.maketrans('0123456789', '⁰¹²³⁴⁵⁶⁷⁸⁹'))}"
    plus = re.fullmatch(rf"{name}([-+/][\w.]+)", text)
    if plus:
        return plus[1]
    function = re.fullmatch(rf"(?:\w+\.)?(\w+)\({name}\)|{name}\.(\w+)\(\)", text)
    if function:
        return function[1] or function[2]
    return re.sub(rf"(?<![\w.]){name}(?!\w)", "·", step.text)
