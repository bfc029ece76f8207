"""Lettering: how wide and high words are in print, how they fit a room, and labels kept apart.

All lengths are in points. The settings of the figures must be in force (``style.settings``).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

from remission.report.figures.paper import Area, Words
from remission.report.figures.style import DOT, PAPER, PNG_DPI, painter

_USUAL = "lp"
"""A line is at least as high as letters that rise and fall."""
_AHEAD = {"left": 0.0, "center": 0.5, "right": 1.0}
"""How much of words stands at the left of their point."""


def width_of(text: str, size: float, *, bold: bool = False, italic: bool = False) -> float:
    """Return the width of one line of text set at a size."""
    return _measures(text, size, bold, italic)[0]


@cache
def font_of(size: float, *, bold: bool = False, italic: bool = False) -> Any:
    """Return the font of the figures at a size."""
    from matplotlib.font_manager import FontProperties

    return FontProperties(size=size, weight="bold" if bold else "normal",
                          style="italic" if italic else "normal")


def before_point(words: Words, text: str) -> float:
    """Return how much of a line of words stands before their point."""
    return _AHEAD[words.across] * width_of(text, words.size, bold=words.bold, italic=words.italic)


def lines_of(words: Words) -> list[tuple[str, float, float]]:
    """Return each line of words with the point of its baseline that they are written from."""
    baselines, _, _ = _layout(words)
    return [(text, words.x - up, words.y) if words.is_turned else (text, words.x, words.y + up)
            for text, up in zip(words.text.split("\n"), baselines, strict=True)]


def box_of(words: Words) -> tuple[float, float, float, float]:
    """Return left, bottom, right and top of what words cover."""
    _, bottom, top = _layout(words)
    starts = [before_point(words, line) for line in words.text.split("\n")]
    ends = [width_of(line, words.size, bold=words.bold, italic=words.italic) - start
            for line, start in zip(words.text.split("\n"), starts, strict=True)]
    if words.is_turned:
        return words.x - top, words.y - max(starts), words.x - bottom, words.y + max(ends)
    return words.x - max(starts), words.y + bottom, words.x + max(ends), words.y + top


def frame_of(words: Words) -> Area | None:
    """Return what stands around words and covers what is below them; None without a frame."""
    if words.frame is None:
        return None
    left, bottom, right, top = box_of(words)
    pad = words.frame.pad
    return Area(((left - pad, bottom - pad), (right + pad, bottom - pad),
                 (right + pad, top + pad), (left - pad, top + pad)),
                PAPER, 1.0, words.frame.edge, words.frame.edge_width)


def _layout(words: Words) -> tuple[list[float], float, float]:
    """Return the baseline of each line, the lower and the upper end, from the point of the words.

    Lines are as far apart as the usual letters are high, times the spacing.
    """
    _, usual_rise, usual_fall = _measures(_USUAL, words.size, words.bold, words.italic)
    measures = [_measures(line, words.size, words.bold, words.italic)
                for line in words.text.split("\n")]
    rises = [max(rise, usual_rise) for _, rise, _ in measures]
    falls = [max(fall, usual_fall) for _, _, fall in measures]
    baselines = [-rises[0]]
    for number in range(1, len(measures)):
        step = max(usual_rise, rises[number]) * words.spacing
        baselines.append(baselines[-1] - falls[number - 1] - step)
    bottom = baselines[-1] - falls[-1]
    raised = {"top": 0.0, "bottom": -bottom, "center": -bottom / 2, "baseline": -baselines[-1],
              "figures": rises[0] / 2}[words.up]
    return [baseline + raised for baseline in baselines], bottom + raised, raised


@lru_cache(maxsize=4096)
def _measures(
    text: str, size: float, bold: bool, italic: bool,
) -> tuple[float, float, float]:
    """Return width, height over the baseline and depth under it of one line of text."""
    font = font_of(size, bold=bold, italic=italic)
    width, height, depth = _renderer().get_text_width_height_descent(text, font, ismath=False)
    return float(width) * DOT, float(height - depth) * DOT, float(depth) * DOT


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
