"""The notebooks, one for each behaviour, each named after what it shows. To add one is a line.

What a notebook imports from ``kernel_side`` lies beside it when it runs. Output must be the same in every run: no
times, no addresses, no random names.
"""

from .case import Case, Cell
from .control import CONTROL, FILES, TWO_BROWSERS
from .displays import DISPLAYS
from .execution import FRONT_END, RESULTS
from .rich import RICH
from .streams import CLEARING, STREAMS
from .widgets import LATE, WIDGETS

__all__ = ["CASES", "Case", "Cell"]

CASES: dict[str, Case] = {
    **STREAMS,
    **CLEARING,
    **DISPLAYS,
    **RESULTS,
    **FRONT_END,
    **WIDGETS,
    **LATE,
    **RICH,
    **FILES,
    **CONTROL,
    **TWO_BROWSERS,
}
