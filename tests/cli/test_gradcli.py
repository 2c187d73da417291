"""`gradcli` itself: version, help, completion, wrong usage, and how a run ends."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import gradcli as package
from commands import Gradcli, Shell
from gradcli.cli.commands import COMMANDS, load


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def test_version(gradcli: Gradcli) -> None:
    ran = gradcli("--version")
    assert (ran.status, ran.out, ran.err) == (0, f"gradcli {package.__version__}\n", "")


def test_python_m_is_the_same(shell: Shell) -> None:
    assert shell.run("python -m gradcli --version").stdout == shell.run("gradcli --version").stdout


@pytest.mark.parametrize(
    ("arguments", "err"),
    [
        (["evla", "x"], "gradcli: no such command: evla\ndid you mean eval?\n"),
        (["x**2"], "gradcli: no such command: x**2\nto evaluate a program: gradcli eval 'x**2'\n"),
        (["model"], "gradcli: no such command: model\n"),
        (["--versoin"], "gradcli: no such option: --versoin\ndid you mean --version?\n"),
    ],
)
def test_a_wrong_command_is_told_what_to_write(gradcli: Gradcli, arguments: list[str], err: str) -> None:
    ran = gradcli(*arguments)
    assert (ran.status, ran.out, ran.err) == (2, "", f"{err}Try 'gradcli --help' for help.\n")


def test_help_lists_the_commands_and_an_example(gradcli: Gradcli) -> None:
    ran = gradcli("--help")
    assert (ran.status, ran.err) == (0, "")
    assert "gradcli eval 'y=2*x; z=y**2' --set x=1" in ran.out
    assert re.search(r"^  eval +Values and gradients of a program\.$", ran.out, flags=re.M)


def test_without_arguments_it_explains_itself(gradcli: Gradcli) -> None:
    ran = gradcli()
    assert ran.status == 2
    assert "Usage: gradcli [OPTIONS] COMMAND [ARGS]..." in ran.out + ran.err


EXAMPLES = [(name, example) for name in COMMANDS for example in load(name).examples]


@pytest.mark.parametrize(("name", "example"), EXAMPLES, ids=[example for _, example in EXAMPLES])
def test_the_examples_of_the_help_run(gradcli: Gradcli, shell: Shell, name: str, example: str) -> None:
    assert f"    {example}\n" in gradcli(name, "--help").out
    needs_data = "w = param([1., 2.]); b = param(0.); mean((data @ w + b)**2)"
    model = "w = param([[1., 2., 3.]]); mean(w**2)" if name == "explain" else needs_data
    (shell.folder / "model.grad").write_text(model)
    (shell.folder / "data.csv").write_text("1,2\n3,4\n")
    status, shown = shell.shown(example)
    assert status == 0, shown
    written = example.partition(" -o ")[2]
    assert (shell.folder / written).stat().st_size if written else shown


@pytest.mark.parametrize(
    ("words", "completions"),
    [
        ("gradcli ev", ["eval"]),
        ("gradcli eval --fo", ["--format"]),
        ("gradcli eval --format j", ["json"]),
        ("gradcli eval x --mode ", ["auto", "forward", "reverse"]),
        ("gradcli functions logsumex", ["logsumexp"]),
        ("gradcli eval samples/cha", ["samples/chain.grad"]),
        ("gradcli eval x -s x=@samples/cha", ["x=@samples/chain.grad"]),
        ("gradcli eval sam", ["samples/"]),
        ("gradcli eval x --order nowhere/", []),
        ("gradcli eval x --mode=f", ["--mode=forward"]),
        ("gradcli --in", ["--install-completion"]),
        ("gradcli map x sam", ["samples/"]),
        ("gradcli nothing sam", []),
    ],
)
def test_shells_complete_commands_options_and_choices(
    shell: Shell, words: str, completions: list[str]
) -> None:
    last = "''" if words.endswith(" ") else ""
    ran = shell.run(f"_GRADCLI_COMPLETE=bash {words}{last}")
    assert ran.stdout.decode().split() == completions


def test_zsh_and_fish_get_a_word_on_each(shell: Shell) -> None:
    said = "Forward or reverse differentiation (auto: by shape)."
    assert shell.run("_GRADCLI_COMPLETE=fish gradcli eval --mod").stdout.decode() == f"--mode\t{said}\n"
    assert shell.run("_GRADCLI_COMPLETE=zsh gradcli eval --mod").stdout.decode() == f"--mode:{said}\n"


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_the_completion_script_of_a_shell_can_be_shown(gradcli: Gradcli, name: str) -> None:
    ran = gradcli("--show-completion", name)
    assert (ran.status, ran.err) == (0, "")
    assert f"_GRADCLI_COMPLETE={name} gradcli" in ran.out
    ran = gradcli("--show-completion", "csh")
    assert ran.status == 2
    assert ran.err.startswith("gradcli: there is no completion for csh (name one: bash, zsh, fish)\n")


def test_powershell_is_answered_by_typer(gradcli: Gradcli) -> None:
    ran = gradcli("--show-completion", "powershell")
    assert (ran.status, ran.err) == (0, "")
    assert "Register-ArgumentCompleter" in ran.out


@pytest.mark.parametrize(("name", "file"), [("bash", ".bashrc"), ("zsh", ".zshrc")])
def test_completion_is_installed_once(shell: Shell, name: str, file: str) -> None:
    settings = shell.folder / file
    settings.write_text("alias g=gradcli")
    for _ in range(2):
        ran = shell.run(f"unset ZDOTDIR XDG_CONFIG_HOME; HOME=$PWD gradcli --install-completion {name}")
        assert ran.stdout.decode().startswith(f"{name} completes gradcli from its next start on")
    script = shell.folder / ".config" / "gradcli" / f"completion.{name}"
    assert settings.read_text() == f'alias g=gradcli\nsource "{script}"  # gradcli completion\n'
    assert script.read_text() == shell.run(f"gradcli --show-completion {name}").stdout.decode()


def test_the_shell_in_use_is_found(shell: Shell) -> None:
    ran = shell.run("SHELL=/bin/fish bash -c 'gradcli --show-completion; true'")
    assert b"complete -F" in ran.stdout


def test_a_closed_pipe_ends_quietly(shell: Shell) -> None:
    ran = shell.run("yes 'x**2' | gradcli eval --lines -s x=1 --json | head -n 1; echo ${PIPESTATUS[1]}")
    first, status = ran.stdout.decode().splitlines()
    assert first.startswith('{"ok": true, "source": "<stdin>:1"')
    assert status == "0"


def test_a_closed_standard_output_is_no_traceback(shell: Shell) -> None:
    assert shell.run("gradcli eval 1+1 >&-").stdout == b""
    assert shell.run("gradcli --version | true").stdout == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full")
def test_a_full_disk_is_told_in_a_line(shell: Shell) -> None:
    for command in ("gradcli --version", "gradcli eval 1+1", "gradcli eval --help"):
        ran = shell.run(f"{command} > /dev/full; echo $?")
        assert ran.stdout.decode() == "gradcli: No space left on device\n3\n"


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_ends_with_130_and_nothing_else(shell: Shell, jobs: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "gradcli", "eval", "--lines", "-s", "x=1", "--json", "--jobs", jobs],
        cwd=shell.folder,
        env=shell.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        # A job in the background ignores Ctrl-C, and so would what it starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdin
    assert process.stdout
    process.stdin.write(b"x**2\n" * 200)
    process.stdin.flush()
    assert process.stdout.readline().startswith(b'{"ok": true')
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (130, b"")


def test_our_own_bugs_are_reported_in_a_line(gradcli: Gradcli, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str) -> object:
        raise ZeroDivisionError("oh no")

    monkeypatch.setattr("gradcli.cli.load", broken)
    monkeypatch.delenv("GRADCLI_TRACEBACK")
    ran = gradcli("eval", "x")
    assert (ran.status, ran.out) == (70, "")
    assert ran.err.startswith("gradcli: internal error: ZeroDivisionError: oh no\n")


def _on_a_terminal(shell: Shell, *arguments: str, **environment: str) -> str:
    """What a terminal of 60 columns shows."""
    parent, child = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "gradcli", *arguments],
        cwd=shell.folder,
        env={**shell.environment, "COLUMNS": "60", "TERM": "xterm", **environment},
        stdin=child,
        stdout=child,
        stderr=child,
    )
    os.close(child)
    shown = b""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            piece = os.read(parent, 4096)
        except OSError:  # Linux's way of saying that nobody holds the other end
            break
        if not piece:
            break
        shown += piece
    os.close(parent)
    process.wait(timeout=30)
    return shown.decode().replace("\r\n", "\n")


def test_a_terminal_gets_a_table_with_colours(shell: Shell) -> None:
    shown = _on_a_terminal(shell, "eval", "x**2", "-s", "x=3")
    assert "╭" in shown
    assert "\x1b[" in shown
    assert "dresult/dx" in shown


def test_no_color_means_no_escapes(shell: Shell) -> None:
    shown = _on_a_terminal(shell, "eval", "x**2", "-s", "x=3", NO_COLOR="1")
    assert "╭" in shown
    assert "\x1b" not in shown
    assert "\x1b" not in _on_a_terminal(shell, "eval", "x +", NO_COLOR="1")


def test_a_terminal_without_a_program_is_a_usage_error(shell: Shell) -> None:
    assert _on_a_terminal(shell, "eval").startswith(
        "gradcli eval: no program given: write it as an argument, name a file, or pipe it in\n"
    )


@pytest.mark.parametrize("option", ["--show-completion", "--install-completion"])
def test_completion_is_of_one_shell(gradcli: Gradcli, option: str) -> None:
    ran = gradcli(option, "bash", "zsh")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err == f"gradcli: option {option} takes one shell\nTry 'gradcli --help' for help.\n"
