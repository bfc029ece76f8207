"""Paper → SVG text: letters stay text in the reader's fonts, the same paper is the same bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import singledispatch
from html import escape

from remission.report.figures.lettering import frame_of, lines_of
from remission.report.figures.paper import Area, Paper, Point, Signs, Stroke, Words
from remission.report.figures.shapes import CIRCLES, LINES, POLYGONS
from remission.report.figures.style import settings

_FONTS = "ui-sans-serif, system-ui, 'Segoe UI', Helvetica, Arial, 'DejaVu Sans', sans-serif"
_ANCHORS = {"left": "", "center": ' text-anchor="middle"', "right": ' text-anchor="end"'}


def as_svg(paper: Paper) -> str:
    """Return the paper as SVG text, its size in points; what is not covered is transparent.

    Words with an address stand in a group of that id; shortened ones have their full text as title.
    """
    width, height = _number(paper.width), _number(paper.height)
    head = ('<?xml version="1.0" encoding="utf-8"?>\n'
            '<svg xmlns="http://www.w3.org/2000/svg" xml:space="preserve" '
            f'width="{width}pt" height="{height}pt" viewBox="0 0 {width} {height}" '
            f'font-family="{_FONTS}" stroke-linejoin="round" fill="none">')
    with settings():
        drawn = [text for mark in paper.marks for text in _drawn(mark, paper.height)]
    return "\n".join([head, *drawn, "</svg>\n"])


@singledispatch
def _drawn(mark: object, height: float) -> Iterator[str]:
    """Yield the elements of a mark on paper of a height."""
    raise TypeError(mark)


@_drawn.register
def _(mark: Stroke, height: float) -> Iterator[str]:
    ends = ' stroke-linecap="square"' if mark.is_long and not mark.dash else ""
    dash = (f' stroke-dasharray="{",".join(_number(part * mark.width) for part in mark.dash)}"'
            if mark.dash else "")
    yield (f'<path d="{_path(mark.points, height)}" stroke="{mark.colour}" '
           f'stroke-width="{_number(mark.width)}"{ends}{dash}{_alpha("stroke", mark.alpha)}/>')


@_drawn.register
def _(mark: Area, height: float) -> Iterator[str]:
    edge = (f' stroke="{mark.edge}" stroke-width="{_number(mark.edge_width)}" '
            'stroke-linejoin="miter"' if mark.edge else "")
    yield (f'<path d="{_path(mark.corners, height)}Z" fill="{mark.colour}"'
           f'{_alpha("fill", mark.alpha)}{edge}/>')


@_drawn.register
def _(mark: Signs, height: float) -> Iterator[str]:
    face = f' fill="{mark.face}"{_alpha("fill", mark.alpha)}' if mark.face else ""
    yield (f'<g{face} stroke="{mark.edge}" stroke-width="{_number(mark.edge_width)}"'
           f'{_alpha("stroke", mark.alpha)}>')
    for x, y in mark.points:
        place = _number(x), _number(height - y)
        if mark.shape in CIRCLES:
            radius = _number(CIRCLES[mark.shape] * mark.size)
            yield f'<circle cx="{place[0]}" cy="{place[1]}" r="{radius}"/>'
        elif mark.shape in LINES:
            ends = [(x + right * mark.size, y + up * mark.size) for right, up in LINES[mark.shape]]
            yield f'<path d="{_path(ends, height)}"/>'
        else:
            corners = [(x + right * mark.size, y + up * mark.size)
                       for right, up in POLYGONS[mark.shape]]
            yield f'<path d="{_path(corners, height)}Z" stroke-linejoin="miter"/>'
    yield "</g>"


@_drawn.register
def _(mark: Words, height: float) -> Iterator[str]:
    frame = frame_of(mark)
    if frame is not None:
        yield from _drawn(frame, height)
    if mark.address:
        yield f'<g id="{escape(mark.address)}">'
    if mark.title:
        yield f"<title>{escape(mark.title, quote=False)}</title>"
    look = (f'font-size="{_number(mark.size)}"{_ANCHORS[mark.across]}'
            f'{" font-weight=" + chr(34) + "700" + chr(34) if mark.bold else ""}'
            f'{" font-style=" + chr(34) + "italic" + chr(34) if mark.italic else ""}'
            f' fill="{mark.colour}"')
    for text, x, y in lines_of(mark):
        place = f'x="{_number(x)}" y="{_number(height - y)}"'
        turned = (f' transform="rotate(-90 {_number(x)} {_number(height - y)})"'
                  if mark.is_turned else "")
        yield f"<text {place} {look}{turned}>{escape(text, quote=False)}</text>"
    if mark.address:
        yield "</g>"


def _alpha(part: str, alpha: float) -> str:
    return "" if alpha == 1.0 else f' {part}-opacity="{alpha:g}"'


def _path(points: Sequence[Point], height: float) -> str:
    return "M" + "L".join(f"{_number(x)} {_number(height - y)}" for x, y in points)


def _number(value: float) -> str:
    """Return a length to a thousandth of a point, as short as it can be."""
    return f"{value:.3f}".rstrip("0").rstrip(".")
