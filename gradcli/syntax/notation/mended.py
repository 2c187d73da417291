"""The line that somebody may have meant whose own was refused: the text to type that its hint gives.

What lies near a line is found by what is wrong with it and by the tables of `elsewhere`; what is told reads,
and has only names that mean something.
"""

from __future__ import annotations

import re

from gradcli.errors import GradcliError
from gradcli.syntax.notation import words
from gradcli.syntax.notation.elsewhere import (
    ASKED,
    CONSTANTS,
    EQUATIONS,
    GUESSES,
    PARTS,
    RULES,
    SYNONYMS,
    UNITS,
    Wording,
    apart,
    applied,
    called_apart,
    closed,
    spoken,
)
from gradcli.syntax.notation.line import read
from gradcli.syntax.notation.pieces import Correction
from gradcli.syntax.parser import parse
from gradcli.syntax.survey import Survey
from gradcli.syntax.tree import Attribute, Call, Clause, DefParameter, FunctionDefinition, Name, walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from gradcli.syntax.tree import Module

_MOST = 24
"""So many lines are looked at between one that is refused and what was meant by it."""

_LONGEST = 300
"""A longer line is none that somebody typed from a lesson."""


def improve(error: GradcliError, line: str, taken: frozenset[str], functions: Collection[str]) -> None:
    """Gives an error of a line the whole text to type that may have been meant, where there is one.

    Args:
        taken: names that are set from outside.
        functions: the names of the functions that there are.
    """
    line = re.sub(r"^\s*=(?!=)\s*", "", line.strip().rstrip("; "))
    search = _Nearby(taken, functions)
    hint = error.hint or ""
    if not hint and re.search(r"\bbuiltin_function|\ba Function\b", error.message):
        name = search.function_read(line)
        if name:  # t^2
            error.code = "unset-input"
            error.message = f"{name} has no value, and is a function where it is called"
            error.hint = f"set it from outside: --set {name}=…"
        return
    close = re.fullmatch(r"did you mean ([\w.]+)\?", hint)
    if error.code == "non-scalar-root":  # the sum is one number, the Jacobian has each by itself
        if (
            hint.startswith("give gradient weights")
            and not re.search(r"[=;]|,(?![^(\[]*[)\]])", line)
            and search.reads(f"sum({line})")
        ):
            error.hint = f"write sum({line}), or give --jacobian"
        return
    if error.code == "no-grad":  # f'(x), which is a value, or f'
        root = _root_of_primes(Wording(line, taken))
        error.hint = f"write {root}" if root and search.reads(root) else error.hint
        return
    asked = _asked(line, search)
    if asked is not None:
        error.hint = asked
        return
    found = search.meant(line, refused=True) if len(line) <= _LONGEST else []
    unset = re.match(r"(\w+) has no value", error.message)
    if unset and found and re.search(rf"(?<![.\w]){unset[1]}\b(?!\s+of\b)", found[0]):
        given = re.search(rf"\b{unset[1]}\s*=|\bfor\s+{unset[1]}\b|\bat\b|\|", found[0])
        found = found if given else []  # nothing but its value is missing
    if not found and close and error.code == "unknown-function" and error.span and error.text == line:
        named = _replaced(line, error.span, close[1])
        found = [named] if search.reads(named) else []
    missing = re.search(r"has no attribute '(\w+)'$", error.message)
    if missing:  # what asks for it again is no way out
        found = [each for each in found if not re.search(rf"\.{missing[1]}\b", each)]
    option = re.search(r"--(?:hessian|jacobian)", hint)
    written = " or ".join(found)
    if not found:
        error.hint = search.otherwise(error, line)
    elif hint.startswith(f"{found[0]} multiplies") or (
        "@" not in found[0] and re.search(r"is one name: write \w+\(\w+\)$", hint)
    ):
        return
    elif "@" not in found[0] and re.search(r"is one name: write [^,]*, as in ", hint):
        apart, _, program = hint.partition(", as in ")
        if " or " not in program and not search.says(found[0], program):  # it asks for something else, too
            error.hint = f"{apart}, as in {written}"
    elif "left - (right)" in hint:
        error.hint = f"compare with ==; an equation is a difference, left - (right): write {written}"
    elif " is written " in hint:
        error.hint = f"{hint.partition(',')[0]}: write {written}"
    else:
        error.hint = f"write {written}" + (f", or give {option[0]}" if option else "")


def _root_of_primes(about: Wording) -> str | None:
    """A line that ends with a derivative as a value, with what that is the derivative of in its place."""
    call = rf"({PARTS['NAME']})(['’′]+)(?:\(([^()]*)\))?"
    found = re.search(rf"(?:^|(?<=[;,]))\s*{call}(?=\s*(?:$|\W|at\b|where\b))", about.line)
    names = about.functions.get(found[1], ()) if found else ()
    if not found or len(names) != 1 or re.search(r"^\s*[-+*/^(]|;", about.line[found.end() :]):
        return None
    (name,), order = names, len(found[2])
    asked = f"d/d{name}" if order == 1 else f"d^{order}/d{name}^{order}"
    at = f" at {name}={found[3]}" if found[3] and found[3].strip() != name else ""
    return f"{about.line[: found.start()]} {asked} {found[1]}({name}){at}{about.line[found.end() :]}".strip()


def formula_meant(formula: str, names: Collection[str], functions: Collection[str]) -> str | None:
    """A formula over these names as it was typed, or, where that does not read, the one that was meant."""
    search = _Nearby(frozenset(names) - words.FORMULAS.keys(), functions)
    found = formula if search.reads(formula) else "".join(search.meant(formula)[:1])
    return found if found and not re.search(r"=(?!=)|(?<![\w\])])\s*:|:(?![^\[{]*[\]}])", found) else None


def _asked(line: str, search: _Nearby) -> str | None:
    """What to type for the formula of a line that asks for something that is not here."""
    for pattern, hint in ASKED:
        found = re.match(pattern, line)
        if found is None:
            continue
        parts = {name: text for name, text in found.groupdict().items() if text is not None}
        left, equals, right = re.sub(r"={2,3}", "=", parts["of"]).partition("=")
        of = f"{left.strip()} - ({right.strip()})" if equals and right.strip() != "0" else left.strip()
        of = of if search.reads(of) else "".join(search.meant(of)[:1])
        names = Wording(of, search.taken).free(of)
        name = parts.get("k") or (names[0] if len(names) == 1 else "x" if "x" in names else "")
        if not of or not name or "'" in of:
            return None
        a = parts.get("a", "0")
        near = "1e-6" if a == "0" else "1e6" if re.fullmatch(r"inf\w*|oo|∞", a) else f"{a}+1e-6"
        at = "" if search.taken else f" at {name}=1"
        parts |= {"of": of, "k": name}
        return str(hint).format(**{"near": near, "at": at, "a": a, **parts})
    return None


class _Nearby:
    """Looks for lines that read, the nearest first."""

    def __init__(self, taken: frozenset[str], functions: Collection[str]) -> None:
        self.taken = taken
        self.functions = functions
        self.left = _MOST

    def meant(self, line: str, refused: bool = False) -> list[str]:
        """The nearest line that reads; one for each way where it can be read in two."""
        pending = [line]
        self.ways: list[str] = []
        for text in pending:
            self.left -= 1
            if self.left < 0:
                break
            corrected: list[str] = []
            program = True
            try:
                if self._reads(text, correcting=text != line) and not (refused and text == line):
                    return [text]
            except Correction as error:
                program = False
                corrected = self._corrected(text, error)
            except GradcliError:
                program = False
            following = self._following(text, corrected, program, text == line)
            pending += [each for each in following if each not in pending and len(each) < _LONGEST]
        found: list[str] = []
        for each in self.ways if refused else ():
            self.left = _MOST
            found += self.meant(each)
        return found

    def _corrected(self, line: str, error: Correction) -> list[str]:
        """The line with what mends its error; none where it can be read in several ways, which are noted."""
        several = [_replaced(line, error.span, each) for each in error.instead]
        if len(several) == 1:
            return several
        self.ways = self.ways or several
        return []

    def _following(self, line: str, corrected: list[str], program: bool, first: bool) -> dict[str, None]:
        """The lines that are a step away, the likeliest first."""
        about = Wording(line, self.taken)
        found = dict.fromkeys([*corrected, *applied(RULES, about)])
        if not program:
            found.update(dict.fromkeys(applied(EQUATIONS, about)))
        if first:  # all others were read so
            try:
                read(line, self.taken, correcting=True)
            except Correction as error:
                found.update(dict.fromkeys(self._corrected(line, error)))
            except GradcliError:
                pass
        found.update(dict.fromkeys([*_named(about), spoken(line).strip()]))
        found.pop(line, None)
        return found or dict.fromkeys([*applied(GUESSES, about), closed(line)])

    def function_read(self, line: str) -> str | None:
        """The function that a line takes for a number: `t` of `t^2`."""
        try:
            reading = read(line, self.taken)
            module = parse(reading.text if reading else line)
        except GradcliError:
            return None
        calls = {id(each.function) for each in walk(module) if type(each) is Call}
        values = {each.name for each in walk(module) if type(each) is Name and id(each) not in calls}
        found = values.intersection(self.functions) - self.taken - {*Survey(module.body).assigned}
        return min(found, default=None)

    def otherwise(self, error: GradcliError, line: str) -> str | None:
        """The hint where no line was found: that of what is still wrong, or how one asks in words."""
        hint = error.hint
        if isinstance(error, Correction) and len(error.instead) == 1:
            try:
                self._reads(_replaced(line, error.span, "".join(error.instead)))
            except GradcliError as other:
                hint = other.hint or hint
        apart = re.match(r"(\w{3,}\*\w{2,}|\w{4,}\*\w+) multiplies", hint or "")
        words_of = set(apart[1].split("*")) if apart else set()
        if apart and self.taken.isdisjoint(words_of) and not re.search(rf"\b{min(words_of)}\s*=", line):
            at = "" if self.taken else " at x=3"
            hint = f"few words are read here; one line is: derivative of x^2{at}"
        return hint

    def says(self, line: str, program: str) -> bool:
        """Whether a line that reads is this program, and nothing is set or asked for in it."""
        reading = read(line, self.taken)
        if reading is None:
            return line == program
        return reading.text.strip() == program and not (reading.settings or reading.asked)

    def reads(self, line: str) -> bool:
        """Whether a line is a program in which every name means something, and nothing is wrong with it."""
        try:
            return self._reads(line)
        except GradcliError:
            return False

    def _reads(self, line: str, correcting: bool = False) -> bool:
        """Whether a line is a program in which every name means something."""
        reading = read(line, self.taken, correcting)
        text = reading.text if reading else line
        if re.search(r"torch\.func\.grad\(\w+\)\[|\w\s*<-\s*[\w\[]|=>", text):
            return False  # read, but not as it is meant
        module = parse(text)
        settings = {name for name, _ in reading.settings} if reading else set()
        if reading and not _read(module).issuperset(reading.asked.get("wrt", ())):
            return False  # d/dx (f)(3)
        return _known(module, self.taken | settings, self.functions)


def _read(module: Module) -> set[str]:
    """The names that a program reads, but for the parameters of its functions."""
    found: set[str] = set()
    for statement in module.body:
        inner = list(walk(statement))
        own = {each.name for each in inner if type(each) is DefParameter}
        found |= {each.name for each in inner if type(each) is Name} - own
    return found


def _replaced(line: str, span: tuple[int, int] | None, text: str) -> str:
    assert span is not None
    return line[: span[0]] + text + line[span[1] :]


def _named(about: Wording) -> Iterator[str]:
    """The line with another name in the place of one that means nothing."""
    line = about.line
    for found in re.finditer(rf"(?<![^\W\dπ½⅓¼¾⅔⅛]|[.'\"_]){PARTS['NAME']}(?!['\"])(?!\s*=)", line):
        name = found[0]
        if name in about.taken or name in about.functions:
            continue
        if line[found.end() :].lstrip()[:1] == "(":
            small = name.lower() if name.isascii() and not name.isupper() else name
            text = SYNONYMS.get(name) or called_apart(name, about) or small
        else:
            text = CONSTANTS.get(name) or apart(found, about) or name
        end = found.end()
        power = _POWER.match(line, end)
        if text[0] == "(" and power:  # 1/xy^2, whose power is of y
            text, end = f"{text[:-1]}{power[0]})", power.end()
        yield f"{line[: found.start()]}{text}{line[end:]}"


def _known(module: Module, taken: frozenset[str], functions: Collection[str]) -> bool:
    """Whether a program has only names that mean something, each as what it is."""
    own = set(Survey(module.body).assigned)
    defined = {each.name for each in walk(module) if type(each) is FunctionDefinition}
    called, given, heads, names, valued = set(), set(), set(), set(), set(taken)
    for each in walk(module):
        match each:
            case Call():
                given |= {id(each.function), *map(id, each.arguments)}
                if type(each.function) is Name:
                    called.add(each.function.name)
            case Attribute(name=name) if name in _FOREIGN:
                return False
            case Attribute(value=Name()):
                heads.add(each.value.name)  # type: ignore[attr-defined]
            case DefParameter():
                own.add(each.name)
                valued.add(each.name)
            case Clause():
                own |= {part.name for part in walk(each.target) if type(part) is Name}
            case Name():
                names.add(each.name)
                if each.name in defined and id(each) not in given:
                    return False
    if not called <= {*own, *functions, *words.EXTREMES, *words.DERIVATIVES, *_BUILT_IN} - valued:
        return False
    free = names - own - called - _MODULES.intersection(heads) - _NUMBERED
    if taken:
        return free <= taken
    if any(re.fullmatch(UNITS, name) for name in free) or free & CONSTANTS.keys() - {"E", "tau"}:
        return False
    return all(len(name) <= 2 or re.search(r"[_\d]", name) or name in _GREEK for name in free)


_POWER = re.compile(r"\s*(?:\.?\^|\*\*)\s*(?:-?[\w.]+|\([^()]*\))|[²³¹⁰⁴⁵⁶⁷⁸⁹⁻]+")
_FOREIGN = frozenset(("subs", "doit", "evalf", "simplify", "eval"))
"""Methods of SymPy that no value has here."""
_NUMBERED = frozenset(("e", "pi", "inf", "nan"))
_GREEK = frozenset(
    [
        "alpha",
        "beta",
        "gamma",
        "delta",
        "epsilon",
        "zeta",
        "eta",
        "theta",
        "kappa",
        "lambda",
        "mu",
        "nu",
        "rho",
        "sigma",
        "tau",
        "phi",
        "chi",
        "psi",
        "omega",
        "lam",
    ]
)
_MODULES = frozenset(("math", "np", "numpy", "torch", "linalg", "F", "nn", "autograd", "special", "fft"))
_BUILT_IN = frozenset(
    [
        "print",
        "map",
        "range",
        "len",
        "int",
        "float",
        "abs",
        "max",
        "min",
        "sum",
        "round",
        "sorted",
        "zip",
        "enumerate",
        "list",
        "tuple",
        "dict",
        "str",
        "bool",
        "param",
        "hessian",
        "jacobian",
        "tensor",
    ]
)
