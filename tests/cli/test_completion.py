"""Completion in shells that somebody types into: the script is installed, a word begun, and Tab pressed."""

from __future__ import annotations

import os
import pty
import select
import shutil
import sys
import time
from pathlib import Path

import pytest

from commands import Shell

INTERACTIVE = {
    "bash": ["bash", "--norc", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--no-config", "-i"],
}
PREPARED = {
    "bash": "source <(gradcli --show-completion bash)",
    "zsh": "autoload -Uz compinit; compinit -u; source <(gradcli --show-completion zsh)",
    "fish": "gradcli --show-completion fish | source",
}


@pytest.mark.skipif(sys.platform == "win32", reason="terminals are Unix's")
@pytest.mark.parametrize("name", INTERACTIVE)
def test_tab_completes_a_function(tmp_path: Path, name: str) -> None:
    if shutil.which(name) is None:
        pytest.skip(f"there is no {name} here")
    shell = Shell(tmp_path)
    assert "logsumexp" in _typed(shell, name, [PREPARED[name], "gradcli functions logsumex\t"], "logsumexp")


def _typed(shell: Shell, name: str, lines: list[str], awaited: str) -> str:
    """What a terminal shows of a shell until the text that is awaited comes, half a minute at most."""
    child, terminal = pty.fork()
    if not child:
        os.chdir(shell.folder)
        environment = {**shell.environment, "TERM": "dumb", "HOME": str(shell.folder)}
        os.execvpe(INTERACTIVE[name][0], INTERACTIVE[name], environment)
    shown = ""
    try:
        for line in lines:
            os.write(terminal, line.encode() + (b"" if line.endswith("\t") else b"\n"))
        end = time.monotonic() + 30
        while awaited not in shown and time.monotonic() < end:
            if select.select([terminal], [], [], 0.2)[0]:
                shown += os.read(terminal, 4096).decode(errors="replace")
    except OSError:
        pass
    finally:
        os.kill(child, 9)
        os.waitpid(child, 0)
        os.close(terminal)
    return shown
