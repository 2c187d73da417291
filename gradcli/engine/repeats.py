"""What comes again: how often it has to come before something is made for it, and how much of that is kept.

Pullbacks, replayed walks, plans and compiled programs are kept in one of these each.
"""

from __future__ import annotations

from _thread import allocate_lock
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class Repeats:
    """Things by the key of what they were made for. Several threads may use one.

    Attributes:
        patience: how often a key comes in vain before something is made for it.
        most: how many things are kept; the one unused for longest goes first.
        made: the things, to be looked up where that has to be quick.
    """

    __slots__ = ("_lock", "_met", "made", "most", "patience")

    def __init__(self, patience: int, most: int) -> None:
        self.patience = patience
        self.most = most
        self.made: OrderedDict[Any, Any] = OrderedDict()
        self._met: dict[Any, int] = {}
        self._lock = allocate_lock()

    def find(self, key: Any, make: Callable[[], Any]) -> Any:
        """What was made for this key, or is made now that it has come so often; None until then."""
        found = self.made.get(key)
        if found is None:
            if self.patience and not self._due(key):
                return None
            found = make()
            self.keep(key, found)
        else:
            try:  # noqa: SIM105 - a context manager takes longer than all the rest
                self.made.move_to_end(key)
            except KeyError:  # another thread has just let go of it
                pass
        return found

    def keep(self, key: Any, made: Any) -> None:
        """Keeps what was made for this key."""
        with self._lock:
            self.made[key] = made
            if len(self.made) > self.most:
                self.made.popitem(last=False)

    def _due(self, key: Any) -> bool:
        met = self._met.get(key, 0)
        if met >= self.patience:
            self._met.pop(key, None)
            return True
        if len(self._met) >= self.most:
            self._met.clear()
        self._met[key] = met + 1
        return False
