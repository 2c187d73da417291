"""Every wrong gradient of the catalogue is caught, no right one is accused, and the README says how many."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import gradcli
from checking import catalogue, right_gradients, wrong_gradients
from checking.wrong_gradients import Case
from commands import ROOT
from gradcli.checking.results import FAIL, Report

LINSPACE = np.linspace(-3.0, 3.0, 20_000)


def checked(case: Case) -> Report:
    inputs: dict[str, Any] = {
        name: LINSPACE if isinstance(value, str) else value for name, value in case.inputs.items()
    }
    return gradcli.check(case.source, inputs, claims=case.claims, **case.options)


@pytest.mark.parametrize("case", wrong_gradients.CASES, ids=str)
def test_a_wrong_gradient_is_caught(case: Case) -> None:
    report = checked(case)
    assert report.status == 1, report
    assert any(check.status == FAIL for check in report.checks), report


@pytest.mark.parametrize("case", right_gradients.CASES, ids=str)
def test_a_right_gradient_is_not_accused(case: Case) -> None:
    report = checked(case)
    assert report.ok, report


@pytest.mark.parametrize("case", catalogue.CASES[::9], ids=lambda case: case.name)
def test_a_few_of_the_second_catalogue(case: catalogue.Case) -> None:
    verdict, told = case.verdict(len(case.name) % 50)
    assert verdict in ((catalogue.RIGHT, catalogue.UNTOLD) if case.right else (catalogue.CAUGHT,)), told


def test_the_names_are_all_different() -> None:
    names = [case.name for case in (*wrong_gradients.CASES, *right_gradients.CASES)]
    assert len(set(names)) == len(names)


def test_the_readme_tells_both_figures() -> None:
    wrong, right = len(wrong_gradients.CASES), len(right_gradients.CASES)
    assert wrong >= 60
    assert right >= 60
    text = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    assert re.search(rf"all {wrong} wrong gradients .* none of the {right} right ones", text)


def test_the_second_catalogue_is_as_large_as_the_document_says() -> None:
    right = [case for case in catalogue.CASES if case.right]
    saturated, wrong = sum(case.saturated for case in right), len(catalogue.CASES) - len(right)
    assert len({case.name for case in catalogue.CASES}) == len(catalogue.CASES)
    assert min(len(right), wrong) >= 150
    assert saturated >= 60
    text = " ".join((ROOT / "docs" / "ci.md").read_text(encoding="utf-8").split())
    assert (
        f"{len(right)} right gradients ({saturated} of functions that cancel or saturate) and {wrong} wrong"
        in text
    )
