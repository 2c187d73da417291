"""What other systems, other lessons and plain words call something, and what that is in a line here.

Nothing is read so: what comes of these tables is told in a hint, once `mended` found that it is a line that
reads.
"""

from __future__ import annotations

import re
from functools import cache

from gradcli.syntax.notation import latex, words
from gradcli.syntax.notation.spoken import SPOKEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    Rule = tuple[str, str | Callable[[re.Match[str], "Wording"], str | None]]

_IN = r"(?:[^()]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))+?"
"""What stands between brackets, with brackets of its own."""
_EACH = r"(?:[^(),;]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))+?"
"""One of several values between commas."""
_NUMBER = r"-?(?:\d+\.?\d*|\.\d+|pi|π|e)(?:\s*/\s*\d+)?"
_NUMBERS = rf"{_NUMBER}(?:\s*,\s*{_NUMBER})*"
_LETTER = r"(?:(?![²³¹⁰⁴⁵⁶⁷⁸⁹⁻ⁿⁱˣʸᵀ½⅓¼¾⅔⅛π∞])\w)"
_NAME = rf"(?!\d){_LETTER}+"
_VALUE = rf"(?:(?:{_NAME})?\({_IN}\)|[\w.]+)"
_DEFINITION = re.compile(
    rf"(?:^|;|\b(?:where|if)\b)\s*(?:def\s+)?({_NAME})\s*\(([\w\s,]*)\)\s*(?::?=(?!=)|:)"
)

_NUMERALS = dict(
    zip(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"],
        range(11),
        strict=True,
    )
)
_ORDINALS = dict(
    zip(
        ["second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"],
        range(2, 11),
        strict=True,
    )
)
_CAPITALS = {
    **{f"Arc{name}": f"a{name.lower()}" for name in ("Sin", "Cos", "Tan", "Sinh", "Cosh", "Tanh")},
    **dict.fromkeys(("Ln", "LN"), "ln"),
    **dict.fromkeys(("Hess", "Hessian", "HESSIAN"), "hessian"),
    **dict.fromkeys(("Jac", "Jacobian", "jac", "JacobianMatrix"), "jacobian"),
    **dict.fromkeys(("Grad", "Gradient"), "grad"),
}
SYNONYMS = {
    **_CAPITALS,
    "sine": "sin",
    "modulus": "abs",
    "absolute": "abs",
    "magnitude": "norm",
    "length": "norm",
    **dict.fromkeys(("stdev", "stddev", "sd", "STDEV"), "std"),
    "variance": "var",
    "VAR": "var",
    "logistic": "sigmoid",
    **dict.fromkeys(("mse", "MSE"), "mse_loss"),
    **dict.fromkeys(("crossentropy", "CrossEntropy"), "cross_entropy"),
    "bce": "binary_cross_entropy",
    "expit": "sigmoid",
    "inv": "linalg.inv",
    "determinant": "det",
    "squareRoot": "sqrt",
    "cubeRoot": "cbrt",
    "exponential": "exp",
    "ReLu": "relu",
    "summation": "sum",
    "product": "prod",
    "identity": "eye",
    "quad": "square",
}
CONSTANTS = {
    **dict.fromkeys(("Pi", "PI"), "pi"),
    "E": "e",
    "tau": "math.tau",
    **dict.fromkeys(("infinity", "oo"), "inf"),
    "true": "True",
    "false": "False",
}
UNITS = (
    r"(?:km|cm|mm|kg|mg|ml|mph|kmh|kph|Hz|kHz|ms|sec|min|hours?|meters?|metres?|seconds?|grams?|mol|Pa|kPa)"
)

PARTS = {
    "LETTER": _LETTER,
    "NAME": _NAME,
    "VALUE": _VALUE,
    "NUMBER": _NUMBER,
    "NUMBERS": _NUMBERS,
    "IN": _IN,
    "EACH": _EACH,
    "OF": r"(?P<of>[^;]+?)",
    "GIVEN": rf"{_NAME}\s*[=:]\s*{_NUMBER}(?:\s*,\s*{_NAME}\s*[=:]\s*{_NUMBER})*",
    "POINT": rf"\(\s*(?P<values>{_NUMBERS})\s*\)",
    "MAYBE": rf"(?:\s*(?:at\s*)?\(\s*(?P<values>{_NUMBERS})\s*\))?",
    "DERIVE": r"(?:derivative|gradient|grad|deriv|derive|diff|slope|differentiate|∇|nabla)",
    "END": r"(?=\s*(?:$|;|\b(?:at|where|for|when)\b|\|))",
    "ORDINALS": "|".join(_ORDINALS),
    "SUM": r"(?P<kind>\bsum|\bprod(?:uct)?|[ΣΠ∑∏])",
    "FIRST": r"(?P<first>-?\d+)",
    "TO": r"\s*(?:\.\.+|…|to|:)\s*",
    "LAST": r"(?P<last>\w+)",
    "UNITS": UNITS,
}
"""What stands for `<NAME>` and its like in a pattern."""


@cache
def filled(pattern: str) -> str:
    """A pattern with its parts."""
    return re.sub(r"<([A-Z]+)>", lambda found: PARTS[found[1]], pattern)


class Wording:
    """One line on its way, and the names that mean something in it."""

    def __init__(self, line: str, taken: Collection[str]) -> None:
        self.line = line
        self.taken = frozenset(taken)
        self.functions = {
            each[1]: [name.strip() for name in each[2].split(",")] for each in _DEFINITION.finditer(line)
        }
        set_here = re.findall(rf"\b({_NAME})\s*=(?!=)\s*{_NUMBER}", line)
        below = re.findall(r"/\s*[d∂]([^\W\d])\b", line)
        self.named = set(set_here).union(below, *self.functions.values())

    def free(self, text: str) -> list[str]:
        """The names that a formula reads, each once."""
        names = rf"(?<![^\W\dπ½⅓¼¾⅔⅛]|[.'\"_]){_NAME}(?!{_LETTER})(?!\s*[(.])"
        found: list[str] = re.findall(names, text)
        for name in re.findall(rf"\b({_NAME})\s*\(", text):
            found += self.functions.get(name, [])
        others = ("e", "pi", "inf", *words.SETTING_WORDS, *words.FUNCTIONS)
        return [name for name in dict.fromkeys(found) if name not in others or name in self.taken]

    def of(self, function: str) -> str:
        """A function of the line as its value."""
        return (
            f"{function}({', '.join(self.functions[function])})" if function in self.functions else function
        )

    def at(self, names: list[str], values: str) -> str:
        """` at x=2, y=3`."""
        given = [value.strip() for value in values.split(",")]
        if len(given) != len(names):
            return ""
        return " at " + ", ".join([f"{name}={value}" for name, value in zip(names, given, strict=True)])


def _function(found: re.Match[str], line: Wording, parameters: int = 0) -> list[str] | None:
    """The parameters of the function of the line that a rule found, which has so many."""
    names = line.functions.get(found["f"])
    return names if names and parameters in (0, len(names)) else None


def _partial(found: re.Match[str], line: Wording) -> str | None:
    """`f_x(2,3)` and `∂f/∂x(2,3)`."""
    names = _function(found, line)
    by = found["by"]
    if names is None or not all(each in names for each in by):
        return None
    below = "".join([f"∂{each}" for each in by])
    order = "" if len(by) == 1 else f"^{len(by)}"
    values = found["values"]
    applied = values is None or [each.strip() for each in values.split(",")] == names
    at = "" if applied else line.at(names, values)
    return f"∂{order}{found['f']}/{below}{at}" if applied or at else None


def _primes(found: re.Match[str], line: Wording) -> str | None:
    """`f^(2)(1)` and `Df(2)`."""
    names = _function(found, line, 1)
    order = int(found["order"] or 1) if "order" in found.re.groupindex else 1
    if names is None or not 1 <= order <= 4:
        return None
    return f"{found['f']}{chr(39) * order}({found['values'] or names[0]})"


def _variable(found: re.Match[str], line: Wording) -> str | None:
    """`y'`, where the line says what y is, and by what name it can be."""
    y, marks, values = found["y"], found["marks"], found["values"]
    formula = re.search(rf"(?:^|[;,]|\bwhere\b|\bif\b)\s*{re.escape(y)}\s*=(?!=)\s*([^;,]+)", line.line)
    names = [name for name in line.free(formula[1]) if name != y] if formula else []
    if len(names) > 1 and "x" in names:
        names = ["x"]
    if len(names) != 1:
        return None
    order = len(marks) if marks[0] in "'’′" else 1
    above, below = (f"d^{order}{y}", f"d{names[0]}^{order}") if order > 1 else (f"d{y}", f"d{names[0]}")
    return f"{above}/{below}" + (line.at(names, values) if values else "")


def _primed(found: re.Match[str], line: Wording) -> str | None:
    """`(t^2)'`, by the name in it."""
    names = line.free(found["of"])
    name = "x" if "x" in names or not names else names[0] if len(names) == 1 else ""
    at = f" at {found['values']}" if found["values"] else ""
    return f"d/d{name} ({found['of']}){at}" if name else None


def _second(found: re.Match[str], line: Wording) -> str | None:
    """`hessian(x^2*y)` by all its names, `laplacian(f)`, and at a point."""
    kind, formula, values = found["kind"], line.of(found["of"].strip()), found["values"]
    several = len(_split(formula)) > 1 and formula[0] not in "(["
    if several and kind[0] not in "jJ":
        return None
    formula = f"[{formula}]" if several else formula
    names = line.free(formula)
    if not names:
        return None
    at = line.at(names, values) if values else ""
    if values and not at:
        return None
    if kind[0] in "lLΔ∇":
        parts = " + ".join([f"diff({formula}, {name}, 2)" for name in names])
        return f"({parts}){at}" if len(names) > 1 else f"{parts}{at}"
    kind = "jacobian" if kind[0] in "jJ" else "hessian"
    return f"{kind}({formula}, {names[0] if len(names) == 1 else '[' + ', '.join(names) + ']'}){at}"


def _split(text: str) -> list[str]:
    return [each.strip() for each in re.findall(rf"{_EACH}(?=,|$)", text)]


def _field(found: re.Match[str], line: Wording) -> str | None:
    """`div(x^2, y^2)` and `curl(…)` of a field, one component by each of x, y, z."""
    parts = _split(found["of"])
    if found["kind"] in ("curl", "rot", "∇×", "∇ ×"):
        if len(parts) != 3:
            return None
        p, q, r = parts
        return f"(diff({r}, y) - diff({q}, z), diff({p}, z) - diff({r}, x), diff({q}, x) - diff({p}, y))"
    if len(parts) not in (2, 3):
        return None
    return " + ".join([f"diff({each}, {name})" for each, name in zip(parts, "xyz", strict=False)])


def _summed(found: re.Match[str], line: Wording) -> str:
    """`Σ_{k=0}^{5} x^k` and its like."""
    sign = "prod" if found["kind"][0] in "ΠpP∏" and not found["kind"].startswith("Partial") else "sum"
    of, last = found["of"].strip(), found["last"].strip("{} ")
    of = of[1:-1] if re.fullmatch(rf"\({_IN}\)", of) else of
    end = str(int(last) + 1) if last.isdecimal() else f"{last} + 1"
    k = found["k"] or "i"
    listed = f"[{of or k} for {k} in range({found['first'].strip('{} ')}, {end})]"
    return listed if found["kind"] == "Table" else f"{sign}({listed})"


def _choice(found: re.Match[str], line: Wording) -> str | None:
    """`{x^2, x>0; 0, x<=0}` and its like as `x^2 if x>0 else 0`."""
    text = found["of"].strip()
    pairs = re.split(r";|\\\\", text) if ";" in text else []
    bracketed = re.findall(rf"[({{\[]\s*({_EACH})\s*,\s*({_EACH})\s*[)}}\]]", text)
    if bracketed:
        pairs = [",".join(each) for each in bracketed]
        other = re.search(r"[)}\]]\s*\]?\s*,\s*([\w.]+)\s*$", text)
        pairs += [f"{other[1]},True"] if other else []
    pairs = pairs or _split(text)
    several = []
    for pair in pairs:
        apart = re.split(
            r"\s+(?:if|when|for)\s+|\s*,\s*(?:if|when)?\s*|\s*:\s*|\s+(?=otherwise|else\b)", pair.strip()
        )
        if len(apart) != 2:
            return None
        value, test = apart
        if re.search(r"[<>=≤≥]", value) and not re.search(r"[<>=≤≥]|otherwise|else", test):
            value, test = test, value  # x>0: x^2
        several.append((value.strip(), test.strip()))
    if len(several) < 2 or not all(re.search(r"[<>=≤≥≠]", test) for _, test in several[:-1]):
        return None
    *others, (last, _) = several
    return "".join([f"{value} if {test} else " for value, test in others]) + last


_SET = re.compile(r"\s*[=:]\s*")


def _given(found: re.Match[str], line: Wording) -> str:
    """`(x=1, y=2) x*y`."""
    return f"{found[2]} at {_SET.sub('=', found[1])}"


def _given_behind(found: re.Match[str], line: Wording) -> str:
    """`x*y {x: 1, y: 2}`."""
    return f"{found[1]} at {_SET.sub('=', found[2])}"


def _entry(found: re.Match[str], line: Wording) -> str | None:
    """`x_1` and `A_12` of what is set, whose entries are counted from 0 here."""
    if found["f"] not in line.taken or found[0] in line.taken:
        return None
    return f"{found['f']}[{', '.join([str(int(each) - 1) for each in found['values']])}]"


def _outer(found: re.Match[str], line: Wording) -> str | None:
    """`A(1,2)` of what is set is an element, counted from 1."""
    if found["f"] not in line.taken:
        return None
    return f"{found['f']}[{', '.join([str(int(each) - 1) for each in found['values'].split(',')])}]"


def _product(found: re.Match[str], line: Wording) -> str | None:
    """`x (x+1)` of what is set."""
    valued = {*line.taken, *line.named, "e", "pi", "π"} - line.functions.keys()
    return f"{found['f']}*(" if found["f"] in valued else None


def apart(found: re.Match[str], line: Wording) -> str | None:
    """`mv` as `m*v` where both are set."""
    name = found[0]
    if (
        name[0] in "ΣΠ"
        or name in line.taken
        or name in line.functions
        or re.search(rf"\b{name}\s*=(?!=)", line.line)
    ):
        return None
    given = {*line.taken, *line.named}
    known = {*given, "e", "pi"}
    parts = _parts(name, known) or (
        [*name]
        if len(name) == 2 and name.isalpha() and name[0] != "d" and not given.isdisjoint(name)
        else None
    )
    if parts is None or given.isdisjoint(re.findall(_NAME, "*".join(parts))):
        return None
    if (
        len(parts) == 2
        and parts[0].isupper()
        and parts[1].islower()
        and re.search(r"[ᵀ‖@]|\|\||\.T\b", line.line)
    ):
        return f"({parts[0]} @ {parts[1]})"
    before, after = line.line[: found.start()].rstrip()[-1:], line.line[found.end() :].lstrip()[:1]
    product = "*".join(parts)
    return f"({product})" if before and before in "/^" and after != "(" else product


def called_apart(name: str, line: Wording) -> str | None:
    """`xsin` of `xsin(x)` as `x*sin`, where x means something."""
    known = {*line.taken, *line.named, "e", "pi", *line.free(line.line)} - {name}
    for function in sorted(words.FUNCTIONS, key=len, reverse=True):
        parts = _parts(name.removesuffix(function), known) if name.endswith(function) else None
        if parts:
            return "*".join([*parts, function])
    return None


def _parts(name: str, known: set[str]) -> list[str] | None:
    """What a name is written of: names, and a function before the last of them."""
    if not name:
        return []
    for length in range(len(name), 0, -1):
        if name[:length] in known:
            rest = _parts(name[length:], known)
            if rest is not None:
                return [name[:length], *rest]
    for function in sorted(words.FUNCTIONS, key=len, reverse=True):
        rest = _parts(name[len(function) :], known) if name.startswith(function) else None
        if rest:
            return [f"{function}({'*'.join(rest)})"]
    number = re.match(r"\d+", name)
    rest = _parts(name[number.end() :], known) if number and name[number.end() :] else None
    return [number[0], *rest] if number and rest else None


def _if_else(found: re.Match[str], line: Wording) -> str:
    """A condition, what holds with it, and what does otherwise."""
    return f"{found[2]} if {re.sub(r' *([<>]=?) *', _SPACED, found[1].strip())} else {found[3]}"


_SPACED = r" \1 "


def spoken(line: str) -> str:
    for name, number in _NUMERALS.items():
        line = re.sub(
            rf"\b{name}\b(?=\s+(?:times|over|plus|minus|percent|\w\b|\())", str(number), line, flags=re.I
        )
    for name, number in _ORDINALS.items():
        line = re.sub(rf"\bto\s+the\s+{name}\b", f"to the {number}", line, flags=re.I)
    line = re.sub(r"\bto\s+the\s+(\d+)(?:nd|rd|th)\b", r"to the \1", line)
    for text, signs in SPOKEN:
        line = re.sub(text, signs, line, flags=re.I)
    return line


def closed(line: str) -> str:
    """A line with the round brackets that it wants at its end, or without those that close nothing."""
    depth = 0
    kept = ""
    for each in line:
        depth += (each == "(") - (each == ")")
        if depth < 0:
            depth = 0
            continue
        kept += each
    return kept.rstrip() + ")" * depth


def _operator(found: re.Match[str], line: Wording) -> str:
    """`∂_x` and `D_x` before what they are applied to."""
    return f"d/d{(found[1] or found[2] or found[3] or found[4]).replace('ₓ', 'x')} "


def _semicolons(found: re.Match[str], line: Wording) -> str:
    """`grad(x^2 + y^2; x=1; y=2)`."""
    return f"{found[1]}({found[2]}) at {found[3].replace(';', ',')}"


def _after(found: re.Match[str], line: Wording) -> str | None:
    """`f(x)=x^2 f'(2)`, which wants a `;`."""
    return f"; {found['f']}" if _function(found, line) and "=" in line.line[: found.start()] else None


def _called(found: re.Match[str], line: Wording) -> str | None:
    """`f[3]` of a function of the line."""
    return f"{found['f']}{found[2]}({found['of']})" if _function(found, line) else None


def _capital(found: re.Match[str], line: Wording) -> str:
    """`ArcTan[x]`."""
    given = found[2].replace("{", "[").replace("}", "]")
    return f"{_CAPITALS.get(found[1], found[1].lower())}({given})"


def _matlab(found: re.Match[str], line: Wording) -> str:
    """`f = @(x) x.^2`, whose operators work on each element anyway."""
    body = re.sub(r"\.(?=[*/^])", "", found[3])
    return f"{found[1]}({found[2]}) = {body}"


def _repeated(found: re.Match[str], line: Wording) -> str:
    """`diff(x^4, x, x, x)`."""
    return f"diff({found[1]}, {found[2]}, {1 + found[3].count(',')})"


def _slice(found: re.Match[str], line: Wording) -> str:
    """`x(1:2)`, counted from 1 to the last."""
    return f"{found[1]}[{int(found[2]) - 1}:{found[3]}]"


def _difference(found: re.Match[str], line: Wording) -> str | None:
    """An equation, unless it is a name or a function that is given a formula."""
    named = re.fullmatch(r"\w+\s*(?:\([\w\s,]*\))?", found[1].strip())
    return None if named else f"{found[1]} - ({found[2]})"


def _unit(found: re.Match[str], line: Wording) -> str | None:
    """`5 km + 3 km` without its unit, where there is no other one."""
    return "" if len(set(re.findall(r"\d\s*([^\W\d]+)", line.line))) == 1 else None


def _whole(found: re.Match[str], line: Wording) -> str | None:
    """`x_i` and `x[i]` of what is set: functions take all of it."""
    return found["f"] if found["f"] in line.taken else None


_MEANINGS = {
    each.__name__[1:]: each
    for each in (
        *(
            _partial,
            _primes,
            _variable,
            _primed,
            _second,
            _field,
            _summed,
            _choice,
            _if_else,
            _entry,
            _outer,
            _product,
        ),
        *(_operator, _semicolons, _after, _called, _capital, _matlab, _repeated, _slice, _difference, _whole),
        *(_given, _given_behind, _unit),
    )
}
"""The functions that tables name, as in `=> @partial`."""


def _table(text: str) -> tuple[Rule, ...]:
    """The rules of a table: a pattern, whose further lines are indented, and what stands in its place."""
    rules: list[Rule] = []
    pattern = ""
    for line in text.splitlines():
        if line.startswith("=>"):
            meaning = line[3:].replace("<SP>", " ")
            rules.append((filled(pattern), _MEANINGS[meaning[1:]] if meaning.startswith("@") else meaning))
            pattern = ""
        else:
            pattern += line.removeprefix("    ")
    return tuple(rules)


RULES = _table(
    r"""
^\s*([fgh]\([\w\s,]*\))\s+(?=[^=\s(])
=> \1 =<SP>
(<NAME>)\s*∈\s*\[\s*([^,\[\]]+?)\s*,\s*([^\[\]]+?)\s*\]
=> \2 <= \1 <= \3
(<VALUE>)\s*≈\s*(<VALUE>)
=> isclose(\1, \2)
^\s*(?i:if|given|let|for|suppose|with|consider)\s+(<NAME>\s*(?:\([\w\s,]*\))?\s*=[^;]+?)[\s,;.:]+
    (?i:then\s+)?(?i:find|compute|calculate|evaluate|what\s+is|differentiate)\s+(?:the\s+)?(.+?)\.?$
=> \1; \2
^\s*(?:let\s+|set\s+)?(<NAME>)\s+(?:be|equals?|is|to)\s+(<NUMBER>)\s*[;,:.]\s*(.+)$
=> \3 at \1=\2
^\s*(\w\s*=\s*<NUMBER>(?:\s*,\s*\w\s*=\s*<NUMBER>)*)\s*(?:=>|⇒|⟹|→|->|then\b|:)\s*(.+)$
=> @given
\s*(?:=>|⇒|⟹|→|->|∴|∵)\s*(?=[d∂]\w/[d∂]\w|\w['’′])
=> ;<SP>
^\s*[({\[]\s*(<GIVEN>)\s*[)}\]]\s*(.+)$
=> @given
^(.+?)\s*,?\s*\{\s*(<GIVEN>)\s*\}\s*$
=> @given_behind
^([^;=]+);\s*(<GIVEN>)\s*$
=> \1 at \2
^(.+?)\s+(?:where|if|with|for)\s+(<NAME>\([\w\s,]+\)\s*=[^;]+)$
=> \2; \1
(=[^;]+?)\s+and\s+(<NAME>\([\w\s,]*\)\s*=)
=> \1; \2
\s*\|_?\(\s*(<NUMBERS>)\s*\)
=>  at (\1)
^([^;()=]+)\s+\(\s*(<NUMBER>(?:\s*,\s*<NUMBER>)+)\s*\)\s*$
=> \1 at (\2)
\b(log_?\d+)\s+(\w+)
=> \1(\2)
<SUM>\s*\(\s*(?P<k>\w)\s*=\s*<FIRST>\s*,\s*<LAST>\s*\)\s*(?P<of>[^;,]+)
=> @summed
<SUM>\s+(?P<of>[^;,]+?)\s*,\s*(?P<k>\w)\s*=\s*<FIRST><TO><LAST>
=> @summed
\b1\s*\+\s*2\s*\+\s*(?:\.\.\.|…)\s*\+\s*(\w+)
=> sum([i for i in range(1, \1 + 1)])
^\s*(?:if|given|let)\s+(<NAME>\s*=(?!=)[^;]+?),?\s+then\s+(.+)$
=> \1; \2
^\s*(?:let|set|const|var|define)\s+(<NAME>(?:\s*\([\w\s,]*\))?)\s*:?=
=> \1 =
\s+(?:evaluated|calculated|computed|taken)\s+at\b
=>  at
\bat\s+(?:the\s+)?(?:point|value|position)\s+(?=[\w(])
=> at<SP>
(?<=[\w)])\s+(?:in|using|let|and|für|pour|para|bei|en|um|around|near|@)\s+(<GIVEN>)\s*$
=>  at \1
(?<=[\w)])\s*(?:\|_?\(|\|_?\{|\[)\s*(<NAME>)\s*[:=]\s*(<NUMBER>)\s*[)}\]]\s*$
=>  at \1=\2
\s*\.\s*$
=>
^\s*((?:the\s+)?(?:<ORDINALS>)?\s*<DERIVE>)\s+at\s+(<NAME>\s*=\s*<NUMBER>),?\s+of\s+(.+)$
=> \1 of \3 at \2
^(d/d\w)\s+at\s+(<NAME>\s*=\s*<NUMBER>),?\s+(?:of\s+)?(.+)$
=> \1 (\3) at \2
\s*=\s*\?\s*
=> <SP>
[(\[](?P<of><IN>)[)\]]['′’](?:\s*\(\s*(?P<values><NUMBER>)\s*\))?(?!\w)
=> @primed
^\s*D\s+(?=[\w(√|])
=> derivative of<SP>
(?<![\w.])D\s*\(?\s*(?P<f>[^\W\d])\s*\)?\s*(?:\((?P<values>[^()]+)\))?(?!\w)
=> @primes
([d∂])(\^?\d?)\s*/\s*([d∂])\s+(?=[^\W\d](?:\W|$))
=> \1\2/\3
\(\s*([d∂][²³]?(?:\^\d)?/[d∂]\w[²³]?(?:\^\d)?)\s*\)\s*(?=[\w(])
=> \1<SP>
\(\s*([d∂])/[d∂](\w)\s*\)\s*\^\s*(\d)\s*(?=[\w(])
=> \1^\3/\1\2^\3<SP>
([d∂])(\^?[2-9]|[²³])(\w?)/\(\s*[d∂]\s*(\w)\s*[d∂]\s*(\w)\s*\)
=> \1\2\3/\1\4\1\5
\bd\s*([2-9])\s*\(
=> d^\1(
\b([d∂])\s+(<VALUE>(?:\s*\^\s*\w+)?)\s*/\s*[d∂]\s*(\w)\b
=> \1/\1\3 (\2)
\b[d∂](?!\s*\()(<NAME>)\(([\w\s,]+)\)\s*/\s*[d∂](\w)\b
=> d(\1(\2))/d\3
([d∂]/[d∂]\w)\s*(?:of\s+|:\s*)
=> \1<SP>
(?<![\w.])(?:[∂D]_?([^\W\d_])|∂?d_([a-z])|d_?d([a-z])|∂([ₓ]))(?:\s*(?=\()|\s+(?=[\w√|]))(?!\s*/)
=> @operator
\bdx\s*\((<IN>)\)(?!\s*/)
=> d/dx (\1)
\b(?:der|deriv|diff|Derivative|D)\s*\(\s*(["']?)~?([^"']+)\1\s*,\s*["'](\w)["']\s*\)
=> d/d\3 (\2)
\bexpression\s*\((<IN>)\)
=> \1
\bder\s*\(
=> grad(
^(d/d\w)\s+([^;()]+?)\s*<POINT>\s*$
=> \1 (\2) at \3
^<DERIVE>\s*\((?!<NAME>\))(<EACH>)\)\s*<POINT>\s*$
=> grad(\1) at (\g<values>)
^(d/d\w)\s*\((<IN>)\)\s*(?:@\s*)?\(?\s*(<NUMBER>)\s*\)?\s*$
=> \1 (\2) at \3
^(<DERIVE>)\s*\((<EACH>),\s*(<NUMBER>)\s*\)\s*$
=> \1(\2) at \3
^(<DERIVE>)\s*\((<EACH>)[;,]\s*(\w+\s*=\s*<NUMBER>(?:[;,]\s*\w+\s*=\s*<NUMBER>)*)\s*\)\s*$
=> @semicolons
^(\(<IN>\))<POINT>\s*$
=> \1 at \2
\b[d∂]/[d∂]\w\s+(?P<f><NAME>)\((?P<values><NUMBER>)\)
=> @primes
(?<=[\w)])\s+(?P<f><NAME>)(?='*\()
=> @after
^\s*(<NAME>\s*=(?!=)[^;'=]+?)(?:\s*,\s*|\s+)(?=\w['’′]|d\w/d\w)
=> \1;<SP>
(?<![\w.])(?P<f>[^\W\d])_\{?(?P<by>[^\W\d_]{1,3})\}?(?:\s*\((?P<values>[^()]+)\))?(?!\w)
=> @partial
(?:[d∂])(?P<f>[^\W\d])/[d∂](?P<by>\w)\s*\((?P<values>[^()]+)\)
=> @partial
(?<![\w.])(?P<f><NAME>)\s*(?:\^|\*\*)\s*(?:\{\s*\(\s*|\(\s*)(?P<order>[1-4])\s*(?:\)\s*\}|\))\s*\(
    (?P<values>[^()]+)\)
=> @primes
(?<![\w.])(?P<f><NAME>)\s*(?:\^|\*\*)\s*(?:\{\s*\(\s*|\(\s*)(?P<order>[1-4])\s*(?:\)\s*\}|\))
    (?P<values>)
=> @primes
(?<![\w.])(?:\w+\.)?(?:derivative|grad|gradient)\(\s*(?P<f><NAME>)\s*\)\s*\((?P<values>[^()]+)\)
=> @primes
(?<![\w.])(?:\w+\.)?(?:derivative|gradient)\(\s*(?P<f><NAME>)\s*,\s*(?P<values><NUMBER>)\)
=> @primes
\b(?:nabla|grad|gradient)\b\s*\(?\s*(?P<f><NAME>)\s*\)?\s*(?P<values>\([^()]+\))
=> ∇\g<f>\g<values>
\bnabla\b\s*
=> ∇
(?<![\w.])(?P<kind>[Hh]essian|Hess|hess|H|jacobian|Jacobian|J)\s*\(\s*(?P<of><NAME>)\s*\)\s*\(
    (?P<values><NUMBERS>)\)
=> @second
(?<![\w.])(?P<kind>H|J)\s*_?(?P<of>[fgh])\s*\((?P<values><NUMBERS>)\)
=> @second
(?P<kind>∇\s*²|∇\s*\^\s*2|Δ|(?<![\w.])(?:[Ll]aplacian|laplace|[Hh]essian|Hess|hess|[Jj]acobian)\b)
    \s*(?:of\s+)?\((?P<of><IN>)\)<MAYBE>
=> @second
(?P<kind>(?<![\w.])[Jj]acobian)\s*(?:of\s+)?(?P<of>\[<IN>\])(?P<values>)
=> @second
(?P<kind>∇\s*²|∇\s*\^\s*2|Δ|(?<![\w.])(?:[Ll]aplacian|[Hh]essian|Hess|[Jj]acobian)(?:\s+matrix)?
    (?:\s+of)?\s)\s*(?P<of>[\w^*+\-/²³. ]+?)<MAYBE><END>
=> @second
(?P<kind>∇\s*[·⋅.*]|\bdiv(?:ergence)?|∇\s*×|\bcurl|\brot)\s*[\[(]+(?P<of><IN>)[\])]+
=> @field
(?<![\w'])(?P<y>[^\W\d])(?P<marks>['’′]+)(?:\(\s*(?P<values><NUMBER>)\s*\))?(?![\w'(])
=> @variable
\(\s*(<NAME>)\s*∘\s*(<NAME>)\s*\)\s*\((<IN>)\)
=> \1(\2(\3))
=\s*(<NAME>)\s*∘\s*(<NAME>)\s*(?=;|$)
=> (x) = \1(\2(x))
^\s*(<NAME>\([\w\s,]*\))\s*(?:->|↦|→|:)\s*(?=[^=])
=> \1 =<SP>
^\s*([fgh])\s+([a-z])\s*=(?!=)
=> \1(\2) =
^\s*([fgh]\([\w\s,]*\))\s*==
=> \1 =
^\s*(<NAME>\(<NUMBERS>\))\s*[,;]?\s*(?:where|if)?\s*(<NAME>\([\w\s,]+\)\s*=[^;]+)$
=> \2; \1
^\s*\w\s*:\s*[RℝC]\^?\w?\s*(?:->|→)\s*[RℝC]\^?\w?\s*[,;]\s*
=>
^([^;]*<NAME>\([\w\s,]*\)\s*=<EACH>),\s*(<NAME>\([\w\s,]*\)\s*=)
=> \1; \2
\bx\s*\|->
=> x ->
<SUM>\s+<FIRST><TO>(?P<last>\d+)(?P<of>)(?P<k>)\s*$
=> @summed
\b(mean|median|std|var)\s+of\s+(-?\d+)\.?(\d*(?:\s*,\s*<NUMBER>)+)\s*$
=> \1([\2.\3])
\b(sum|max|min)\s+of\s+(<NUMBER>(?:\s*,\s*<NUMBER>)+)\s*$
=> \1([\2])
^(.+?)\s+derivative\s*$
=> derivative of \1
(?P<kind>[∑Σ∏Π]|\bsum|\bprod)\s*_\s*\{?\(?\s*(?P<k>\w)\s*=\s*(?P<first>\w+)\s*\)?\}?\s*\^\s*
    (?P<last>\w+|\{[^{}]+\}|\([^()]+\))\s*(?P<of>[^;,]+)
=> @summed
<SUM>\s*\(\s*(?P<of><EACH>)\s*,\s*(?P<k>\w)\s*=\s*<FIRST><TO><LAST>\s*\)
=> @summed
<SUM>\s*\(\s*(?P<of><EACH>)\s*,\s*(?P<k>[a-z])\s*,\s*<FIRST>\s*,\s*<LAST>\s*\)
=> @summed
<SUM>\s*\(\s*(?P<k>[a-z])\s*=\s*<FIRST>\s*(?:,|\.\.+|…|to)\s*<LAST>\s*,\s*(?P<of><EACH>)\s*\)
=> @summed
<SUM>\s*\(\s*(?P<of><EACH>)\s+for\s+(?P<k>\w)\s+in\s+<FIRST><TO><LAST>\s*\)
=> @summed
(?P<kind>\bSum|\bProduct|\bTable)\s*\[\s*(?P<of>[^\[\]{}]+?)\s*,\s*\{\s*(?P<k>\w)\s*,\s*<FIRST>\s*
    ,\s*<LAST>\s*\}\s*\]
=> @summed
<SUM>\s*(?:from\s+|over\s+|for\s+)?(?P<k>[a-z])\s*=\s*<FIRST>\s*(?:\.\.+|…|to)\s*<LAST>\s+(?:of\s+
    )?(?P<of>[^;,]+)
=> @summed
<SUM>\s+(?:of\s+)?(?P<of>[^;,]+?)\s+(?:for|from|over)\s+(?P<k>[a-z])\s*(?:=|from|in)\s*<FIRST><TO><LAST>
=> @summed
<SUM>\s+of\s+(?P<of>(?P<k>[a-z]))\s+(?:for|from|over)\s+<FIRST><TO><LAST>
=> @summed
<SUM>\s*\(\s*<FIRST>\s*(?:\.\.+|:)\s*<LAST>\s*\)(?P<of>)(?P<k>)
=> @summed
\b(sum|prod)\(\s*(<NUMBER>(?:\s*,\s*<NUMBER>)+)\s*\)
=> \1([\2])
\b(mean|median|std|var|avg|average)\(\s*(-?\d+)\.?(\d*(?:\s*,\s*<NUMBER>)+)\s*\)
=> \1([\2.\3])
\b(mean|median|std|var|avg|average)\(\s*\[\s*(-?\d+)(?![\d.])
=> \1([\2.0
\b[Pp]iecewise\s*[\[(]\s*\{?(?P<of>.+?)\}?\s*[\])]\s*$
=> @choice
\{\s*(?P<of>[^{}]*[<>≤≥=][^{}]*)\s*\}
=> @choice
^\s*(?P<of>(?:[^;,{}=<>]+?\s(?:if|for|when)\s[^;,{}]*[<>≤≥][^;,{}]*,)+[^;,{}]+\s(?:otherwise|else|(?:if|for|when)\s[^;,{}]*))\s*$
=> @choice
^\s*(?P<of>[^;{}=<>]+,[^;{}]*[<>≤≥][^;{}]*;[^;{}]+,[^;{}]+[<>≤≥][^;{}]*)\s*$
=> @choice
(?:^|(?<=[?:;=]))([^?:;=]+(?:[<>≤≥]=?|==)[^?:;=]+?)\s*\?\s*([^?:;]+?)\s*:\s*([^?:;]+?)\s*(?=$|;)
=> @if_else
^\s*if\s*\((<IN>)\)\s*(?:then\s+)?([^;:]+?)\s*;?\s*else\s+([^;:]+?)\s*$
=> @if_else
^\s*if\s+(\S+(?:\s*(?:[<>]=?|==)\s*\S+)?)\s+(?:then\s+)?([^;:]+?)\s*;?,?\s*(?:else|otherwise)\s+(
    [^;:]+?)\s*$
=> @if_else
(?:^|(?<=[;=]))([^;=]+?)\s+if\s+([^;=]*?[<>≤≥]=?[^;=]+?)\s*,?\s*(?:otherwise|else)\s+([^;]+)$
=> \1 if \2 else \3
\b(?:IF|If|ifelse|iif)\s*\(\s*(<EACH>)\s*;\s*(<EACH>)\s*;\s*(<EACH>)\s*\)
=> where(\1, \2, \3)
\bReplaceAll\[\s*([^\[\]]+?)\s*,\s*(\w)\s*->\s*(<NUMBER>)\s*\]
=> \1 at \2=\3
\s*/\.\s*\{?\s*(\w)\s*(?:->|→)\s*(<NUMBER>)\s*\}?
=>  at \1=\2
^(.+?)\.subs\(\s*\{?\s*(\w)\s*[:,=]\s*(<NUMBER>)\s*\}?\s*\)$
=> \1 at \2=\3
^(.+?)\.evalf\(\s*subs\s*=\s*\{\s*(\w)\s*:\s*(<NUMBER>)\s*\}\s*\)$
=> \1 at \2=\3
\.(?:evalf|doit|simplify|n)\(\s*\d*\s*\)
=>
^\s*(?:eval|evaluate|subs|Evaluate)\(\s*(<EACH>)\s*,\s*(\w\s*=\s*<NUMBER>(?:\s*,\s*\w\s*=\s*
    <NUMBER>)*)\s*\)\s*$
=> \1 at \2
^\s*(?:eval|subs)\(\s*(\w\s*=\s*<NUMBER>)\s*,\s*(<EACH>)\s*\)\s*$
=> \2 at \1
^\s*(?:evalf|N)\s*\(\s*(<EACH>)\s*(?:,\s*\d+\s*)?\)\s*$
=> \1
\b(\w)\[\s*(\w)_\s*\]\s*:?=
=> \1(\2) =
(?<![\w.])(?P<f>\w)('*)\[(?P<of>[^\[\]]+)\]
=> @called
\bD\[([^\[\]{}]+),\s*(\w)\s*,\s*(\w)\s*\]
=> diff(\1, \2, \3)
\bD\[([^\[\]{}]+),\s*(\w)\s*\]
=> d/d\2 (\1)
\b[Gg]rad\[([^\[\]{}]+),\s*\{([^{}]+)\}\s*\]
=> grad(\1, [\2])
\bD\[([^\[\]{}]+),\s*\{\{([^{}]+)\}\}\s*\]
=> grad(\1, [\2])
\bDot\[\s*\{([^{}]+)\}\s*,\s*\{([^{}]+)\}\s*\]|\{([^{}]+)\}\s*\.\s*\{([^{}]+)\}
=> sum([u*v for u, v in zip([\1\3], [\2\4])])
\b([A-Z][A-Za-z]*)\[([^\[\]]*)\]
=> @capital
\s*//\s*N\s*$
=>
\b(<NAME>)\s*=\s*@\s*\(([\w\s,]*)\)\s*([^;]+)
=> @matlab
\b(<NAME>)\s*(?:<-|=)\s*function\s*\(([\w\s,]*)\)\s*([^;]+)
=> \1(\2) = \3
^\s*(?:\w+\.)?(?:gradient|derivative|grad)\(\s*(\w)\s*(?:->|→|↦|=>)\s*(<EACH>)\s*,\s*(\[[^\[\]]*\]
    )\s*\)\s*$
=> \2 at \1=\3
^\s*(?:from\s+\w+\s+import\s+\*|syms?\s+[\w\s,]+|<NAME>(?:\s*,\s*<NAME>)*\s*=\s*(?:\w+\.)?(?:
    symbols|Symbol|sym|var|Variable)\s*\([^()]*\)|import\s+\w+(?:\s+as\s+\w+)?)\s*;\s*
=>
\b(hessian|jacobian)\(\s*(<EACH>)\s*,\s*([^\W\d]\w*(?:\s*,\s*[^\W\d]\w*)+)\s*\)
=> \1(\2, [\3])
\bdiff\(\s*(<EACH>)\s*,\s*\(\s*(\w)\s*,\s*(\d)\s*\)\s*\)
=> diff(\1, \2, \3)
\bdiff\(\s*(<EACH>)\s*,\s*(\w)((?:\s*,\s*\2){2,})\s*\)
=> @repeated
(<NAME>|\(<IN>\))\.diff\(\s*(\w)\s*\)
=> d/d\2 \1
\b(<NAME>)\.\(
=> \1(
\bc\(\s*(<NUMBERS>)\s*\)
=> tensor([\1]).double()
(?:^|(?<=;))\s*(<NAME>)\s*(?:<-|:=)\s*
=>  \1 =<SP>
(=\s*)(<NUMBER>)\s*:\s*(<NUMBER>)\s*:\s*(<NUMBER>)(?=\s*(?:;|$))
=> \1arange(\2, \4 + \3/2, \3)
\bin\s+<FIRST><TO><LAST>(?=\s*[\])])
=> in range(\g<first>, \g<last> + 1)
\b(\w)\(\s*end\s*\)
=> \1[-1]
\b(\w)\(\s*(\d+)\s*:\s*(\d+)\s*\)
=> @slice
(<VALUE>|\[[^\[\]]*\])\s+(dot|cross)\s+(<VALUE>|\[[^\[\]]*\])
=> \2(\1, \3)
(\[[^\[\]]*\])\s*[x×]\s*(\[[^\[\]]*\])
=> cross(\1, \2)
\(([^()]+,[^()]+)\)\s*[·⋅]\s*\(([^()]+,[^()]+)\)
=> dot([\1], [\2])
<(<NUMBERS>)>
=> [\1]
<([^<>=;]+,[^<>=;]+)>
=> dot(\1)
(?<![\w.])(\w)\s*(?:\^\s*(?:T|\{\s*(?:T|\\top)\s*\}|\\top)|')\s*\*?\s*([A-Za-z])\s*([a-z])(?!\w)
=> \1.T @ \2 @ \3
(?<![\w.])(\w)\s*(?:\^\s*T|'|ᵀ)\s*\*\s*([A-Z])\s*\*\s*([a-z])(?!\w)
=> \1.T @ \2 @ \3
(?<![\w.])(\w)\s*(?:\^\s*(?:T|\{\s*(?:T|\\top)\s*\}|\\top)|')\s*\*?\s*([A-Za-z])(?!\w)
=> \1.T @ \2
(?:(?<=[\s=+(\-])|^)([A-Za-z])ᵀ\s*([A-Z])\s*([a-z])(?!\w)
=> \1.T @ \2 @ \3
(?<![A-Za-z_.])([A-Za-z])ᵀ\s*([A-Z])\s*([a-z])(?!\w)
=> (\1.T @ \2 @ \3)
Σ(?=\s*[^\W\d_]|\s*\()
=> ∑
Π(?=\s*[^\W\d_]|\s*\()
=> ∏
\b(?:Math|tf|sp|sympy|sym|jnp|jax|cmath|Base)\.(?=[a-zA-Z])
=>
\bstd::
=>
\b(?:pi|PI|Pi)\s*\(\s*\)
=> pi
\bf?printf\s*\(\s*("[^"]*"|'[^']*')\s*,\s*(<IN>)\s*\)
=> print(\1 % (\2))
\bSUMPRODUCT\s*\(\s*(<EACH>)\s*[,;]\s*(<EACH>)\s*\)
=> sum((\1)*(\2))
;?\s*(?:%|//)\s*[A-Za-z]+(?:\s+[A-Za-z]+)+\s*$
=>
\s*%\*%\s*
=>  @<SP>
\s*%/%\s*
=>  //<SP>
\s*%%\s*
=>  %<SP>
<>
=> !=
\*\*\*|\^\^|\^\*|\*\^
=> ^
\s*&&\s*
=>  and<SP>
\s*\|\|\s*(?=[^|]*[<>=])
=>  or<SP>
(?<![\w.])(\d+)\s+(\d+)\s*/\s*(\d+)(?![\w.])
=> (\1 + \2/\3)
(?<![\w.])(\d+(?:\.\d+)?)\s*x\s*10\s*\^\s*(-?\d+|\(-?\d+\))
=> \1*10^\2
^(.+?)\s+in\s+degrees?$
=> rad2deg(\1)
\blog_([a-z])\s*\((<IN>)\)
=> log(\2, \1)
(?<=\d)\s*(?:degrees?|deg|grad)\b
=> °
"""
)
"""What is written otherwise: a pattern, and what stands in its place, which a function may say that is given
what was found and the line."""

EQUATIONS = _table(
    r"""
^\s*([^=;]*[-+*/^²][^=;]*?)\s*=\s*([^=;]+?)\s*;\s*d(\w)/d(\w)\s*$
=> F = \1 - (\2); -(dF/d\4)/(dF/d\3)
^\s*([^=;]*[-+*/^²\w)][^=;]*?)\s*={1,3}\s*([^=;]+?)\s*$
=> @difference
"""
)
"""What an equation is, which is no program."""

GUESSES = _table(
    r"""
(?<![\w.])(?P<f>[^\W\d])_(?P<values>\d{1,2})(?!\w)
=> @entry
(?<![\w.])(?P<f>[^\W\d]\w*?)(?:_[ijk]\b|\[[ijk]\])
=> @whole
(?<![\w.'])(?P<f>[^\W\d])\((?P<values>[1-9](?:\s*,\s*[1-9])+)\)
=> @outer
(?<![^\W\d]|[.'])(?P<f>[^\W\d]|pi)\s*\(
=> @product
\)\s*(?=\d)
=> )*
\)\s*\((?=<IN>\))
=> )*(
(?<=\d)\s*<UNITS>(?!\w)
=> @unit
\((\d+),(\d+)\)
=> (\1.\2)
\bdiff\s*\((<EACH>)\)
=> grad(\1)
"""
)
"""The same, for a line that there is nothing else for."""

ASKED = _table(
    r"""
^(?!.*\|\s*\w+\s*=)\s*d/d(?P<k>\w)(?!\s*at\b)\s*\(?<OF>\)?\s*=\s*(?P<a>[^=?;\s][^=?;]*)$
=> gradcli check '{of}' --claim 'dresult/d{k} = {a}' tells whether it holds
^\s*(?:is\s+)?(?:the\s+)?derivative\s+of\s+<OF>\s+(?:is|equals)\s+(?P<a>[^;?]+?)\s*\??$
=> gradcli check '{of}' --claim 'dresult/d{k} = {a}' tells whether it holds
^\s*(?:find\s+|the\s+)*lim(?:it)?\s*_?\s*[{(]?\s*(?P<k>\w)\s*(?:->|→)\s*(?P<a>-?\w+)\s*[})]?\s*(?:of\s+)?<OF>$
=> try a point nearby: gradcli eval '{of}' -s {k}={near}
^\s*(?:the\s+)?limit\s+of\s+<OF>\s+(?:as|when|for)\s+(?P<k>\w)\s*(?:->|→|to|approaches)\s*(?P<a>-?\w+)$
=> try a point nearby: gradcli eval '{of}' -s {k}={near}
^\s*lim(?:it)?\s*\(\s*(?P<of><EACH>)\s*,\s*(?P<k>\w)\s*,\s*(?P<a>-?\w+)\s*\)$
=> try a point nearby: gradcli eval '{of}' -s {k}={near}
^\s*Limit\[\s*<OF>\s*,\s*(?P<k>\w)\s*->\s*(?P<a>-?\w+)\s*\]$
=> try a point nearby: gradcli eval '{of}' -s {k}={near}
^\s*(?:find\s+|the\s+|local\s+|global\s+)*(?:(?:mini|maxi|opti)mi[sz]e|argmin|argmax|(?:min|max)(?:imum)?\s+of
    |extrema\s+of|(?:critical|stationary|inflection)\s+points?\s+of)\s+(?:y\s*=\s*|\w\(\w\)\s*=\s*)?<OF>$
=> a step downhill is: y = {of}; {k} - 0.1*grad(y, {k}){at}
^\s*(?:solve|N?Solve|roots|zeros|zeroes)(?:\s+(?:for\s+\w\s*:?|of))?\s*[\[(]?\s*<OF>\s*(?:,\s*(?P<k>\w)\s*)?[\])]?$
=> a step of Newton's method towards f({k}) = 0 is: f = {of}; {k} - f/grad(f, {k}){at}
^\s*[Pp]lot\s*[\[(]\s*<OF>\s*,\s*[\[{(]\s*(?P<k>\w)\s*,\s*(?P<a>-?[\w.]+)\s*,\s*(?P<b>-?[\w.]+)\s*[\]})]\s*[\])]$
=> gradcli plot '{of}' --range {k}={a}:{b}
^\s*(?:the\s+)?(?:taylor|maclaurin|power)\s*(?:series|expansion|polynomial)?\s*(?:of|for)?\s+<OF>
    (?:\s+(?:at|around|about)\s+(?:\w\s*=\s*)?(?P<a>-?[\w.]+))?$
=> gradcli eval '{of}' --order 3 -s {k}={a} gives the derivatives, each a coefficient times n!
^\s*∫\s*_\s*\{?(?P<a>-?[\w.]+)\}?\s*\^\s*\{?(?P<b>-?[\w.]+)\}?\s*<OF>\s*d(?P<k>[a-z])$
=> a sum comes near to it: write {k} = linspace({a}, {b}, 1001); trapezoid({of}, {k})
^\s*(?:find\s+|the\s+)*(?:integral\s+of|integrate|int)\s+<OF>(?:\s*d(?P<k>[a-z]))?\s+from\s+(?:\w\s*=\s*)?(?P<a>-?[\w.]+)
    \s+to\s+(?P<b>-?[\w.]+)$
=> a sum comes near to it: write {k} = linspace({a}, {b}, 1001); trapezoid({of}, {k})
^\s*N?[iI]nt(?:egral|egrate)?\s*[\[(]\s*(?P<of><EACH>)\s*,\s*[({]?\s*(?:(?P<k>[a-z])\s*,\s*)?(?P<a>-?[\d.]+)\s*,
    \s*(?P<b>-?[\d.]+|pi)\s*[)}]?\s*[\])]$
=> a sum comes near to it: write {k} = linspace({a}, {b}, 1001); trapezoid({of}, {k})
^\s*<OF>\s+d(?P<k>[a-z])$
=> gradcli diff '{of}' gives the derivative
^\s*(?:the\s+)?(?:∫|int\b|integral\b|integrate\b|antiderivative\b)\s*(?:of\s+)?\(?\s*<OF>
    (?:\s*d(?P<k>[a-z])|\s*,[^()]*(?:\([^()]*\))?|\s+from\b.*)?\s*\)?$
=> gradcli diff '{of}' gives the derivative
"""
)
"""What is asked that nothing here answers, and what comes near to it."""


def applied(rules: tuple[Rule, ...], about: Wording) -> Iterator[str]:
    """The line after each of the rules that there is something for."""
    line = about.line
    plain = latex.plain(line, about.taken) if rules is RULES and re.search(r"[\\$]|_\{", line) else None
    if plain is not None:
        yield plain
    for pattern, meaning in rules:
        for found in re.finditer(pattern, line):
            text = found.expand(meaning) if isinstance(meaning, str) else meaning(found, about)
            if text is not None:
                yield f"{line[: found.start()]}{text}{line[found.end() :]}".strip()
