"""What people type in one line that the language does not have: `2x`, `x²`, `|x|`, `d/dx x^2`, `x^2 at x=3`.

`read(text, taken)` gives the program of the language that is meant, where only one can be, and what to tell
the reader about it. The command line calls it for programs that stand on it; files and programs of several
lines are read as they are. Most texts are plain, and need none of the modules beside this one.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from gradcli.errors import GradcliError
    from gradcli.syntax.reading import Reading

LONGEST = 4000
"""Nobody types a longer line; reading one would only take time."""

_NEVER = frozenset("|!%{}?$\\")
_ARROWS = ("->", "<-", ":=", "=>")
_SIGNS = (
    ("", r"\d\s*[A-Za-z_(|]|\w\s+\w"),
    (")", r"\)\s*[\w(]"),
    (")=", r"\)\s*=[^=]"),
    (".", r"\.[*/^]"),
    ("'", r"[\w)\]]'"),
    (",=", r",\s*\w+\s*="),
    ("[;", r"\[[^\]]*;"),
    ("=", r"^\s*=|=\s*$"),
    ("help", r"^\s*help\b"),
    ("quit", r"^\s*quit\b"),
    ("exit", r"^\s*exit\b"),
    (";=", r";\s*\w+\s*=\s*[-+.\d]+\s*;?\s*$"),
    ("=,", r"(?:^|;)\s*\w+\s*=[^=;()\[\]]*,"),
    ("(=", r"[\w)@]\s*\(\s*\w+\s*="),
    ("[=", r"[\w)@]\s*\[\s*\w+\s*="),
    ("@=", r"@\s+\w+\s*="),
    ("D", r"\bD\s*[\[(]"),
    ("(,", r"\b(?:sin|cos|tan|exp|abs|sqrt|atan|int|norm|if|C|P)\s*\([^()]*,"),
    ("()", r"\b(?:sin|cos|tan)\s*\(\s*\d+\s*\)"),
    ("^(", r"\b(?:sin|cos|tan|exp|log|ln)\s*\^"),
    ("()", r"\bpi\s*\(\s*\)"),
    (":", r"[(\s]-?\d+\s*:\s*\w+\s*\)"),
    (".", r"\d\s*\.\.+\s*\w"),
    ('"', r'^\s*"[^"]*"\s*$'),
    ("=;(", r"(?:^|;)\s*(\w+)\s*=[^;=(]{1,200};.{0,200}\b\1\("),
    ("1/", r"(?:\^|\*\*)\s*1\s*/\s*\d"),
    ("(;", r"\w\s*\([^()]*;"),
    ("=:", r"=\s*-?[\d.]+\s*:"),
    ("=<", r"=<"),
    ("-", r"\b(?:sin|cos|tan|exp|log|ln|sqrt|abs)\s*-"),
    ("[", r"\b(?i:sin|cos|tan|exp|log|ln|sqrt|abs)\s*\["),
    ("[]", r"(?:^|[;=(,+\-*/])\s*\[[^\]]*\]\s*\["),
    (":", r"^\s*-?[\w.]+\s*:\s*[\d.]+$"),
)
"""What plain lines do not have, each with characters that it cannot do without. All of them as one expression
would take a tenth of the start of a run to compile, and few lines have the characters for more than two."""
_WORD = re.compile(r"[A-Za-z_]\w*")
_DIFFERENTIAL = r"d\d?(?:[A-Za-z]\w*)?"


def read(text: str, taken: Iterable[str] = ()) -> Reading | None:
    """The reading of a line, or None where it is to be read as it stands.

    Args:
        taken: names that are set from outside, which then mean nothing else.

    Raises:
        GradcliError: `syntax`, located, where a line can be read in two ways or asks for what is not here.
    """
    if len(text) > LONGEST or "\n" in text or not _may_mean_more(text):
        return None
    from gradcli.syntax.notation.line import read_line

    return read_line(text, frozenset(taken))


def read_value(text: str) -> str:
    """The value of a setting (`2π`, `30°`) as the language has it."""
    if len(text) > LONGEST or not _may_mean_more(text):
        return text
    from gradcli.syntax.notation.line import read_expression

    return read_expression(text)


def is_wrong(error: GradcliError) -> bool:
    """Whether an error is of what a program says, for which another line may have been meant."""
    codes = "syntax", "unknown-name", "unknown-function", "unset-input", "bad-argument", "shape", "dtype"
    return error.code in (*codes, "non-scalar-root", "no-grad")


def suggest(error: GradcliError, line: str, taken: Iterable[str], functions: Collection[str]) -> None:
    """Gives an error of a line the text to type that may have been meant.

    Args:
        taken: names that are set from outside.
        functions: the names of the functions that there are.
    """
    if len(line) > LONGEST or "\n" in line:
        return
    from gradcli.syntax.notation.mended import improve

    improve(error, line, frozenset(taken), functions)


def _may_mean_more(text: str) -> bool:
    """Whether a text has a sign of what the language does not have."""
    characters = frozenset(text)
    return (
        not text.isascii()
        or not _NEVER.isdisjoint(characters)
        or any(arrow in text for arrow in _ARROWS)
        or any(characters.issuperset(needed) and re.search(sign, text) for needed, sign in _SIGNS)
        or _speaks(text)
    )


def _speaks(text: str) -> bool:
    """Whether a word may mean something else than in the language."""
    words = _WORD.findall(text)
    if "import" in words:
        return False  # a script, and no line that somebody typed
    if any(word[0] == "d" and re.fullmatch(_DIFFERENTIAL, word) for word in words):
        return True
    longer = [word for word in words if len(word) > 1]
    if not longer:
        return False
    from gradcli.syntax.notation.words import MEANING

    return not MEANING.isdisjoint(longer)
