"""Comma-separated values, to the letter."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradcli.report.csv_text import csv_pieces


def test_a_chain(evaluation: Any) -> None:
    assert "".join(csv_pieces(evaluation())) == (
        "kind,name,index,value\nvalue,x,,1.0\nvalue,y,,2.0\nvalue,z,,4.0\ngrad,x,,8.0\n"
    )


def test_everything(everything: Any) -> None:
    assert "".join(csv_pieces(everything)).splitlines() == [
        "kind,name,index,value",
        'printed,,0,"hello, world"',
        'printed,,1,"a ""quote"""',
        "value,x,0,0.5",
        "value,x,1,2.0",
        "value,n,,3",
        "value,z,,4.0",
        "grad,x,0,1.0",
        "grad,x,1,4.0",
        "order1,x,0,1.0",
        "order1,x,1,4.0",
        "order2,x,0,2.0",
        "order2,x,1,2.0",
        "order3,x,0,0.0",
        "order3,x,1,0.0",
        'partial,"x,w",,1.5',
        'hessian,"x,x",0;0,1.0',
        'hessian,"x,x",0;1,0.0',
        'hessian,"x,x",1;0,0.0',
        'hessian,"x,x",1;1,1.0',
        'jacobian,"z,x",0,0.5',
        'jacobian,"z,x",1,2.0',
        "hvp,x,0,0.5",
        "hvp,x,1,2.0",
        "jvp,z,,1.0",
    ]


def test_long_arrays_are_written_in_full_and_empty_ones_have_no_rows(evaluation: Any) -> None:
    values = {"a": np.zeros((40, 50), dtype=np.int64), "b": np.zeros((0, 3)), "c": np.array(np.nan)}
    lines = "".join(csv_pieces(evaluation(values=values, grads={}), header=False)).splitlines()
    assert len(lines) == 2001
    assert lines[-3:] == ["value,a,39;48,0", "value,a,39;49,0", "value,c,,nan"]


def test_precision(evaluation: Any) -> None:
    result = evaluation(values={"a": np.array([1 / 3]), "b": True}, grads={})
    assert "".join(csv_pieces(result, precision=2, header=False)) == "value,a,0,0.33\nvalue,b,,True\n"


def test_large_arrays_are_written_in_pieces(evaluation: Any) -> None:
    array = np.arange(210_000.0).reshape(3, 70_000)
    pieces = list(csv_pieces(evaluation(values={"a": array}, grads={}), header=False))
    places = [f"{row};{column}" for row in range(3) for column in range(70_000)]
    expected = [f"value,a,{place},{float(number)}" for number, place in enumerate(places)]
    assert "".join(pieces).splitlines() == expected
    assert max(map(len, pieces)) < 3_000_000
