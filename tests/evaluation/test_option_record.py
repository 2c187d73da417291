"""The options of an evaluation: written once, and the same wherever they are taken."""

from __future__ import annotations

import inspect
import pickle

import pytest

import gradcli
from gradcli.cli.commands import load
from gradcli.evaluation.api import evaluate
from gradcli.evaluation.options import OPTIONS, Options


def test_evaluate_takes_every_option_with_its_default_and_its_type() -> None:
    parameters = dict(inspect.signature(evaluate).parameters)
    del parameters["source"]
    assert {name: (each.default, each.annotation) for name, each in parameters.items()} == {
        name: (getattr(Options, name), Options.__annotations__[name]) for name in OPTIONS
    }
    assert all(each.kind is each.KEYWORD_ONLY for name, each in parameters.items() if name != "inputs")


def test_compile_takes_options_with_the_same_defaults() -> None:
    for taker in (gradcli.compile, gradcli.Program):
        parameters = dict(inspect.signature(taker).parameters)
        del parameters["source"]
        assert {name: each.default for name, each in parameters.items()} == {
            name: getattr(Options, name) for name in parameters
        }


def test_every_row_of_the_command_line_is_an_option() -> None:
    own = {"operands", "lines", "set", "format", "precision", "full", "quiet", "out", "jobs"}
    assert {row.name for row in load("eval").options} - own == set(OPTIONS) - {
        "inputs", "name", "write", "unused_inputs"
    }  # fmt: skip


def test_options_keep_what_was_given_and_are_not_written_to() -> None:
    options = Options(passes=3, inputs={"x": 1.0})
    other = pickle.loads(pickle.dumps(options.replaced(passes=2)))
    assert (other.passes, other.inputs, other.seed) == (2, {"x": 1.0}, 0)
    assert options.passes == 3
    with pytest.raises(AttributeError):
        options.passes = 4
    with pytest.raises(TypeError, match="no option pases"):
        Options(pases=2)
