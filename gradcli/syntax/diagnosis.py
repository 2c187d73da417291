"""Says what is wrong with a program at the token where the parser got stuck, and how to write it.

`explain` asks its helpers in turn; the first one that recognises the mistake answers. They look at the tokens
around the place, and at the terminals that would have been possible there.
"""

from __future__ import annotations

import re

from gradcli.errors import GradcliError, syntax_error
from gradcli.syntax import kinds
from gradcli.syntax.automaton import RULES, SPELLED, follow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gradcli.errors import Span
    from gradcli.syntax.automaton import Row

_WORD_VALUES = {SPELLED["True"], SPELLED["False"], SPELLED["None"]}
_BEGINS_VALUE = {kinds.NAME, kinds.NUMBER, kinds.STRING, kinds.FSTRING_START} | _WORD_VALUES
_ENDS_VALUE = {
    kinds.NAME,
    kinds.NUMBER,
    kinds.STRING,
    kinds.FSTRING_END,
    SPELLED[")"],
    SPELLED["]"],
} | _WORD_VALUES
_LAYOUT = {kinds.NEWLINE, kinds.INDENT, kinds.DEDENT}
_COMPOUND = ("if", "elif", "else", "while", "for", "with", "try", "def", "class")


def explain(tokens: list[kinds.Token], position: int, rows: list[Row], text: str) -> GradcliError:
    """The error for the token at `position`, which cannot follow what stands before it."""
    last = tokens[-1]
    if tokens[position][0] == kinds.ERROR:
        error: GradcliError = tokens[position][3]
        return error
    place = _Place(tokens, position, rows, text)
    never_closed = last[0] == kinds.ERROR and place.bracket is not None and last[1] == place.bracket[1]
    if never_closed and "\n" in text[last[1] : place.token[1]]:
        # Something on a later line doesn't fit: most likely the bracket should have been closed before.
        unclosed: GradcliError = last[3]
        return unclosed
    return (
        _foreign(place)
        or _lambda(place)
        or _layout(place)
        or _double_sign(place)
        or _equals(place)
        or _star(place)
        or _word(place)
        or _side_by_side(place)
        or _expected(place)
    )


class _Place:
    """Where the parser got stuck."""

    def __init__(self, tokens: list[kinds.Token], position: int, rows: list[Row], text: str) -> None:
        self.tokens = tokens
        self.position = position
        self.rows = rows
        self.text = text
        self.token = tokens[position]
        self.kind = self.token[0]
        self.before = tokens[position - 1] if position else (kinds.NEWLINE, 0, 0, "")
        self.sign = self.written(self.token)
        self.sign_before = self.written(self.before)
        self.adjacent = position > 0 and self.before[2] == self.token[1]
        self.possible = {kind for kind in rows[-1] if 0 <= kind < 100 and _possible(rows, kind)}
        self.bracket = self._bracket()
        self.first = self._first()

    @property
    def span(self) -> Span:
        """The token; for layout the place of the next token, or where the text before it ends."""
        if self.kind == kinds.DEDENT:
            for token in self.tokens[self.position :]:
                if token[0] not in (kinds.DEDENT, kinds.END):
                    return token[1], token[2]
        return self.token[1], self.token[2]

    def written(self, token: kinds.Token) -> str:
        """A word, a number or a sign as it stands in the text; strings never look like one."""
        return "" if token[0] in (kinds.FSTRING_TEXT, kinds.ERROR) else self.text[token[1] : token[2]]

    def _bracket(self) -> kinds.Token | None:
        """The innermost open bracket."""
        opened: list[kinds.Token] = []
        for token in self.tokens[: self.position]:
            sign = self.written(token)
            if sign in ("(", "[", "{"):
                opened.append(token)
            elif sign in (")", "]", "}"):
                opened.pop()
        return opened[-1] if opened else None

    def _first(self) -> str:
        """The word or sign that the statement begins with."""
        begin = self.position
        separators = {*_LAYOUT, SPELLED[";"]}
        while begin > 0 and self.tokens[begin - 1][0] not in separators:
            begin -= 1
        return self.written(self.tokens[begin])

    def error(self, message: str, hint: str | None = None, span: Span | None = None) -> GradcliError:
        return syntax_error(message, span or self.span, hint)


def _possible(rows: list[Row], kind: int) -> bool:
    """Whether a terminal would really be read here: the tables know what may follow in any place like it."""
    behind = len(rows)
    top: list[Row] = []  # what reductions would put above rows[:behind]
    while True:
        current = top[-1] if top else rows[behind - 1]
        action = current.get(kind)
        if action is None:
            return False
        if action >= 0:
            return True
        length, key = RULES[~action][:2]
        taken = min(length, len(top))
        del top[len(top) - taken :]
        behind -= length - taken
        top.append(follow(top[-1] if top else rows[behind - 1], key + kind))


def _quoted(place: _Place, token: kinds.Token) -> str:
    """A token as a message names it."""
    if token[0] == kinds.NEWLINE:
        return "the end of the line"
    if token[0] in (kinds.END, kinds.DEDENT):
        return "the end of the block" if token[0] == kinds.DEDENT else "the end of the program"
    if token[0] == kinds.ERROR:
        return "something unreadable"
    written = place.text[token[1] : token[2]]
    if token[0] in (kinds.STRING, kinds.FSTRING_START, kinds.FSTRING_TEXT):
        return "a string"
    return f"'{written}'" if len(written) <= 30 else f"'{written[:30]}…'"


def _foreign(place: _Place) -> GradcliError | None:
    """Words and signs that the language doesn't have."""
    if place.kind != kinds.FOREIGN or _opens_after_number(place):
        return None
    message, hint = kinds.FOREIGNERS[place.sign]
    return place.error(message, hint)


def _lambda(place: _Place) -> GradcliError | None:
    """`lambda` as a name."""
    at = place.position - 1
    while at >= 0 and (
        place.tokens[at][0] == kinds.NAME or place.written(place.tokens[at]) in ("*", "**", ",")
    ):
        at -= 1
    begins = place.position if place.sign == "lambda" else at
    if begins < 0 or place.written(place.tokens[begins]) != "lambda":
        return None
    message = "'lambda' begins a function, lambda x: x**2, and cannot be a name"
    return place.error(message, "call it lam or lambda_", place.tokens[begins][1:3])


def _opens_after_number(place: _Place) -> bool:
    """Whether this is the bracket of `2(x)`, which the lexer marks: a number is never called."""
    return place.sign in ("(", "[") and place.before[0] == kinds.NUMBER


def _layout(place: _Place) -> GradcliError | None:
    """Indentation, blocks and colons."""
    if place.kind == kinds.INDENT:
        return place.error("unexpected indentation: no block begins here", "align it with the line before")
    if kinds.INDENT in place.possible:
        header = place.position - 1
        while header > 0 and place.tokens[header - 1][0] not in _LAYOUT:
            header -= 1
        word = place.tokens[header][3]
        return place.error(f"expected an indented block after '{word}'", "indent the lines that belong to it")
    if place.first in ("match", "case") and place.sign_before in ("match", "case", ":"):
        return place.error("match is not in the language", "use if and elif", _statement_start(place))
    at_colon = SPELLED[":"] in place.possible and place.bracket is None and place.first in _COMPOUND
    if at_colon and place.kind in (kinds.NEWLINE, SPELLED[";"]):
        return place.error(f"expected ':' after '{place.first}', found {_quoted(place, place.token)}")
    if place.kind in (SPELLED["else"], SPELLED["elif"]) and place.before[0] in _LAYOUT:
        return place.error(f"'{place.sign}' has no 'if' before it")
    return None


def _statement_start(place: _Place) -> Span:
    begin = place.position
    while begin > 0 and place.tokens[begin - 1][0] not in {*_LAYOUT, SPELLED[";"]}:
        begin -= 1
    return place.tokens[begin][1], place.tokens[begin][2]


def _double_sign(place: _Place) -> GradcliError | None:
    """`&&`, `x++`, `===` and their like: operators of other languages."""
    if not place.adjacent:
        return None
    sign = place.sign_before + place.sign
    span = place.before[1], place.token[2]
    if sign in _DOUBLE:
        return place.error(f"'{sign}' is not an operator here", _DOUBLE[sign], span)
    if place.position > 1 and place.tokens[place.position - 2][2] == place.before[1]:
        sign = place.written(place.tokens[place.position - 2]) + place.sign_before
        if sign in ("++", "--") and place.kind not in _BEGINS_VALUE:
            span = place.tokens[place.position - 2][1], place.before[2]
            return place.error(f"'{sign}' is not an operator here", f"write {sign[0]}= 1", span)
    return None


_DOUBLE = {
    "&&": "write and",
    "||": "write or",
    "===": "compare with ==",
    "!==": "compare with !=",
    "<>": "compare with !=",
    "=>": "write >= to compare",
    "=<": "write <= to compare",
    "<<": "write * 2**n",
    ">>": "write // 2**n",
    "::": "write : between the parts of a slice",
}


def _equals(place: _Place) -> GradcliError | None:
    """`=` and `:=` where nothing can be assigned."""
    if place.sign == ":=" and place.before[0] == kinds.NAME:
        name = place.sign_before
        return place.error("':=' assigns in the test of an if or a while", f"write {name} = …")
    if place.kind != SPELLED["="] or place.before[0] not in _ENDS_VALUE:
        return None
    if place.bracket is not None and place.bracket[3] == "(" and place.first != "def":
        return place.error(
            "'=' cannot stand in this expression", "compare with ==; an argument's name is a plain name"
        )
    return place.error("'=' assigns a value and cannot stand in an expression", "compare with ==")


def _star(place: _Place) -> GradcliError | None:
    """Stars (and `/`) where they don't belong."""
    sign = place.sign
    if sign not in ("*", "**", "/"):
        return None
    if place.first == "from":
        return place.error("'import *' is not in the language", "name what you need: from module import name")
    opens = place.sign_before in ("(", ",")
    if place.first == "def" and opens:
        if sign == "/":
            return place.error("'/' among parameters is not in the language", "leave it out")
        return place.error("this is no place for '**' among parameters")
    if (
        sign == "*"
        and place.before[0] not in _ENDS_VALUE
        and place.sign_before in ("[", ",", "=", "(", "in", "return")
    ):
        return place.error("'*' unpacks the items of a list, a tuple or a call", "write the items one by one")
    return None


def _word(place: _Place) -> GradcliError | None:
    """Words of the language in the wrong place."""
    word = place.sign
    if place.kind not in _WORD_KINDS:
        return None
    if word in ("except", "finally") and place.before[0] in _LAYOUT:
        return place.error(f"'{word}' has no 'try' before it")
    if word in _COMPOUND and word not in ("elif", "else") and place.sign_before in (";", ":"):
        return place.error(f"'{word}' begins a line of its own", "put it on a new line")
    after = place.written(place.tokens[place.position + 1])
    if kinds.NAME in place.possible and (kinds.NUMBER not in place.possible or after in ("=", ".")):
        return place.error(f"'{word}' is a word of the language and cannot be a name")
    return None


_WORD_KINDS = {kind for spelling, kind in SPELLED.items() if spelling.isidentifier()}


def _side_by_side(place: _Place) -> GradcliError | None:
    """Two values with no operator between them, as in `2x`."""
    opens = _opens_after_number(place)
    if place.before[0] not in _ENDS_VALUE or not (place.kind in _BEGINS_VALUE or opens):
        return None
    text = place.text
    left = text[place.before[1] : place.before[2]]
    right = " ".join(text[place.token[1] : _value_end(place)].split())
    span = place.token[1], _value_end(place) if opens else place.token[2]
    if place.before[0] == kinds.NAME:
        if left == "match":
            return place.error("match is not in the language", "use if and elif", _statement_start(place))
        if left in ("print", "exec", "assert"):
            return place.error(f"'{left}' needs brackets around what it is given", f"{left}({right})", span)
    if SPELLED["*"] not in place.possible:
        return None
    if place.kind in (kinds.STRING, kinds.FSTRING_START) or place.before[0] in (
        kinds.STRING,
        kinds.FSTRING_END,
    ):
        return place.error(f"expected an operator before {_quoted(place, place.token)}", None, span)
    if place.before[0] == kinds.NUMBER and place.adjacent and (place.sign[0] == "_" or _base(left + right)):
        return place.error(f"'{left}{right}' is not a number", None, (place.before[1], place.token[2]))
    hint = f"{left}*{right}"
    if len(hint) > 40 or left in (")", "]"):
        hint = "write * to multiply"
    elif place.before[0] == place.kind == kinds.NAME:
        hint = f"{hint} multiplies, {left}({right}) calls"
    shown = right if opens and len(right) < 30 else text[place.token[1] : place.token[2]]
    groups = re.fullmatch(r"\d{1,3}((?:\.\d{3}){2,})", left + shown)
    if groups:
        return place.error(
            "a number has one point, before its fraction", (left + shown).replace(".", ""), span
        )
    return place.error(f"expected an operator between '{left}' and '{shown}'", hint, span)


def _base(written: str) -> bool:
    """Whether this was to be a number in another base, such as 0xfg."""
    return len(written) == 2 and written[0] == "0" and written[1] in "xXbBoO"


def _value_end(place: _Place) -> int:
    """Where the value that begins at the token ends, with its calls, indices and attributes on this line."""
    depth = 0
    end = place.token[2]
    for token in place.tokens[place.position :]:
        sign = place.written(token)
        goes_on = token[1] == end and (sign in ("(", "[", ".") or place.text[end - 1] == ".")
        if depth == 0 and token is not place.token and not goes_on:
            break
        depth += (sign in ("(", "[")) - (sign in (")", "]"))
        if depth < 0 or token[0] in (kinds.ERROR, kinds.NEWLINE):
            break
        end = token[2]
    return end


def _expected(place: _Place) -> GradcliError:
    """What was possible here, in plain words."""
    found = _quoted(place, place.token)
    possible = place.possible
    if place.kind == kinds.FIELD_END and kinds.NUMBER in possible:
        return place.error("expected an expression between '{' and '}'", "write {{ and }} for the characters")
    if kinds.NUMBER in possible:
        at_start = SPELLED["pass"] in possible
        hint = "yield begins a line of its own: yield value" if place.sign == "yield" else None
        return place.error(f"expected {'a statement' if at_start else 'an expression'}, found {found}", hint)
    if kinds.NAME in possible:
        return place.error(f"expected a name, found {found}")
    if SPELLED["def"] in possible:
        return place.error(
            f"expected 'def' or 'class' after the decorator, found {found}", "@backward(f) stands above a def"
        )
    spelled = {kind: f"'{sign}'" for sign, kind in SPELLED.items()}
    spelled[kinds.NEWLINE] = "the end of the line"
    if SPELLED["*"] in possible and place.before[0] in _ENDS_VALUE:
        wanted = ["an operator"]
        if place.bracket is not None:
            closer = {"(": ")", "[": "]", "{": "}"}[place.bracket[3]]
            wanted += [
                sign
                for sign in ("','", f"'{closer}'")
                if SPELLED.get(sign[1:-1], kinds.FIELD_END) in possible
            ]
        elif SPELLED["else"] in possible and kinds.NEWLINE not in possible and SPELLED[":"] not in possible:
            return place.error(
                f"expected 'else', found {found}", "a choice is written: a if condition else b"
            )
        elif kinds.NEWLINE in possible:
            wanted.append("the end of the line")
        elif SPELLED[":"] in possible:
            wanted.append("':'")
        return place.error(f"expected {_listed(wanted)}, found {found}")
    return place.error(
        f"expected {_listed(sorted(spelled[kind] for kind in possible if kind in spelled))}, found {found}"
    )


def _listed(words: Iterable[str]) -> str:
    """`a, b or c`."""
    *first, last = words or ["something else"]
    return f"{', '.join(first)} or {last}" if first else last
