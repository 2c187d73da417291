"""The rooms of the house: no file imports in a circle, no room imports from one above it, and no two classes
have one name.

Imports are read from the source, those inside functions and for type checkers only too.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

REPOSITORY = Path(__file__).parent.parent

ROOMS = (
    "__main__",
    "cli",
    "gradcli",
    "checking",
    "tables",
    "explanation",
    "report",
    "graphs",
    "plotting",
    "formula",
    "evaluation",
    "interpreter",
    "library",
    "neural",
    "reference",
    "derivatives",
    "enclosure",
    "values",
    "autograd",
    "ops",
    "engine",
    "tape",
    "syntax",
    "text",
    "limits",
    "errors",
    "machine",
    "interrupts",
    "process",
    "record",
)
"""From the top: each may import from those below it. `gradcli` is the package's own `__init__`."""


@functools.cache
def _imports(repository: Path) -> tuple[tuple[str, str, str], ...]:
    """Each import: the file, what it imports, and the place where it says so (`gradcli/cli/app.py:17`)."""
    return tuple(_read(repository))


def _read(repository: Path) -> Iterator[tuple[str, str, str]]:
    files = {_module(path): path for path in _sources(repository)}
    for module, path in files.items():
        package = module if path.name == "__init__.py" else module.rpartition(".")[0]
        for node in _sources(repository)[path].imports:
            for name in _named(node, package):
                # `from gradcli.ops import registry` imports a file, `from gradcli.errors import Span` a name.
                found = name if name in files else name.rpartition(".")[0]
                if found in files and found != module:
                    yield module, found, f"{path}:{node.lineno}"


class Source(NamedTuple):
    """What a file imports, and its classes with their lines: whole trees would stay in memory."""

    imports: list[ast.stmt]
    classes: list[tuple[str, int]]


@functools.cache
def _sources(repository: Path) -> dict[Path, Source]:
    found = {}
    for path in repository.glob("gradcli/**/*.py"):
        statements = [*_statements(ast.parse(path.read_text("utf-8")))]
        found[path.relative_to(repository)] = Source(
            [each for each in statements if isinstance(each, (ast.Import, ast.ImportFrom))],
            [(each.name, each.lineno) for each in statements if isinstance(each, ast.ClassDef)],
        )
    return found


def _statements(tree: ast.Module) -> Iterator[ast.stmt]:
    """All statements, in blocks of any depth: an import is no expression."""
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.stmt):
            yield node
        for block in ("body", "orelse", "finalbody", "handlers", "cases"):
            pending.extend(getattr(node, block, ()))


def _module(path: Path) -> str:
    return ".".join(path.parent.parts if path.name == "__init__.py" else path.with_suffix("").parts)


def _named(node: ast.AST, package: str) -> list[str]:
    if isinstance(node, ast.Import):
        return [each.name for each in node.names]
    if isinstance(node, ast.ImportFrom):
        above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
        base = ".".join([*above, *([node.module] if node.module else [])])
        return [f"{base}.{each.name}" for each in node.names]
    return []


def _room(module: str) -> str:
    return module.split(".")[1] if "." in module else module


def _circle(imports: Mapping[str, Mapping[str, str]]) -> list[str]:
    """The files of one circle in order, the first again at the end; empty if there is none."""
    done: set[str] = set()
    for start in sorted(imports):
        way: list[str] = []
        rest = [iter([start])]
        while rest:
            module = next(rest[-1], None)
            if module is None:
                rest.pop()
                if way:
                    done.add(way.pop())
            elif module in way:
                return [*way[way.index(module) :], module]
            elif module not in done:
                way.append(module)
                rest.append(iter(imports.get(module, ())))
    return []


def _graph(repository: Path) -> dict[str, dict[str, str]]:
    graph: dict[str, dict[str, str]] = {}
    for importer, imported, place in _imports(repository):
        graph.setdefault(importer, {}).setdefault(imported, place)
    return graph


def circle(repository: Path) -> str:
    """A circle of imports, a line for each; empty if there is none."""
    graph = _graph(repository)
    way = _circle(graph)
    return "\n".join(f"{graph[one][other]}: {one} imports {other}" for one, other in pairwise(way))


def upward(repository: Path, rooms: tuple[str, ...]) -> list[str]:
    """Each import from a room above the importer's, in words."""
    found = []
    for importer, imported, place in _imports(repository):
        here, there = _room(importer), _room(imported)
        if rooms.index(here) > rooms.index(there):
            found.append(f"{place}: {here} is below {there}, and imports {imported}")
    return found


def test_no_file_imports_in_a_circle() -> None:
    assert circle(REPOSITORY) == ""


def test_no_room_imports_from_one_above_it() -> None:
    assert upward(REPOSITORY, ROOMS) == []


def test_every_room_has_its_place() -> None:
    package = REPOSITORY / "gradcli"
    folders = {path.parent.name for path in package.glob("*/__init__.py")}
    files = {path.stem for path in package.glob("*.py")} - {"__init__"}
    assert folders | files | {"gradcli"} == set(ROOMS)


def test_the_documents_name_every_room_in_this_order() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \|", (REPOSITORY / "docs/architecture.md").read_text("utf-8"), re.MULTILINE
    )
    assert [room for room in rows if room in ROOMS] == list(ROOMS)


def twice(repository: Path) -> dict[str, list[str]]:
    """The names that several classes have, private ones too, each with their places."""
    places: dict[str, list[str]] = {}
    for path, source in _sources(repository).items():
        for name, line in source.classes:
            places.setdefault(name, []).append(f"{path}:{line}")
    return {name: found for name, found in places.items() if len(found) > 1}


def test_a_word_has_one_meaning() -> None:
    assert twice(REPOSITORY) == {}


def test_two_classes_of_one_name_are_found(house: Path) -> None:
    low, high = house / "gradcli/lower/two.py", house / "gradcli/upper/one.py"
    for path in (low, high):
        path.write_text(path.read_text() + "\n\nclass Word: ...\n")
    assert list(twice(house)) == ["Word"]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A small house that is in order: two rooms, one file in each."""
    for path, text in {
        "__init__.py": "",
        "upper/__init__.py": "",
        "upper/one.py": "from gradcli.lower import two\n",
        "lower/__init__.py": "",
        "lower/two.py": "import gradcli.lower.three\n",
        "lower/three.py": "",
    }.items():
        file = tmp_path / "gradcli" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path


def test_a_house_in_order_is_let_pass(house: Path) -> None:
    assert (circle(house), upward(house, ("gradcli", "upper", "lower"))) == ("", [])


@pytest.mark.parametrize(
    "text",
    [
        "\nimport gradcli.lower.two",
        "\nfrom gradcli.lower import two",
        "\nfrom gradcli.lower.two import anything",
        "\nfrom . import two",
        "\nfrom .two import anything",
        "def later():\n    from gradcli.lower.two import anything",
        "if TYPE_CHECKING:\n    from gradcli.lower.two import Anything",
    ],
)
def test_a_circle_is_found_however_it_is_written(house: Path, text: str) -> None:
    (house / "gradcli/lower/three.py").write_text(text)
    assert circle(house) == (
        "gradcli/lower/three.py:2: gradcli.lower.three imports gradcli.lower.two\n"
        "gradcli/lower/two.py:1: gradcli.lower.two imports gradcli.lower.three"
    )


@pytest.mark.parametrize(
    "text",
    ["\nfrom ..upper.one import anything", "def later():\n    from gradcli.upper.one import anything"],
)
def test_an_arrow_upwards_is_found_however_it_is_written(house: Path, text: str) -> None:
    (house / "gradcli/lower/three.py").write_text(text)
    assert upward(house, ("gradcli", "upper", "lower")) == [
        "gradcli/lower/three.py:2: lower is below upper, and imports gradcli.upper.one"
    ]
