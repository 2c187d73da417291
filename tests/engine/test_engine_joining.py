"""Units that are made one are one: nobody waits for what has been joined to it."""

from __future__ import annotations

from gradcli.engine.joining import Units


def test_a_unit_that_two_were_joined_to_is_not_in_its_own_way():
    units = Units({"b": "a", "c": "b", "d": "bc"})
    assert not units.joins("b", "d")  # which waits for c
    assert units.joins("a", "b")
    assert units.later == {"b": {"c", "d"}, "c": {"d"}}
    assert units.joins("b", "c")
    assert units.joins("c", "d")
