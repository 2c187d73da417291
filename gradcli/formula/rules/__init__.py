"""What each primitive of the tape means as a sum of products, one row each; `recording` asks here.

Any other function of the language is a factor that no law looks into, under its own name.
"""

from __future__ import annotations

from gradcli.formula.recording import Rule
from gradcli.formula.rules import choices, elementwise, moves, named, products, scans, windows

RULES: dict[str, Rule] = {
    **elementwise.RULES,
    **choices.RULES,
    **moves.RULES,
    **products.RULES,
    **named.RULES,
    **windows.RULES,
    **scans.RULES,
}
"""By the primitive's name."""
