"""A child's course → SVG: one lane a kind of event, days along the axis, no script needed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from remission.report.queries_page.course import LANES, Mark
from remission.report.queries_page.words import PageWords

_WIDTH, _LEFT, _RIGHT, _LANE, _TOP = 880, 150, 14, 24, 10
_AXIS = 30
_NEAR, _FAR = (-30, 180), (-120, 450)
"""A course that goes beyond ``_FAR`` is drawn at one scale between ``_NEAR`` only, days around the
treatment; what lies before and after takes less room a day."""
_PAST, _FUTURE = 0.14, 0.3
_APART = 34
"""Least distance between two labels of the axis."""
_STEPS = (30, 60, 90, 180, 365, 730, 1461, 3652, 7305)


@dataclass(frozen=True)
class _Stretch:
    """A part of the axis with one scale."""

    first: float
    last: float
    left: float
    right: float

    def place(self, day: float) -> float:
        """Return where a day of this part lies."""
        share = (day - self.first) / (self.last - self.first)
        return self.left + share * (self.right - self.left)


def timeline_svg(marks: Sequence[Mark], words: PageWords, subject: str) -> str:
    """Return the drawing of a child's course; empty when no day is known."""
    if not marks:
        return ""
    lanes = [lane for lane in LANES if any(mark.lane == lane for mark in marks)]
    stretches = _stretches(min(mark.first for mark in marks), max(mark.last for mark in marks))
    height = _TOP + _LANE * len(lanes) + _AXIS
    label = f"{subject}: " + "; ".join(mark.says for mark in marks[:40])
    parts = [f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escape(label)}">']
    parts += _axis(stretches, len(lanes), words)
    for position, lane in enumerate(lanes):
        y = _TOP + _LANE * (position + 0.5)
        parts.append(f'<text class="lane" x="0" y="{y + 4:g}">{escape(words.lanes[lane])}</text>')
        if lane == "follow_up":
            end = max(mark.last for mark in marks if mark.lane == lane)
            first, last = (_x(day, stretches) for day in (min(0, end), max(0, end)))
            parts.append(f'<path class="life" d="M{first:.1f} {y:g}H{last:.1f}"/>')
        parts += [_drawn(mark, y, stretches) for mark in marks if mark.lane == lane]
    return "".join([*parts, "</svg>"])


def _stretches(first: int, last: int) -> list[_Stretch]:
    """Return the parts of the axis from the first to the last day, from left to right."""
    first, last = min(first, 0), max(last, 30)
    near_from = first if first >= _FAR[0] else _NEAR[0]
    near_to = last if last <= _FAR[1] else _NEAR[1]
    left, right = float(_LEFT), float(_WIDTH - _RIGHT)
    room = right - left
    begin = left + (_PAST * room if first < near_from else 0)
    end = right - (_FUTURE * room if last > near_to else 0)
    found = [_Stretch(near_from, near_to, begin, end)]
    if first < near_from:
        found.insert(0, _Stretch(first, near_from, left, begin))
    if last > near_to:
        found.append(_Stretch(near_to, last, end, right))
    return found


def _x(day: float, stretches: Sequence[_Stretch]) -> float:
    return next((part for part in stretches if day <= part.last), stretches[-1]).place(day)


def _axis(stretches: Sequence[_Stretch], lanes: int, words: PageWords) -> list[str]:
    """Return the axis: a rule, labels of days, and a dashed line where the scale changes."""
    bottom = _TOP + _LANE * lanes
    drawn = [f'<path class="rule" d="M{_LEFT} {bottom}H{_WIDTH - _RIGHT}"/>']
    turns = [part.left for part in stretches[1:]]
    taken: list[float] = []
    for day in _labelled(stretches):
        x = _x(day, stretches)
        if all(abs(x - other) >= _APART for other in taken):
            taken.append(x)
            kind = "zero" if day == 0 else "tick"
            begin = bottom if x in turns else _TOP
            drawn.append(f'<path class="{kind}" d="M{x:.1f} {begin}V{bottom + 4}"/>'
                         f'<text class="day" x="{x:.1f}" y="{bottom + 17}">{day}</text>')
    drawn += [f'<path class="turn" d="M{x:.1f} {_TOP}V{bottom}"/>' for x in turns]
    return [*drawn, f'<text class="lane" x="0" y="{bottom + 17}">{escape(words.axis)}</text>']


def _labelled(stretches: Sequence[_Stretch]) -> list[int]:
    """Return the days that may be labelled, day 0 first, then whole steps of each part."""
    days = [0]
    for part in stretches:
        room = max(1.0, (part.right - part.left) / (_APART * 1.3))
        step = next((step for step in _STEPS if (part.last - part.first) / step <= room),
                    _STEPS[-1])
        low, high = math.ceil(part.first / step), math.floor(part.last / step)
        days += [number * step for number in range(low, high + 1)]
    return list(dict.fromkeys(days))


def _drawn(mark: Mark, y: float, stretches: Sequence[_Stretch]) -> str:
    """Return one mark with its words as a tooltip, in a ring where it is asked about."""
    left, right = _x(mark.first, stretches), _x(mark.last, stretches)
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
