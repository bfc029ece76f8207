"""Paper → PNG at 300 dots an inch, painted with the rasteriser and the fonts of matplotlib."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache, singledispatch
from typing import Any

from remission.report.figures.lettering import before_point, font_of, frame_of, lines_of
from remission.report.figures.paper import Area, Paper, Point, Signs, Stroke, Words
from remission.report.figures.png import png_of, rows_of
from remission.report.figures.shapes import CIRCLES, LINES, POLYGONS
from remission.report.figures.style import DOT, PAPER, PNG_DPI, painter, settings


def as_png(paper: Paper) -> bytes:
    """Return the paper as PNG, without metadata."""
    return packed(painted(paper))


def painted(paper: Paper) -> Any:
    """Return the rows of the picture, for :func:`packed`."""
    with settings():
        canvas = _canvas(int(paper.width / DOT), int(paper.height / DOT))
        canvas.clear()
        _paint(Area(((0.0, 0.0), (paper.width, 0.0), (paper.width, paper.height),
                     (0.0, paper.height)), PAPER), canvas)
        for mark in paper.marks:
            _paint(mark, canvas)
    return rows_of(canvas.buffer_rgba())


def packed(rows: Any) -> bytes:
    """Return a painted picture as PNG; another thread may paint the next one meanwhile."""
    return png_of(rows, PNG_DPI)


@lru_cache(maxsize=1)
def _canvas(width: int, height: int) -> Any:
    """Return what figures of a size are painted on, one after the other."""
    return painter(width, height, PNG_DPI)


@singledispatch
def _paint(mark: object, canvas: Any) -> None:
    raise TypeError(mark)


@_paint.register
def _(mark: Stroke, canvas: Any) -> None:
    brush = _brush(canvas, mark.colour, mark.width, mark.alpha)
    brush.set_capstyle("projecting" if mark.is_long and not mark.dash else "butt")
    if mark.dash:
        brush.set_dashes(0, [part * mark.width for part in mark.dash])
    canvas.draw_path(brush, _path(mark.points), _dots(), None)


@_paint.register
def _(mark: Area, canvas: Any) -> None:
    brush = _brush(canvas, mark.edge or mark.colour, mark.edge_width if mark.edge else 0.0,
                   mark.alpha)
    brush.set_joinstyle("miter")
    canvas.draw_path(brush, _path(mark.corners, is_closed=True), _dots(), _colour(mark.colour))


@_paint.register
def _(mark: Signs, canvas: Any) -> None:
    from matplotlib.transforms import Affine2D

    brush = _brush(canvas, mark.edge, mark.edge_width, mark.alpha)
    brush.set_joinstyle("round" if mark.shape in CIRCLES else "miter")
    face = _colour(mark.face) if mark.face and mark.shape not in LINES else None
    canvas.draw_markers(brush, _shape(mark.shape), Affine2D().scale(mark.size / DOT),
                        _path(mark.points), _dots(), face)


@_paint.register
def _(mark: Words, canvas: Any) -> None:
    frame = frame_of(mark)
    if frame is not None:
        _paint(frame, canvas)
    brush = canvas.new_gc()
    brush.set_foreground(mark.colour)
    font = font_of(mark.size, bold=mark.bold, italic=mark.italic)
    for text, x, y in lines_of(mark):
        if not text:
            continue
        before = before_point(mark, text)
        right, up = (x, y - before) if mark.is_turned else (x - before, y)
        canvas.draw_text(brush, right / DOT, canvas.height - up / DOT, text, font,
                         90 if mark.is_turned else 0)


def _brush(canvas: Any, colour: str, width: float, alpha: float) -> Any:
    brush = canvas.new_gc()
    brush.set_foreground(colour)
    brush.set_linewidth(width)
    brush.set_joinstyle("round")
    # An edge and what it surrounds are equally strong.
    brush.set_alpha(alpha)
    return brush


@cache
def _colour(name: str) -> tuple[float, float, float]:
    from matplotlib.colors import to_rgb

    return to_rgb(name)


@cache
def _dots() -> Any:
    """Return what makes dots of points; the canvas too counts from below."""
    from matplotlib.transforms import Affine2D

    return Affine2D().scale(1 / DOT)


def _path(points: Sequence[Point], *, is_closed: bool = False) -> Any:
    from matplotlib.path import Path

    if not is_closed:
        return Path(points)
    return Path([*points, points[0]], closed=True)


@cache
def _shape(name: str) -> Any:
    """Return a sign of size 1 around its middle."""
    from matplotlib.path import Path
    from matplotlib.transforms import Affine2D

    if name in CIRCLES:
        return Path.unit_circle().transformed(Affine2D().scale(CIRCLES[name]))
    return _path(LINES[name]) if name in LINES else _path(POLYGONS[name], is_closed=True)
