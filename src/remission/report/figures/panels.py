"""Panels of boxes: every value is drawn, pairs are joined, P stands over what it compares."""

from __future__ import annotations

import math
from typing import Any

from remission.report.drawn import Box, Panel, Panels
from remission.report.figures.lettering import fitted, shortened, width_of
from remission.report.figures.sheet import EDGE, PAPER_WIDTH, SMALL
from remission.report.figures.style import INK, PAPER, SOFT, colour_of, new_figure, settings
from remission.report.figures.words import write_banner

_COLUMNS = {2: 3, 4: 2}
"""How many panels stand side by side, by how many boxes they hold at most; one of more boxes."""
_PLOT, _ABOVE, _BELOW = 128.0, 46.0, 30.0
"""Height of a panel's plot, room above it for its title and P, and below it for the names."""
_LEFT, _GAP = 40.0, 12.0
_BANNER, _NAMES = 20.0, 16.0
_WIDTH = 0.5
"""Width of a box, the next box being 1 away."""
_SPREAD = 0.14
"""Half the width over which the values of a box without pairs are spread."""
_STEEP = 50.0
"""The largest value over the smallest from which the axis is logarithmic."""
_MARK = 17.0
_LETTER = 8.0


def draw_panels(part: Panels, *, banner: str = "") -> Any:
    """Return the drawing of a figure of panels; ``banner`` is written above it."""
    with settings():
        words = fitted(banner.upper(), PAPER_WIDTH - 4 * EDGE, SMALL, bold=True) if banner else ""
        columns = _columns(part)
        rows = math.ceil(len(part.panels) / columns)
        most = max((len(_levels(panel)) for panel in part.panels), default=0)
        above = _ABOVE + _MARK * max(0, most - 1)
        top = (_BANNER if words else 0.0) + (_NAMES if part.names else 0.0)
        height = top + rows * (above + _PLOT + _BELOW) + EDGE
        figure = new_figure(PAPER_WIDTH, height)
        width = (PAPER_WIDTH - EDGE) / columns
        for place, panel in enumerate(part.panels):
            row, column = divmod(place, columns)
            bottom = height - top - (row + 1) * (above + _PLOT + _BELOW) + _BELOW
            left = column * width + _LEFT
            axes = figure.add_axes((left / PAPER_WIDTH, bottom / height,
                                    (width - _LEFT - _GAP) / PAPER_WIDTH, _PLOT / height))
            _draw_panel(axes, panel, width - _LEFT - _GAP, f"{part.address}.panel.{place + 1}")
        _write_names(figure, part, height - (_BANNER if words else 0.0), height)
        write_banner(figure, words, EDGE, height)
    return figure


def _columns(part: Panels) -> int:
    most = max((len(panel.boxes) for panel in part.panels), default=0)
    return next((columns for boxes, columns in _COLUMNS.items() if most <= boxes), 1)


def _write_names(figure: Any, part: Panels, y: float, height: float) -> None:
    """Write the names of the groups in their colours over all panels."""
    x = _LEFT
    for place, name in enumerate(part.names):
        figure.text(x / PAPER_WIDTH, (y - _NAMES / 2 - 2) / height, name, fontsize=SMALL,
                    weight="bold", color=colour_of(place), va="center",
                    gid=f"{part.address}.name.{place + 1}")
        x += width_of(name, SMALL, bold=True) + 2 * _GAP


def _draw_panel(axes: Any, panel: Panel, width: float, gid: str) -> None:
    values = [value for box in panel.boxes for value in box.values]
    is_log = bool(values) and min(values) > 0 and max(values) / min(values) > _STEEP
    if is_log:
        axes.set_yscale("log")
    low, high = _limits(values, is_log=is_log)
    axes.set_ylim(low, high)
    axes.set_xlim(-0.6, len(panel.boxes) - 0.4)
    _frame(axes, panel, width, gid, is_log=is_log)
    if panel.paired:
        for first in range(0, len(panel.boxes) - 1, 2):
            _join(axes, panel.boxes[first], panel.boxes[first + 1], first)
    for place, box in enumerate(panel.boxes):
        _draw_box(axes, box, place, is_paired=panel.paired)
    _write_marks(axes, panel)


def _limits(values: list[float], *, is_log: bool) -> tuple[float, float]:
    """Return the ends of the value axis, with air on both sides; a rise from 0 begins there."""
    if not values:
        return 0.0, 1.0
    low, high = min(values), max(values)
    if is_log:
        return low / 1.5, high * 1.5
    air = 0.06 * ((high - low) or abs(high) or 1.0)
    return (-air / 2 if low >= 0 and low < 0.4 * high else low - air), high + air


def _frame(axes: Any, panel: Panel, width: float, gid: str, *, is_log: bool) -> None:
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=3, width=0.8, pad=2, labelsize=_LETTER + 0.3)
    names = [fitted(box.label, width / len(panel.boxes) - 3, SMALL) for box in panel.boxes]
    axes.set_xticks(range(len(panel.boxes)), names, fontsize=SMALL)
    axes.tick_params(axis="x", length=0)
    if is_log:
        show_powers(axes)
    else:
        from matplotlib.ticker import MaxNLocator

        low, high = axes.get_ylim()
        within = [tick for tick in MaxNLocator(5).tick_values(low, high) if low <= tick <= high]
        axes.set_yticks(within, [f"{round(tick, 10):g}".replace("-", "−") for tick in within])
    title = f"{panel.title}, {panel.unit}" if panel.unit else panel.title
    fit = shortened(title, width + _LEFT, SMALL, bold=True)
    lifted = 12 + _MARK * len(_levels(panel))
    axes.annotate(fit, (0, 1), xycoords="axes fraction", xytext=(-_LEFT + _GAP, lifted),
                  textcoords="offset points", fontsize=SMALL, weight="bold", va="bottom",
                  gid=gid, label="" if fit == title else title)


def show_powers(axes: Any) -> None:
    """Write the powers of ten on a logarithmic value axis, 2 and 5 of each where they are few."""
    low, high = axes.get_ylim()
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for bases in ((1,), (1, 2, 5)):
        ticks = [base * 10.0**power for power in powers for base in bases
                 if low <= base * 10.0**power <= high]
        if len(ticks) > 1:
            break
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_yticks([], minor=True)


def _join(axes: Any, before: Box, after: Box, place: int) -> None:
    """Draw a line for each pair, from the value before to the value after."""
    from matplotlib.collections import LineCollection

    inside = _WIDTH / 2 + 0.04
    lines = [[(place + inside, one), (place + 1 - inside, other)]
             for one, other in zip(before.values, after.values, strict=True)]
    axes.add_collection(LineCollection(lines, colors=colour_of(before.colour), linewidths=0.5,
                                       alpha=0.45), autolim=False)


def _draw_box(axes: Any, box: Box, place: int, *, is_paired: bool) -> None:
    """Draw the box and whiskers that are known, and every value; a limit is an open dot."""
    colour = colour_of(box.colour)
    low, first, middle, third, high = box.five
    half = _WIDTH / 2
    if first is not None and third is not None:
        axes.fill_between([place - half, place + half], [first] * 2, [third] * 2, color=colour,
                          alpha=0.13, linewidth=0)
        axes.plot([place - half, place + half, place + half, place - half, place - half],
                  [first, first, third, third, first], color=colour, linewidth=0.8)
        for end, quartile in ((low, first), (high, third)):
            if end is not None:
                axes.plot([place, place], [quartile, end], color=colour, linewidth=0.8)
    if middle is not None:
        axes.plot([place - half, place + half], [middle, middle], color=colour, linewidth=1.8,
                  solid_capstyle="butt")
    spread = 0.0 if is_paired else _SPREAD
    for is_limit in (False, True):
        chosen = [(place + spread * _jitter(number), value)
                  for number, (value, limit) in enumerate(
                      zip(box.values, box.is_limit, strict=True)) if limit is is_limit]
        axes.plot([x for x, _ in chosen], [y for _, y in chosen], linestyle="none", marker="o",
                  markersize=2.6, markerfacecolor=PAPER if is_limit else colour,
                  markeredgecolor=colour, markeredgewidth=0.6, alpha=0.85, clip_on=False)


def _jitter(number: int) -> float:
    """Return where a value stands across its box, from −1 to 1: the golden ratio's multiples."""
    return 2 * ((number * 0.6180339887498949) % 1) - 1


def _levels(panel: Panel) -> list[list[int]]:
    """Return the marks by height over the plot: those that would cross stand over each other."""
    levels: list[list[int]] = []
    for number, (first, last, _, _) in enumerate(panel.marks):
        free = next((level for level in levels if all(
            last < panel.marks[other][0] or first > panel.marks[other][1] for other in level)),
            None)
        if free is None:
            levels.append([number])
        else:
            free.append(number)
    return levels


def _write_marks(axes: Any, panel: Panel) -> None:
    """Write each comparison over a bracket: the stars, and P beside them."""
    for height, level in enumerate(_levels(panel)):
        lifted = 5 + _MARK * height
        for number in level:
            first, last, stars, p = panel.marks[number]
            transform = axes.get_xaxis_transform()
            if last > first:
                y = 1 + lifted / _PLOT
                axes.plot([first, first, last, last], [y - 3 / _PLOT, y, y, y - 3 / _PLOT],
                          transform=transform, color=SOFT, linewidth=0.7, clip_on=False)
            axes.annotate(f"{stars}  {p.text}".strip(), ((first + last) / 2, 1),
                          xycoords=transform, xytext=(0, lifted + 1.5),
                          textcoords="offset points", ha="center", va="bottom",
                          fontsize=_LETTER, color=INK, gid=p.address, annotation_clip=False)
