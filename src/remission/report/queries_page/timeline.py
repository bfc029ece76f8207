"""A child's course → SVG: one lane a kind of event, days along the axis, no script needed."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from remission.report.queries_page.course import LANES, Mark
from remission.report.queries_page.words import PageWords
from remission.report.stretches import Stretch, labelled, place_of, stretches

_WIDTH, _LEFT, _RIGHT, _LANE, _TOP = 880, 150, 14, 24, 10
_AXIS = 30
_APART = 34
"""Least distance between two labels of the axis."""


def timeline_svg(marks: Sequence[Mark], words: PageWords, subject: str) -> str:
    """Return the drawing of a child's course; empty when no day is known."""
    if not marks:
        return ""
    lanes = [lane for lane in LANES if any(mark.lane == lane for mark in marks)]
    parts_of_axis = stretches(min(mark.first for mark in marks),
                              max(mark.last for mark in marks), _LEFT, _WIDTH - _RIGHT)
    height = _TOP + _LANE * len(lanes) + _AXIS
    label = f"{subject}: " + "; ".join(mark.says for mark in marks[:40])
    parts = [f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escape(label)}">']
    parts += _axis(parts_of_axis, len(lanes), words)
    for position, lane in enumerate(lanes):
        y = _TOP + _LANE * (position + 0.5)
        parts.append(f'<text class="lane" x="0" y="{y + 4:g}">{escape(words.lanes[lane])}</text>')
        if lane == "follow_up":
            end = max(mark.last for mark in marks if mark.lane == lane)
            first, last = (place_of(day, parts_of_axis) for day in (min(0, end), max(0, end)))
            parts.append(f'<path class="life" d="M{first:.1f} {y:g}H{last:.1f}"/>')
        parts += [_drawn(mark, y, parts_of_axis) for mark in marks if mark.lane == lane]
    return "".join([*parts, "</svg>"])


def _axis(axis: Sequence[Stretch], lanes: int, words: PageWords) -> list[str]:
    """Return the axis: a rule, labels of days, and a dashed line where the scale changes."""
    bottom = _TOP + _LANE * lanes
    drawn = [f'<path class="rule" d="M{_LEFT} {bottom}H{_WIDTH - _RIGHT}"/>']
    turns = [part.left for part in axis[1:]]
    for day, x in labelled(axis, _APART):
        kind = "zero" if day == 0 else "tick"
        begin = bottom if x in turns else _TOP
        drawn.append(f'<path class="{kind}" d="M{x:.1f} {begin}V{bottom + 4}"/>'
                     f'<text class="day" x="{x:.1f}" y="{bottom + 17}">{day}</text>')
    drawn += [f'<path class="turn" d="M{x:.1f} {_TOP}V{bottom}"/>' for x in turns]
    return [*drawn, f'<text class="lane" x="0" y="{bottom + 17}">{escape(words.axis)}</text>']


def _drawn(mark: Mark, y: float, axis: Sequence[Stretch]) -> str:
    """Return one mark with its words as a tooltip, in a ring where it is asked about."""
    left, right = place_of(mark.first, axis), place_of(mark.last, axis)
    middle = (left + right) / 2
    ring = (f'<rect class="ring" x="{left - 7:.1f}" y="{y - 9:g}" width="{right - left + 14:.1f}"'
            ' height="18" rx="9"/>' if mark.is_asked else "")
    shape, _, hollow = mark.shape.rpartition(" ")[::-1]
    drawn = {
        "bar": f'<rect x="{left:.1f}" y="{y - 4:g}" width="{max(right - left, 2.5):.1f}" '
               'height="8"/>',
        "tick": f'<path class="line" d="M{left:.1f} {y - 6:g}v12"/>',
        "cross": f'<path class="line" d="M{left - 5:.1f} {y - 5:g}l10 10m0 -10l-10 10"/>',
        "dot": f'<circle cx="{middle:.1f}" cy="{y:g}" r="4.5"/>',
        "square": f'<rect x="{left - 4:.1f}" y="{y - 4:g}" width="8" height="8"/>',
        "triangle": f'<path d="M{left:.1f} {y - 6:g}l6 11h-12z"/>',
        "diamond": f'<path d="M{left:.1f} {y - 6:g}l6 6l-6 6l-6 -6z"/>',
    }[shape]
    name = f"{mark.lane} hollow" if hollow else mark.lane
    return f'<g class="{name}"><title>{escape(mark.says)}</title>{ring}{drawn}</g>'
