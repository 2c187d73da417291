"""Completion in bash, zsh and fish, from the commands' rows: what Tab gives, and what a shell needs for it.

A script of a few lines tells the shell to run `gradcli` with `_GRADCLI_COMPLETE` set and the words so far
as its arguments; `answer` writes a line for each word that the last of them may become. `gradcli.cli` calls
this.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence

from gradcli.cli.commands import COMMANDS, load
from gradcli.cli.help import HELP, ROOT_OPTIONS
from gradcli.cli.options import Command, Option, UsageError

# What bash calls a word ends at = : and @ too, and only what stands behind is replaced.
_BASH = """\
_gradcli_completion() {
    local line="${COMP_LINE:0:COMP_POINT}" words last word
    read -r -a words <<< "$line"
    [[ $line == *[[:space:]] ]] && words+=("")
    last="${words[${#words[@]}-1]}"
    last="${last%"${last##*[=:@]}"}"
    COMPREPLY=()
    while IFS= read -r word; do
        COMPREPLY+=("${word#"$last"}")
        [[ $word == */ ]] && compopt -o nospace 2>/dev/null
    done < <(_GRADCLI_COMPLETE=bash gradcli "${words[@]:1}" 2>/dev/null)
}
complete -F _gradcli_completion gradcli
"""
_ZSH = """\
#compdef gradcli
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
_gradcli_completion() {
    local -a found folders
    local failed=1
    found=("${(@f)$(_GRADCLI_COMPLETE=zsh gradcli "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    folders=("${(@M)found:#*/}")
    found=("${(@)found:#*/}")
    [[ -n $found[1] ]] && _describe -V gradcli found && failed=0
    (( $#folders )) && compadd -S '' -- "${folders[@]}" && failed=0
    return $failed
}
compdef _gradcli_completion gradcli
"""
_FISH = """\
complete --command gradcli --no-files --keep-order --arguments \\
    '(env _GRADCLI_COMPLETE=fish gradcli (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'
"""
SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}


def answer(shell: str, words: Sequence[str]) -> int:
    """Writes what the last word may become, in the way of a shell; the exit status."""
    for word, meaning in _completions(list(words) or [""]):
        if shell == "fish" and meaning:
            word = f"{word}\t{meaning}"
        elif shell == "zsh" and not word.endswith("/"):
            word = word.replace(":", "\\:") + (f":{meaning}" if meaning else "")
        sys.stdout.write(f"{word}\n")
    return 0


def _completions(words: list[str]) -> Iterator[tuple[str, str]]:
    """Each word that the last one may become, with a few words on it where there are some."""
    *before, last = words
    if not before:
        yield from _beginning(last, COMMANDS.items())
        if last.startswith("-"):
            yield from _flags(last, (*ROOT_OPTIONS, HELP))
        return
    if before[0] not in COMMANDS:
        return
    command = load(before[0])
    rows = {flag: option for option in command.options for flag in option.flags}
    flag, equals, value = last.partition("=")
    if equals and flag in rows:
        yield from ((f"{flag}={word}", "") for word in values(rows[flag], value))
    elif len(before) > 1 and before[-1] in rows and rows[before[-1]].metavar:
        yield from ((word, "") for word in values(rows[before[-1]], last))
    elif last.startswith("--") or last == "-":
        yield from _flags(last, (*command.options, HELP))
    else:
        yield from ((word, "") for word in operands(command, last))


def _flags(start: str, options: Iterable[Option]) -> Iterator[tuple[str, str]]:
    yield from _beginning(start, [(option.flags[-1], option.help) for option in options])


def operands(command: Command, start: str) -> list[str]:
    """What stands between the options, from its beginning."""
    return _words(start, command.words(), files=True)


def values(option: Option, start: str) -> list[str]:
    """The value of an option, from its beginning."""
    files = any(word in option.metavar for word in ("FILE", "PATH", "DIR"))
    return _words(start, option.choices, files)


def _words(start: str, words: Iterable[str], files: bool) -> list[str]:
    """One of some words, else a file where one may stand, and a file behind an `@` anywhere."""
    found = [word for word in words if word.startswith(start)]
    before, at, path = start.rpartition("@")
    if found or not (files or at):
        return found
    return [f"{before}{at}{each}" for each in _files(path)]


def _beginning(start: str, words: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    return ((word, meaning) for word, meaning in words if word.startswith(start))


def _files(start: str) -> list[str]:
    folder, name = os.path.split(start)
    try:
        with os.scandir(folder or ".") as entries:
            return sorted(
                os.path.join(folder, entry.name) + ("/" if entry.is_dir() else "")
                for entry in entries
                if entry.name.startswith(name) and not (entry.name.startswith(".") and not name)
            )
    except OSError:
        return []


# ---- the scripts ---------------------------------------------------------------------------------


def show(shell: str | None) -> int:
    """Prints the script for a shell, or for the one in use; the exit status.

    Raises:
        UsageError: there is none for it.
    """
    sys.stdout.write(SCRIPTS[_shell(shell)])
    return 0


def install(shell: str | None) -> int:
    """Has a shell, or the one in use, read its script from now on; the exit status.

    Raises:
        UsageError: there is no script for it.
    """
    shell = _shell(shell)
    home = os.path.expanduser("~")
    settings = os.environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
    if shell == "fish":
        path = os.path.join(settings, "fish", "completions", "gradcli.fish")
        begins = ""
    else:
        path = os.path.join(settings, "gradcli", f"completion.{shell}")
        folder = (shell == "zsh" and os.environ.get("ZDOTDIR")) or home
        begins = os.path.join(folder, f".{shell}rc")
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(SCRIPTS[shell])
        if begins:
            _add_line(begins, f'source "{path}"  # gradcli completion')
    except OSError as error:
        sys.stderr.write(f"gradcli: cannot install it: {error}\n")
        return 3
    print(f"{shell} completes gradcli from its next start on ({path}{f', {begins}' if begins else ''})")
    return 0


def _add_line(path: str, line: str) -> None:
    """A line at the end of a file that does not have it."""
    with open(path, "a+", encoding="utf-8", errors="surrogateescape") as file:
        file.seek(0)
        text = file.read()
        if line not in text.splitlines():
            file.write(("" if not text or text.endswith("\n") else "\n") + f"{line}\n")


def _shell(name: str | None) -> str:
    from gradcli.machine import shell_in_use

    name = name or shell_in_use(tuple(SCRIPTS))
    if name not in SCRIPTS:
        told = f"there is no completion for {name}" if name else "which shell?"
        raise UsageError(f"{told} (name one: {', '.join(SCRIPTS)})")
    return name
