"""Flow chart of participants: a box each step, joined to the box it came from."""

from __future__ import annotations

from remission.report.drawn import Flow, FlowBox
from remission.report.figures.lettering import fitted, shortened, width_of
from remission.report.figures.paper import PAPER_WIDTH, SMALL, Paper
from remission.report.figures.sheet import EDGE
from remission.report.figures.style import SOFT
from remission.report.figures.words import write_banner

_ROW, _BOX, _STEP, _AIR, _BANNER = 23.0, 17.0, 24.0, 7.0, 20.0
_ELBOW = 10.0
"""From the left edge of a box to the line that leaves it."""


def draw_flow(part: Flow, *, banner: str = "") -> Paper:
    """Return the drawing of a flow chart; ``banner`` is written above it."""
    words = fitted(banner.upper(), PAPER_WIDTH - 4 * EDGE, SMALL, bold=True) if banner else ""
    over = EDGE + (_BANNER if words else 0.0)
    paper = Paper(PAPER_WIDTH, over + EDGE + _ROW * len(part.boxes))
    top = paper.height - over
    middles = [top - _ROW * (place + 0.5) for place in range(len(part.boxes))]
    for place, box in enumerate(part.boxes):
        if box.parent is not None:
            _join(paper, part.boxes[box.parent], middles[box.parent], box, middles[place])
        _draw_box(paper, part, place, middles[place])
    write_banner(paper, words, EDGE)
    return paper


def _left(box: FlowBox) -> float:
    return EDGE + _STEP * box.depth


def _draw_box(paper: Paper, part: Flow, place: int, y: float) -> None:
    box, left = part.boxes[place], _left(part.boxes[place])
    room = PAPER_WIDTH - EDGE - left - 3 * _AIR - width_of(box.count.text, SMALL, bold=True)
    name = shortened(box.label, room, SMALL)
    wide = width_of(name, SMALL) + width_of(box.count.text, SMALL, bold=True) + 3 * _AIR
    paper.box(left, y - _BOX / 2, wide, _BOX, edge=SOFT, edge_width=0.8)
    paper.write(left + _AIR, y, name, SMALL, up="center",
                address=f"{part.address}.box.{place + 1}", title=box.label)
    paper.write(left + wide - _AIR, y, box.count.text, SMALL, bold=True, across="right",
                up="center", address=box.count.address)


def _join(paper: Paper, above: FlowBox, from_y: float, below: FlowBox, to_y: float) -> None:
    """Draw the line from under a box to the left edge of one that came from it."""
    x = _left(above) + _ELBOW
    paper.line([(x, from_y - _BOX / 2), (x, to_y), (_left(below), to_y)], SOFT, 0.8)
