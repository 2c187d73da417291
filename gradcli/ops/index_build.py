"""Writes `index.py`, what file of this room has which rows: `python -m gradcli.ops.index_build`."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from textwrap import fill
from typing import Any

from gradcli.ops import registry

PACKAGE = Path(__file__).parent
INDEX = PACKAGE / "index.py"
HEAD = '''"""Which file of this room has which rows. Generated: do not edit.

`python -m gradcli.ops.index_build` writes this file; `registry` reads it.
"""

NAMES = {
'''
TAIL = '''}


def listed() -> list[str]:
    """The names of all rows."""
    return " ".join(NAMES.values()).split()
'''


def build() -> str:
    """The text of `index.py` for the files as they are; no other may have been loaded before."""
    homes: dict[str, dict[str, None]] = {}
    add_rows = registry._add_rows

    def noted(names: tuple[str, ...], *rest: Any, **options: Any) -> None:
        home = sys._getframe(1)
        while home.f_globals["__name__"] == registry.__name__:
            assert home.f_back is not None
            home = home.f_back
        homes.setdefault(home.f_globals["__name__"].rpartition(".")[2], {}).update(dict.fromkeys(names))
        add_rows(names, *rest, **options)

    registry._add_rows = noted
    for module in iter_modules([str(PACKAGE)]):
        if module.name != Path(__file__).stem:
            import_module(f"gradcli.ops.{module.name}")
    rows = ""
    for module_name, names in sorted(homes.items()):
        text = fill(" ".join(names), 100, break_on_hyphens=False)
        rows += f'    "{module_name}": """\n{text}\n""",\n'
    return HEAD + rows + TAIL


if __name__ == "__main__":
    INDEX.write_text(build())
