"""What `gradcli` and `python -m gradcli` start: the command line, from the first import on."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


def main() -> NoReturn:
    """Run the command line and exit; Ctrl-C ends it quietly while it loads, too."""
    try:
        from gradcli.cli import main

        main()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
