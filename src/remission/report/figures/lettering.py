"""Lettering: how wide words are in print, how they fit a room, and labels that keep apart.

All lengths are in points. The settings of the figures must be in force (``style.settings``).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

from remission.report.figures.style import PNG_DPI, painter


@lru_cache(maxsize=4096)
def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of one line of text set at a size."""
    from matplotlib.font_manager import FontProperties

    font = FontProperties(size=size, weight="bold" if bold else "normal")
    width, _, _ = _renderer().get_text_width_height_descent(text, font, ismath=False)
    return float(width) * 72 / PNG_DPI


def fitted(text: str, room: float, size: float, *, bold: bool = False) -> str:
    """Return the text on one line, else on two, else cut with an ellipsis, to fit the room."""

    def fits(line: str) -> bool:
        return width_of(line, size, bold=bold) <= room

    words = " ".join(text.split())
    if fits(words):
        return words
    pairs = [(words[:index], words[index + 1:])
             for index, char in enumerate(words) if char == " " and fits(words[:index])]
    whole = [(first, rest) for first, rest in pairs if fits(rest)]
    if whole:
        first, rest = min(whole, key=lambda pair: abs(len(pair[0]) - len(pair[1])))
        return f"{first}\n{rest}"
    beginning = shortened(words, room, size, bold=bold, ending="")
    first, rest = pairs[-1] if pairs else (beginning, words[len(beginning):].lstrip())
    return f"{first}\n{shortened(rest, room, size, bold=bold)}"


def shortened(
    text: str, room: float, size: float, *, bold: bool = False, ending: str = "…"
) -> str:
    """Return the text, or as much of its beginning as fits the room with an ending."""
    if width_of(text, size, bold=bold) <= room:
        return text
    beginnings = (text[:length].rstrip() + ending for length in range(len(text) - 1, 1, -1))
    return next((beginning for beginning in beginnings
                 if width_of(beginning, size, bold=bold) <= room), text[:1] + ending)


def kept_apart(wanted: Sequence[float], heights: Sequence[float], room: float) -> list[float]:
    """Return the centres of labels as near as can be to where they are wanted.

    ``wanted`` rises; no label covers its neighbour or leaves the room from 0 to ``room``, which
    must hold them all. Labels in each other's way are shared out around their common middle
    (isotonic regression of what remains when the labels themselves are taken away).
    """
    below = [sum(heights[:index]) + height / 2 for index, height in enumerate(heights)]
    blocks: list[tuple[float, int]] = []
    for centre, under in zip(wanted, below, strict=True):
        mean, count = centre - under, 1
        while blocks and blocks[-1][0] >= mean:
            before, number = blocks.pop()
            mean = (mean * count + before * number) / (count + number)
            count += number
        blocks.append((mean, count))
    free = [mean for mean, count in blocks for _ in range(count)]
    return [min(max(space, 0.0), room - sum(heights)) + under
            for space, under in zip(free, below, strict=True)]


@cache
def _renderer() -> Any:
    return painter(1, 1, PNG_DPI)
