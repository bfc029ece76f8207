"""Part → drawing: each kind of figure by the file that draws it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from remission.report.drawn import (
    Bars,
    Courses,
    Drawn,
    Figure,
    Flow,
    Forest,
    Lanes,
    Panels,
    Timelines,
)
from remission.report.figures.bars import draw_bars
from remission.report.figures.curves import draw_curves
from remission.report.figures.flow import draw_flow
from remission.report.figures.forest import draw_forest
from remission.report.figures.lanes import draw_courses, draw_lanes
from remission.report.figures.panels import draw_panels
from remission.report.figures.paper import Paper
from remission.report.figures.style import settings
from remission.report.figures.timelines import draw_timelines

_DRAWERS: Mapping[type, Callable[..., Paper]] = MappingProxyType({
    Figure: draw_curves, Forest: draw_forest, Panels: draw_panels, Bars: draw_bars,
    Lanes: draw_lanes, Courses: draw_courses, Timelines: draw_timelines, Flow: draw_flow,
})


def draw(part: Drawn, *, banner: str = "") -> Paper:
    """Return the drawing of a figure; ``banner`` is written where there are no data."""
    with settings():
        return _DRAWERS[type(part)](part, banner=banner)
