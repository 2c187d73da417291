"""Work in several processes: order, failures that cost one item, processes that end with their parent."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from commands import Gradcli, Shell
from gradcli.cli.parallel import ordered_map
from gradcli.cli.sources import File, Source, Sources
from gradcli.errors import GradcliError

LINUX = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="it looks into /proc")


def _work(item: object) -> object:
    """Squares numbers; words are things that happen to processes."""
    match item:
        case "raise":
            raise ZeroDivisionError("oh no")
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "exit":
            os._exit(3)
        case "who":
            time.sleep(0.05)
            return os.getpid()
        case "sleep":
            time.sleep(0.05)
            return "slept"
        case "stay":
            time.sleep(600)
    assert isinstance(item, int)
    return item * item


def _failed(item: object, error: GradcliError) -> object:
    return f"{item}: {error.message}"


def _children() -> list[int]:
    """The processes whose parent this one is."""
    found = []
    for each in Path("/proc").glob("[0-9]*/stat"):
        try:
            state = each.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(state[1]) == os.getpid() and state[0] != "Z":
            found.append(int(each.parent.name))
    return found


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_answers_come_in_the_order_of_the_items(jobs: int) -> None:
    items = [number if number % 50 else "sleep" for number in range(1, 200)]
    found = list(ordered_map(_work, items, jobs, _failed))
    assert found == [each * each if isinstance(each, int) else "slept" for each in items]


def test_no_items_are_no_processes_and_no_answers() -> None:
    assert list(ordered_map(_work, [], 4, _failed)) == []


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("raise", "raise: ZeroDivisionError: oh no"),
        ("die", "die: the process that ran this program was killed (SIGKILL)"),
        ("exit", "exit: the process that ran this program ended with status 3"),
    ],
)
@pytest.mark.parametrize("at", [0, 1, 57, 99])
def test_what_happens_to_one_item_happens_to_no_other(what: str, message: str, at: int) -> None:
    items: list[object] = list(range(100))
    items[at] = what
    expected: list[object] = [number * number for number in range(100)]
    expected[at] = message
    assert list(ordered_map(_work, items, 2, _failed)) == expected


def test_every_process_may_die() -> None:
    assert (
        list(ordered_map(_work, ["die"] * 5, 2, _failed))
        == ["die: the process that ran this program was killed (SIGKILL)"] * 5
    )


@pytest.mark.parametrize(("items", "jobs", "most"), [(1, 8, 1), (3, 8, 3), (6, 2, 2)])
def test_no_more_processes_than_there_is_work(items: int, jobs: int, most: int) -> None:
    assert len(set(ordered_map(_work, ["who"] * items, jobs, _failed))) == most


def test_only_a_window_is_read_ahead() -> None:
    items = iter(range(100_000))
    answers = ordered_map(_work, items, 2, _failed)
    next(answers)
    assert next(items) < 1_000
    answers.close()  # type: ignore[attr-defined]


def test_large_items_and_answers_do_not_wait_for_each_other() -> None:
    items = ["x" * 1_000_000] * 60
    assert [len(each) for each in ordered_map(str.upper, items, 2, str)] == [1_000_000] * 60  # type: ignore[arg-type]


@LINUX
def test_no_process_is_left_when_the_work_is_done_or_given_up() -> None:
    before = set(_children())
    list(ordered_map(_work, range(40), 3, _failed))
    assert set(_children()) == before
    answers = ordered_map(_work, ["who"] * 40, 3, _failed)
    next(answers)
    answers.close()  # type: ignore[attr-defined]
    assert set(_children()) == before


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_takes_too_long_is_left_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch, jobs: int) -> None:
    monkeypatch.setattr("gradcli.cli.parallel.GRACE", 0.2)
    monkeypatch.setattr("gradcli.cli.parallel.STARTING", 0.3)
    items: list[object] = [*range(20), "stay", *range(20), "stay"]
    late = "stay: the program took longer than 0.3 seconds"
    squares: list[object] = [number * number for number in range(20)]
    before = time.monotonic()
    assert list(ordered_map(_work, items, jobs, _failed, seconds=0.3)) == [*squares, late, *squares, late]
    assert time.monotonic() - before < 60


def test_an_answer_does_not_wait_for_the_next_item() -> None:
    """The items come through a pipe that stays open: each is written when the answer to the last was read."""
    reading, writing = os.pipe()
    with open(reading, "rb") as file, open(writing, "wb", buffering=0) as pipe:
        lines = Sources([File(f"/dev/fd/{file.fileno()}")], lines=True)
        answers = ordered_map(_length, lines, 2, _failed, awaited=lines.awaited)
        for number in range(5):
            pipe.write(b"x" * (number + 1) + b"\n")
            assert next(answers) == number + 1
        answers.close()  # type: ignore[attr-defined]


def _length(source: Source) -> int:
    assert isinstance(source.text, str)
    return len(source.text)


# ---- the commands --------------------------------------------------------------------------------


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_bug_costs_the_program_that_meets_it(
    gradcli: Gradcli, monkeypatch: pytest.MonkeyPatch, jobs: str
) -> None:
    from gradcli.interpreter import interpreter

    run = interpreter.run

    def broken(module: object, runtime: object, *rest: object) -> object:
        if "unlucky" in runtime.text:  # type: ignore[attr-defined]
            raise ValueError("low > high")
        return run(module, runtime, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(interpreter, "run", broken)
    monkeypatch.delenv("GRADCLI_TRACEBACK")
    lines = "x = param(1.0); y = x + 1\nunlucky = 2; z = unlucky\nx = param(2.0); y = x + 2\n"
    ran = gradcli("eval", "--lines", "--json", "--jobs", jobs, stdin=lines)
    assert (ran.status, ran.err) == (70, "")
    assert [each["ok"] for each in ran.objects] == [True, False, True]
    assert ran.objects[1]["error"] == {
        "code": "internal",
        "message": "ValueError: low > high",
        "line": None,
        "column": None,
        "end_column": None,
        "hint": "this is a bug in gradcli: please report the program, and what GRADCLI_TRACEBACK=1 prints",
    }
    plain = gradcli("eval", "--lines", "--jobs", jobs, stdin=lines)
    assert plain.status == 70
    assert plain.out == (
        "# <stdin>:1\nx = 1.0\ny = 2.0\ndy/dx = 1.0\n# <stdin>:3\nx = 2.0\ny = 4.0\ndy/dx = 1.0\n"
    )
    assert plain.err.startswith("error[internal]: ValueError: low > high\n")

    for number, line in enumerate(lines.splitlines()):
        Path(f"{number}.grad").write_text(line)
    ran = gradcli("check", ".", "--jobs", jobs, "--json-out", "r.json", "--junit", "r.xml")
    assert ran.status == 70
    report = json.loads(Path("r.json").read_text())
    assert [program["ok"] for program in report["programs"]] == [True, False, True]
    assert "internal: ValueError: low &gt; high" in Path("r.xml").read_text()


def test_a_bug_shows_its_traceback_to_whoever_asks(gradcli: Gradcli, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> object:
        raise ValueError("low > high")

    monkeypatch.setattr("gradcli.interpreter.interpreter.run", broken)
    ran = gradcli("eval", "x = 1.0")
    assert ran.status == 70
    assert ran.err.startswith("Traceback (most recent call last):\n")
    assert "\nerror[internal]: ValueError: low > high\n" in ran.err


def _started(shell: Shell, tmp_path: Path, *arguments: str) -> tuple[subprocess.Popen[bytes], list[int]]:
    """A run with two programs that never end, and its two processes."""
    for name in ("a", "b"):
        (tmp_path / f"{name}.grad").write_text("i = 0\nwhile i < 10**12:\n    i += 1\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "gradcli", *arguments, "a.grad", "b.grad", "--jobs", "2", "--max-steps", "0"],
        cwd=tmp_path,
        env=shell.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    deadline = time.monotonic() + 60
    while len(workers := _children_of(process.pid)) < 2 or min(map(_ticks, workers)) < 4:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return process, workers


def _children_of(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(each) for each in path.read_text().split()]


def _ticks(pid: int) -> int:
    """The hundredths of a second that a process has worked."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) * 100 // os.sysconf("SC_CLK_TCK")


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@LINUX
@pytest.mark.parametrize("command", ["eval", "check"])
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGKILL", "SIGINT"])
def test_processes_end_with_their_parent_and_hold_nothing_open(
    shell: Shell, tmp_path: Path, command: str, name: str
) -> None:
    process, workers = _started(shell, tmp_path, command)
    process.send_signal(getattr(signal, name))
    # Both pipes are at their end only when every process that could write there is gone.
    process.communicate(timeout=10)
    assert process.returncode in (-getattr(signal, name), 130)
    deadline = time.monotonic() + 5
    while any(map(_alive, workers)):
        assert time.monotonic() < deadline
        time.sleep(0.02)


@LINUX
def test_processes_that_the_system_does_not_end_find_out_by_themselves(shell: Shell, tmp_path: Path) -> None:
    """As where there is no death signal: the pipe that closes is enough."""
    shell.environment["PYTHONPATH"] = f"{tmp_path}{os.pathsep}{shell.environment['PYTHONPATH']}"
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\nimport gradcli.machine\ngradcli.machine.end_with_parent = lambda: None\n"
    )
    process, workers = _started(shell, tmp_path, "eval")
    process.kill()
    process.communicate(timeout=10)
    deadline = time.monotonic() + 5
    while any(map(_alive, workers)):
        assert time.monotonic() < deadline
        time.sleep(0.02)


@LINUX
@pytest.mark.parametrize("command", ["eval", "check"])
def test_a_process_that_is_killed_from_outside_costs_the_program_that_it_held(
    shell: Shell, tmp_path: Path, command: str
) -> None:
    process, workers = _started(shell, tmp_path, command, "--json")
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (70, b"")
    message = "the process that ran this program was killed (SIGKILL)"
    if command == "eval":
        errors = {each["source"]: each["error"] for each in map(json.loads, out.splitlines())}
        assert {name: (error["code"], error["message"]) for name, error in errors.items()} == {
            "a.grad": ("internal", message),
            "b.grad": ("internal", message),
        }
    else:
        programs = json.loads(out)["programs"]
        assert [program["checks"][0]["message"] for program in programs] == [f"internal: {message}"] * 2
