"""Part → drawing: each kind of figure by the file that draws it."""

from __future__ import annotations

from typing import Any

from remission.report.figures.bars import draw_bars
from remission.report.figures.curves import draw_curves
from remission.report.figures.forest import draw_forest
from remission.report.figures.panels import draw_panels
from remission.report.parts import Bars, Drawn, Forest, Panels


def draw(part: Drawn, *, banner: str = "") -> Any:
    """Return the drawing of a figure; ``banner`` is written where there are no data."""
    if isinstance(part, Forest):
        return draw_forest(part, banner=banner)
    if isinstance(part, Panels):
        return draw_panels(part, banner=banner)
    if isinstance(part, Bars):
        return draw_bars(part, banner=banner)
    return draw_curves(part, banner=banner)
