"""Large tables of quick rows as a few tests: pytest's own work for a test costs more than such a row does."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

Check = Callable[..., None]


def grouped(
    names: str, rows: Iterable[tuple[str, str, tuple[Any, ...]]], most: int = 60
) -> Callable[[Check], Check]:
    """Makes a test of one row a test of each group of rows, which fails with every row that is wrong.

    Args:
        names: the parameters of the test that a row fills; any others are fixtures.
        rows: the group that a row is in, what it is called, and its values.
        most: rows in a group; a larger one is cut.
    """
    filled = names.replace(",", " ").split()
    groups: dict[str, list[tuple[str, tuple[Any, ...]]]] = {}
    for group, name, values in rows:
        groups.setdefault(group, []).append((name, values))
    parts = dict(_parts(groups, most))

    def decorate(check: Check) -> Check:
        @functools.wraps(check)
        def test(group: str, **fixtures: Any) -> None:
            wrong: dict[str, Exception] = {}
            for name, values in parts[group]:
                try:
                    check(**dict(zip(filled, values, strict=True)), **fixtures)
                except Exception as error:
                    wrong[name] = error
            if wrong:
                told = [f"{name}: {type(error).__name__}: {error}" for name, error in wrong.items()]
                said = "\n".join([f"{len(wrong)} of {len(parts[group])} rows are wrong", *told])
                raise AssertionError(said) from next(iter(wrong.values()))

        signature = inspect.signature(check)
        others = [each for name, each in signature.parameters.items() if name not in filled]
        group = inspect.Parameter("group", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        test.__signature__ = signature.replace(parameters=[group, *others])  # type: ignore[attr-defined]
        return pytest.mark.parametrize("group", parts)(test)

    return decorate


def by_rows(names: str, table: Iterable[tuple[Any, ...]]) -> Callable[[Check], Check]:
    """`grouped` for a table whose rows are called what their first value is."""
    return grouped(names, [("rows", str(row[0]), row) for row in table])


def _parts(groups: dict[str, list[Any]], most: int) -> Iterator[tuple[str, list[Any]]]:
    for group, rows in groups.items():
        for begin in range(0, len(rows), most):
            yield (group if begin == 0 else f"{group} from {begin}"), rows[begin : begin + most]
