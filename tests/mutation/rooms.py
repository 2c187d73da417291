"""What is mutated together, and which tests should notice: the table that `tests.mutation` goes through.

What is left out measures time or sends signals: it would fail on a busy machine without any mutant.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

Tests = tuple[str, ...]


@dataclass(frozen=True)
class Room:
    """Files whose rules are mutated together, and the tests that should notice, those of the room first."""

    name: str
    files: tuple[str, ...]
    tests: Tests

    def tests_for(self, file: str) -> Tests:
        """The tests, those of the same name as the file first."""
        return tuple(sorted(self.tests, key=lambda test: Path(test).stem != f"test_{Path(file).stem}"))


def _in(folder: str, names: str) -> tuple[str, ...]:
    return tuple(f"{folder}/{name}.py" for name in names.split())


ROOMS = (
    Room(
        "freeing and in-place rules",
        _in("gradcli/autograd", "leaves own_rules recorded_gradients recorder saved_values session tensor"),
        (
            "tests/autograd",
            *_in("tests/golden", "test_snippets test_saved test_higher test_dtypes"),
            "tests/interpreter",
            "tests/library",
            *_in("tests/evaluation", "test_api test_compiled"),
        ),
    ),
    Room(
        "core rules",
        _in("gradcli/tape", "primitives untaken reverse forward"),
        (
            "tests/autograd",
            "tests/tape",
            *_in("tests/derivatives", "test_branches test_sparsity test_taylor"),
            *_in("tests/ops", "test_binary test_shapes test_indexing"),
            *_in("tests/engine", "test_trace test_primitives test_plan test_factors"),
            *_in("tests/golden", "test_higher test_dtypes test_operations test_modes"),
        ),
    ),
    Room(
        "rule tables",
        _in(
            "gradcli/ops",
            "binary elementwise gathering matrix_functions products reductions scans shapes softmax special",
        ),
        (
            "tests/ops",
            *_in("tests/golden", "test_operations test_higher test_dtypes test_modes"),
            *_in("tests/derivatives", "test_branches test_taylor"),
            *_in("tests/engine", "test_primitives test_plan test_factors test_scanning"),
        ),
    ),
    Room(
        "verdicts of check",
        _in("gradcli/checking", "claims comparing gradients ladder numerical runner second_order"),
        _in(
            "tests/checking",
            "test_thresholds test_comparing test_ladder test_numerical test_forward_against_reverse"
            " test_claims test_lines test_check_command test_in_ci test_replayed test_python_functions"
            " test_catalogue",
        ),
    ),
    Room(
        "exit statuses",
        ("gradcli/errors.py", *_in("gradcli/cli", "__init__ eval programs output")),
        (
            *_in(
                "tests/cli",
                "test_exit_status test_output test_eval test_options test_higher test_sources test_programs",
            ),
            "tests/report",
            "tests/syntax/test_names.py",
            "tests/cli/test_progress.py::test_programs_are_counted_on_a_terminal",
            *_in("tests/cli", "test_notation test_pasting test_gradcli test_eval_roots"),
            "tests/checking/test_check_command.py",
        ),
    ),
)
