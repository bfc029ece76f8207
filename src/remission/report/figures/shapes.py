"""The signs of the figures as shapes around their middle, in sizes of the sign."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from types import MappingProxyType

from remission.report.figures.paper import Point

CIRCLES: Mapping[str, float] = MappingProxyType({"o": 0.5, ".": 0.25})
"""Radius of the round signs."""

_DIAGONAL = sqrt(0.5)


def _turned(corners: list[Point]) -> tuple[Point, ...]:
    """Return a shape turned by an eighth of a circle."""
    return tuple(((x - y) * _DIAGONAL, (x + y) * _DIAGONAL) for x, y in corners)


POLYGONS: Mapping[str, tuple[Point, ...]] = MappingProxyType({
    "s": ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)),
    "D": _turned([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)]),
    "^": ((0.0, 0.5), (-0.5, -0.5), (0.5, -0.5)),
    ">": ((0.5, 0.0), (-0.5, 0.5), (-0.5, -0.5)),
    "<": ((-0.5, 0.0), (0.5, 0.5), (0.5, -0.5)),
    "X": ((-0.25, -0.5), (0.0, -0.25), (0.25, -0.5), (0.5, -0.25), (0.25, 0.0), (0.5, 0.25),
          (0.25, 0.5), (0.0, 0.25), (-0.25, 0.5), (-0.5, 0.25), (-0.25, 0.0), (-0.5, -0.25)),
})
"""Corners of the signs that are filled."""

LINES: Mapping[str, tuple[Point, ...]] = MappingProxyType({"|": ((0.0, -0.5), (0.0, 0.5))})
"""Ends of the signs that are a line."""
