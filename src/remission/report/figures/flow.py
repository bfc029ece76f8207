"""Flow chart of participants: a box each step, joined to the box it came from."""

from __future__ import annotations

from typing import Any

from remission.report.drawn import Flow, FlowBox
from remission.report.figures.lettering import fitted, shortened, width_of
from remission.report.figures.sheet import EDGE, PAPER_WIDTH, SMALL
from remission.report.figures.style import INK, PAPER, SOFT, new_figure, settings
from remission.report.figures.words import write_banner

_ROW, _BOX, _STEP, _AIR, _BANNER = 23.0, 17.0, 24.0, 7.0, 20.0
_ELBOW = 10.0
"""From the left edge of a box to the line that leaves it."""


def draw_flow(part: Flow, *, banner: str = "") -> Any:
    """Return the drawing of a flow chart; ``banner`` is written above it."""
    with settings():
        words = fitted(banner.upper(), PAPER_WIDTH - 4 * EDGE, SMALL, bold=True) if banner else ""
        height = 2 * EDGE + (_BANNER if words else 0.0) + _ROW * len(part.boxes)
        figure = new_figure(PAPER_WIDTH, height)
        top = height - EDGE - (_BANNER if words else 0.0)
        middles = [top - _ROW * (place + 0.5) for place in range(len(part.boxes))]
        for place, box in enumerate(part.boxes):
            if box.parent is not None:
                _join(figure, part.boxes[box.parent], middles[box.parent], box, middles[place],
                      height)
            _draw_box(figure, part, place, middles[place], height)
        write_banner(figure, words, EDGE, height)
    return figure


def _left(box: FlowBox) -> float:
    return EDGE + _STEP * box.depth


def _draw_box(figure: Any, part: Flow, place: int, y: float, height: float) -> None:
    from matplotlib.patches import Rectangle

    box, left = part.boxes[place], _left(part.boxes[place])
    room = PAPER_WIDTH - EDGE - left - 3 * _AIR - width_of(box.count.text, SMALL, bold=True)
    name = shortened(box.label, room, SMALL)
    wide = width_of(name, SMALL) + width_of(box.count.text, SMALL, bold=True) + 3 * _AIR
    figure.add_artist(Rectangle(
        (left / PAPER_WIDTH, (y - _BOX / 2) / height), wide / PAPER_WIDTH, _BOX / height,
        facecolor=PAPER, edgecolor=SOFT, linewidth=0.8, transform=figure.transFigure))
    figure.text((left + _AIR) / PAPER_WIDTH, y / height, name, fontsize=SMALL, va="center",
                gid=f"{part.address}.box.{place + 1}", label="" if name == box.label else box.label)
    figure.text((left + wide - _AIR) / PAPER_WIDTH, y / height, box.count.text, fontsize=SMALL,
                weight="bold", ha="right", va="center", color=INK, gid=box.count.address)


def _join(  # noqa: PLR0917 - two boxes, where they stand, and the paper
    figure: Any, above: FlowBox, from_y: float, below: FlowBox, to_y: float, height: float
) -> None:
    """Draw the line from under a box to the left edge of one that came from it."""
    from matplotlib.lines import Line2D

    x = _left(above) + _ELBOW
    figure.add_artist(Line2D(
        [x / PAPER_WIDTH, x / PAPER_WIDTH, _left(below) / PAPER_WIDTH],
        [(from_y - _BOX / 2) / height, to_y / height, to_y / height], color=SOFT, linewidth=0.8,
        transform=figure.transFigure))
