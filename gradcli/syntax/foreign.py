"""What people write that the language doesn't have, and how it is written here.

The lexer and the syntax errors look words, signs and characters up in these tables.
"""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "async": ("async is not in the language", "write a plain def, for or with"),
    "await": ("await is not in the language", "call the function directly"),
    "yield": ("yield is not in the language", "return a list"),
}
"""Python's words that are not in the language: what is wrong, and what to write."""

SIGNS: dict[str, tuple[str, str]] = {
    ":=": ("':=' is not in the language", "assign on a line before"),
}
"""Likewise for signs."""

CHARACTERS: dict[str, str] = {
    "×": "multiply with *",
    "·": "multiply with *",
    "⋅": "multiply with *",
    "∗": "multiply with *",
    "÷": "divide with /",
    "∕": "divide with /",
    "⁄": "divide with /",
    "−": "subtract with -",
    "–": "subtract with -",
    "—": "subtract with -",
    "‐": "subtract with -",
    "“": 'quote with "',
    "”": 'quote with "',
    "„": 'quote with "',
    "«": 'quote with "',
    "»": 'quote with "',
    "‘": "quote with '",
    "’": "quote with '",
    "´": "quote with '",
    "`": "quote with '",
    "≤": "write <=",
    "≥": "write >=",
    "≠": "write !=",
    "√": "write sqrt(x)",
    "∞": "write inf",
    "¹": "write a power with **",
    "²": "write **2",
    "³": "write **3",
    "∂": "gradients are asked for with --wrt, or with autograd.grad",
    "∇": "gradients are asked for with --wrt, or with autograd.grad",
    "∑": "write sum(x)",
    "∏": "write prod(x)",
    "…": "write ...",
    "，": "write ,",
    "（": "write (",
    "）": "write )",
    "：": "write :",
    "；": "write ;",
    "＝": "write =",
    "\xa0": "write a plain blank",
    "\u3000": "write a plain blank",
    "\u200b": "there is an invisible character here: delete it",
    "\ufeff": "there is an invisible character here: delete it",
    "!": "write not x, or != to compare",
    "?": "a choice is written: a if condition else b",
    "$": "names have letters, digits and _",
}
"""Characters that no token begins with, and what to write in their place."""
