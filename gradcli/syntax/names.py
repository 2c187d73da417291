"""Names as Python takes them: letters that only look different are the same letter.

The lexer reads names of programs so, the command line and `evaluate` those that come from outside.
"""

from __future__ import annotations


def normal_name(name: str) -> str:
    """The name that Python would see (NFKC): `ﬁ` is `fi`, and an accent may be a character of its own."""
    if not isinstance(name, str) or name.isascii():
        return name  # what is no name at all is refused where it is looked up
    import unicodedata

    return unicodedata.normalize("NFKC", name)
