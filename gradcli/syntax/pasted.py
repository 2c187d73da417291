"""Reads text that was copied from a session, a notebook or a page: prompts, magics, indentation, odd blanks.

`read(text)` gives the program, on the same lines, and says what it left out. The command line calls it for
every program; a text that nobody copied from there needs a look of two regular expressions.
"""

from __future__ import annotations

import re

from gradcli.errors import GradcliError
from gradcli.syntax.reading import Reading

_MARKS = re.compile(
    r"^[ \t\xa0]*(?:>>>|In ?\[\d*\]:|%|!|\?|```)|\?[ \t]*$|[\xa0\u2007\u202f\u3000\u200b]"
    r"|\A\s*\n?[ \t]+\S.*\n",
    re.M,
)
_PROMPT = re.compile(r"[ \t]*(?:>>>|\.\.\.)(?: |$)")
_INPUT = re.compile(r"[ \t]*(?:In ?\[\d*\]|\.{3,}): ?")
_PYTHON, _IPYTHON = re.compile(r"[ \t]*>>>(?: |$)", re.M), re.compile(r"[ \t]*In ?\[\d*\]:", re.M)
_MAGIC = re.compile(r"[ \t]*(%%?[A-Za-z]\w*|![A-Za-z./~]|\?{1,2}[A-Za-z])")
_HELP = re.compile(r"[ \t]*[A-Za-z][\w.]*\?{1,2}\s*$")
_FENCE = re.compile(r"[ \t]*```[\w .+-]*$")
_STRING = re.compile(
    r"""(\"\"\"(?:[^\\]|\\.)*?\"\"\"|'''(?:[^\\]|\\.)*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|\#[^\n]*""",
    re.S,
)
_BLANKS = str.maketrans(dict.fromkeys("\xa0\u2007\u202f\u3000", " "))


def read(text: str) -> Reading | None:
    """The program in a text that was copied, or None where it is one as it stands."""
    if not _MARKS.search(text) or (_is_program(text) and not _IPYTHON.search(text)):
        return None
    lines = text.split("\n")
    cuts = [0] * len(lines)  # how much is taken away from the front of each line
    notes: list[str] = []
    _take_fences(lines, notes)
    prompt = _PROMPT if _PYTHON.search(text) else _INPUT if _IPYTHON.search(text) else None
    if prompt is not None:
        _take_prompts(lines, cuts, prompt)
    _take_magics(lines, notes)
    _take_indentation(lines, cuts)
    read = _plain_blanks("\n".join(lines))
    if read == text:
        return None
    segments = []
    here = there = 0
    for line, typed, cut in zip(read.split("\n"), text.split("\n"), cuts, strict=True):
        segments.append((here, there + min(cut, len(typed)), there + len(typed)))
        here += len(line) + 1
        there += len(typed) + 1
    return Reading(read, text, (), {}, tuple(notes), tuple(segments))


def _is_program(text: str) -> bool:
    from gradcli.syntax.parser import parse

    try:
        parse(text)
    except GradcliError:
        return False
    return True


def _take_fences(lines: list[str], notes: list[str]) -> None:
    """Leaves what stands between the fences of a page in Markdown, where there are any."""
    if not any(map(_FENCE.match, lines)):
        return
    inside, told = False, False
    for at, line in enumerate(lines):
        fence = _FENCE.match(line) is not None
        inside ^= fence
        if fence or not inside:
            told = told or not (fence or line.isspace() or line == "")
            lines[at] = ""
    if told:
        notes.append("what stands outside of the ``` is no program and is left out")


def _take_prompts(lines: list[str], cuts: list[int], prompt: re.Pattern[str]) -> None:
    """Leaves the lines behind prompts; all others are what they printed."""
    for at, line in enumerate(lines):
        match = prompt.match(line)
        lines[at] = line[match.end() :] if match else ""
        cuts[at] = match.end() if match else 0


def _take_magics(lines: list[str], notes: list[str]) -> None:
    """Leaves out the lines that are for the notebook (`%matplotlib inline`, `x?`) or the shell (`!pip`)."""
    several = sum(map(bool, map(str.strip, lines))) > 1  # x^2? alone asks for its value
    for at, line in enumerate(lines):
        if _MAGIC.match(line) or (several and _HELP.match(line)):
            notes.append(f"line {at + 1} is no program and is left out: {line.strip()}")
            lines[at] = ""


def _take_indentation(lines: list[str], cuts: list[int]) -> None:
    """Takes away the blanks that all lines begin with."""
    told = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    if not told:
        return
    first = told[0]
    common = first[: len(first) - len(first.lstrip())]
    if not common or not all(line.startswith(common) for line in told):
        return
    for at, line in enumerate(lines):
        if line.startswith(common):
            lines[at] = line[len(common) :]
            cuts[at] += len(common)
        else:
            lines[at] = line.lstrip()


def _plain_blanks(text: str) -> str:
    """Odd blanks outside of strings and comments as plain ones; what has no width is taken for one too."""
    if text.isascii():
        return text
    parts = []
    end = 0
    for match in _STRING.finditer(text):
        parts += [_plain(text[end : match.start()]), match[0]]
        end = match.end()
    return "".join([*parts, _plain(text[end:])])


def _plain(text: str) -> str:
    return text.translate(_BLANKS).replace("\u200b", " ")
