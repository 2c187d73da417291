"""Folders in and out: which files are parts, what their folders name, what is there already."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from commands import Gradcli


def files(folder: Path) -> dict[str, str]:
    """All files but the manifest, with what is in them."""
    found = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "_gradcli.json"]
    return {str(path.relative_to(folder)): path.read_text() for path in found}


def rows(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def make(folder: Path, **texts: str) -> None:
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


HIVE = {"day=1/a.csv": "x\n1\n2\n", "day=2/h=x y/b c.csv": "x\n3\n"}


@pytest.mark.parametrize(
    ("given", "days"),
    [
        (["in"], [1, 1, 2]),
        (["in/*/*.csv", "in/*/*/*.csv"], [1, 1, 2]),
        (["in/day=1"], [1, 1]),
        (["in/day=1/"], [1, 1]),
        (["in/day=2/*/b c.csv"], [2]),
        # as a shell gives them that takes the pattern apart
        (["in/day=1/a.csv", "in/day=2/h=x y/b c.csv"], [1, 1, 2]),
    ],
)
def test_folders_name_columns_however_their_files_are_given(
    gradcli: Gradcli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: list[str], days: list[int]
) -> None:
    make(tmp_path / "in", **HIVE)
    monkeypatch.chdir(tmp_path)
    ran = gradcli("map", "z = x*day", *given, "--to", "ndjson", "--columns", "x", "--wrt", "x")
    assert ran.status == 0, ran.err
    assert [row["dz/dx"] for row in rows(ran.out)] == days
    assert gradcli("map", "z = x*day", *given, "--wrt", "x", "-o", "out/").status == 0
    assert set(files(tmp_path / "out")) <= {"day=1/a.csv", "day=2/h=x y/b c.csv"}


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["1", "2"], [1, 2]),
        (["1", "1.5"], [1.0, 1.5]),
        (["1", "a%2Fb"], ["1", "a/b"]),
        (["01", "4000000000"], [1, 4000000000]),
        (["__HIVE_DEFAULT_PARTITION__", "7"], [7, None]),
    ],
)
def test_what_folders_name_has_one_type(
    gradcli: Gradcli, tmp_path: Path, texts: list[str], values: list[object]
) -> None:
    make(tmp_path / "in", **{f"k={text}/a.csv": "x\n1\n" for text in texts})
    ran = gradcli("map", "z = x", str(tmp_path / "in"), "--columns", "k", "--to", "ndjson")
    assert (ran.status, ran.err) == (0, "")
    assert [row["k"] for row in rows(ran.out)] == values


def test_no_part_takes_the_name_of_another(gradcli: Gradcli, tmp_path: Path) -> None:
    texts = {"a.csv": "x\n1\n", "a-2.csv": "x\n2\n", "a.ndjson": '{"x": 3}\n', "b/a.csv": "x\n4\n"}
    make(tmp_path / "in", **texts)
    sources = [f"{tmp_path}/in/*.*", f"{tmp_path}/in/b/a.csv"]
    assert gradcli("map", "z = x", *sources, "--only", "-o", f"{tmp_path}/out/", "--to", "csv").status == 0
    found = files(tmp_path / "out")
    assert sorted(found) == ["a-2.csv", "a-3.csv", "a-4.csv", "a.csv"]
    assert {text.split("\n")[1].split(",")[0] for text in found.values()} == {"1.0", "2.0", "3.0", "4.0"}


def test_a_file_that_several_patterns_fit_is_read_once(gradcli: Gradcli, tmp_path: Path) -> None:
    make(tmp_path, **{"a.csv": "x\n1\n", "b.csv": "x\n2\n"})
    ran = gradcli("map", "z = x", f"{tmp_path}/*.csv", f"{tmp_path}/./b.csv", f"{tmp_path}/b*", "--only")
    assert ran.out == "z,dz/dx\n1.0,1.0\n2.0,1.0\n"


def test_what_is_there_is_not_written_over(gradcli: Gradcli, tmp_path: Path) -> None:
    make(tmp_path, **{"in/a.csv": "x\n1\n", "in/b.csv": "x\n2\n", "out/a.csv": "mine"})
    arguments = ("map", "z = x", f"{tmp_path}/in", "--only", "-o", f"{tmp_path}/out/")
    ran = gradcli(*arguments)
    assert ran.status == 3
    assert f"{tmp_path}/out/a.csv is there already" in ran.err
    assert files(tmp_path / "out") == {"a.csv": "mine"}
    assert gradcli(*arguments, "--force").status == 0
    assert files(tmp_path / "out") == {"a.csv": "z,dz/dx\n1.0,1.0\n", "b.csv": "z,dz/dx\n2.0,1.0\n"}
    ran = gradcli(*arguments)
    assert ran.status == 3
    assert "out/ is there already" in ran.err


def test_beginning_anew_leaves_nothing_of_the_other_run(gradcli: Gradcli, tmp_path: Path) -> None:
    make(tmp_path, **{"in/k=1/a.csv": "x\n1\noops\n", "in/b.csv": "x\n2\n", "out/mine.csv": "mine"})
    out, bad = f"{tmp_path}/out/", f"{tmp_path}/bad/"
    ran = gradcli("map", "z = x", f"{tmp_path}/in", "--only", "-o", out, "--to", "ndjson", "--bad", bad)
    assert ran.status == 0
    assert set(files(tmp_path / "out")) == {"k=1/a.ndjson", "b.ndjson", "mine.csv"}
    assert set(files(tmp_path / "bad")) == {"k=1/a.csv"}
    (tmp_path / "in/k=1/a.csv").write_text("x\n1\n")
    ran = gradcli("map", "z = x", f"{tmp_path}/in", "--only", "-o", out, "--force", "--bad", bad)
    assert ran.status == 0
    assert set(files(tmp_path / "out")) == {"k=1/a.csv", "b.csv", "mine.csv"}
    assert files(tmp_path / "bad") == {}
    assert gradcli("map", "z = x", f"{tmp_path}/in", "-o", out, "--force", "--resume").status == 2


def test_beginning_anew_removes_nothing_elsewhere(gradcli: Gradcli, tmp_path: Path) -> None:
    make(tmp_path, **{"in/a.csv": "x\n1\n", "mine.csv": "mine"})
    parts = {"../mine": {"file": "mine.csv"}, str(tmp_path / "mine"): {"file": "mine.csv"}}
    make(tmp_path, **{"out/_gradcli.json": json.dumps({"parts": parts})})
    assert gradcli("map", "z = x", f"{tmp_path}/in", "-o", f"{tmp_path}/out/", "--force").status == 0
    assert (tmp_path / "mine.csv").read_text() == "mine"


def test_a_reason_that_many_parts_share_is_told_once(gradcli: Gradcli, tmp_path: Path) -> None:
    make(tmp_path / "in", **{f"{name}.csv": "x\n1\n" for name in "abcdefgh"})
    ran = gradcli("map", "z = x*q", f"{tmp_path}/in", "-o", f"{tmp_path}/out/")
    assert ran.status == 3
    assert ran.err.count("q has no value") == 1
    assert f"{tmp_path}/in/a.csv: q has no value" in ran.err
    assert ran.err.splitlines()[-2].endswith("f.csv and 2 more")
    assert ran.err.splitlines()[-1].endswith("8 of 8 parts failed; --resume tries them again")


def test_a_part_that_cannot_be_read_costs_no_other(gradcli: Gradcli, tmp_path: Path) -> None:
    make(tmp_path / "in", **{"a.parquet": "PAR1 and no more", "b.csv": "x\n1\n", "c.csv": ""})
    ran = gradcli("map", "z = x", f"{tmp_path}/in", "-o", f"{tmp_path}/out/", "--to", "csv")
    assert ran.status == 3
    assert f"cannot read {tmp_path}/in/c.csv: it is empty" in ran.err
    assert ran.err.count("a.parquet") == 1
    assert list(files(tmp_path / "out")) == ["b.csv"]


@pytest.mark.parametrize("text", ["[]", '{"parts": [1]}', '{"parts": {"a.csv": 3}}', "{"])
def test_a_manifest_that_is_none_is_told(gradcli: Gradcli, tmp_path: Path, text: str) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    out.mkdir()
    (folder / "a.csv").write_text("x\n1\n")
    (out / "_gradcli.json").write_text(text)
    ran = gradcli("map", "z = x", str(folder), "-o", str(out), "--resume")
    assert ran.status == 3
    assert ran.err.startswith(f"error[io]: cannot read {out}/_gradcli.json: ")
    assert gradcli("map", "z = x", str(folder), "-o", str(out), "--force").status == 0
