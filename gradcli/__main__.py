"""What `gradcli` and `python -m gradcli` start: the command line, from the first import on."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from signal import SIG_DFL, SIGINT, default_int_handler, getsignal, signal
    from typing import NoReturn
else:  # without the enumerations of `signal`
    from _signal import SIG_DFL, SIGINT, default_int_handler, getsignal, signal


class _WithoutPandas:
    """pyarrow asks whether a list is a series of pandas, which it loads for that where it is installed.

    That takes as long as all else that `gradcli map` does for a small table, and nothing here uses it. Only
    here is the process ours: where the commands are a part of another program, that may want it.
    """

    @staticmethod
    def find_spec(name: str, *_: object) -> None:
        if name == "pandas":
            raise ModuleNotFoundError("gradcli does without pandas", name=name)


def main() -> NoReturn:
    """Run the command line and exit.

    Ctrl-C ends it as the system does while it loads, where an exception would come out of any import, and as
    a run that answers to it from then on.
    """
    answers = getsignal(SIGINT) is default_int_handler
    if answers:
        signal(SIGINT, SIG_DFL)
    sys.meta_path.insert(0, _WithoutPandas)
    from gradcli import interrupts
    from gradcli.cli import main

    try:
        if answers:
            interrupts.answer()
        main()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
