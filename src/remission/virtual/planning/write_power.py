"""A planned trial → a folder: one self-contained page, the figure, and the numbers as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from remission.own_files import check_folder, index_of, own_files, refuse_strangers, rewritten
from remission.report.figures.lettering import fitted
from remission.report.figures.painted import as_png
from remission.report.figures.paper import PAPER_WIDTH, SMALL, Paper
from remission.report.figures.plot import Plot, Scale
from remission.report.figures.sheet import EDGE
from remission.report.figures.style import SOFT, colour_of, dash_of, settings
from remission.report.figures.svg import as_svg
from remission.virtual.planning import told
from remission.virtual.planning.effects import POPULATION
from remission.virtual.planning.models import ARM
from remission.virtual.planning.power import Planned, Power

_INDEX, PAGE, NUMBERS, FIGURE = "files.json", "power.html", "power.json", "power"
_HEIGHT, _LEFT, _BELOW, _ABOVE = 236.0, 44.0, 38.0, 12.0
_KEY, _KEY_ROW, _KEY_LINE, _KEY_GAP = 118.0, 15.0, 15.0, 6.0
_LINE, _DOT, _FORMULA, _DIAMOND = 1.3, 3.6, "D", 5.5
_APART = 0.012
"""How far the marks of two analyses stand apart at one number, of the width of the axis."""


def check_target(folder: Path) -> set[str]:
    """Return which files of a folder an earlier run wrote.

    Raises :class:`~remission.errors.OutputError` where somebody else's files stand.
    """
    folder = folder.resolve()
    check_folder(folder)
    own = own_files(folder, _INDEX)
    refuse_strangers(folder, own)
    return own


def write_power(planned: Planned, folder: Path) -> list[Path]:
    """Write the page, the figure (SVG and PNG) and the numbers; return the files.

    Raises :class:`~remission.errors.OutputError` where somebody else's files stand.
    """
    folder = folder.resolve()
    drawn = draw_power(planned)
    svg = as_svg(drawn)
    with rewritten(folder, lambda: check_target(folder)) as staged:
        _write(staged / PAGE, power_html(planned, svg))
        _write(staged / f"{FIGURE}.svg", svg)
        (staged / f"{FIGURE}.png").write_bytes(as_png(drawn))
        _write(staged / NUMBERS, _json(told.as_dict(planned)))
        names = [_INDEX, *(path.name for path in staged.iterdir())]
        _write(staged / _INDEX, _json(index_of(names)))
    return [folder / name for name in sorted(names)]


def power_html(planned: Planned, svg: str) -> str:
    """Return the page, with the figure inside."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    folder = files("remission.virtual") / "planning" / "page"
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True,
                              lstrip_blocks=True)
    template = environment.from_string((folder / PAGE).read_text("utf-8"))
    style = (files("remission.report") / "page" / "report.css").read_text("utf-8")
    estimates = [power for power in planned.powers if power.quantity]
    return template.render(
        title=told.of_design(planned), planned=planned, conclusion=told.conclusion(planned),
        figure=Markup(svg[svg.index("<svg"):]),
        table=lambda heads, rows: Markup(_table(heads, rows)),
        power_columns=("n", *told.POWER_COLUMNS),
        power_rows=[(str(power.n), *told.power_cells(power)) for power in planned.powers],
        estimate_columns=told.ESTIMATE_COLUMNS,
        estimate_rows=[told.estimate_cells(power) for power in estimates],
        notes=told.notes(planned), effect=told.of_effect(planned), style=Markup(style),
        colophon=f"Made by remission power: {planned.design.replicates:,} virtual trials of each "
                 f"size, seed {planned.design.seed}. The truth is that of {POPULATION:,} "
                 "children of each arm.")


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table of the page; the analysis stands in front, as the head of its row."""
    place = list(heads).index("Analysis")

    def ordered(cells: Sequence[str]) -> list[str]:
        return [escape(cells[place]), *(escape(cell) for number, cell in enumerate(cells)
                                        if number != place)]

    head = "<td></td>" + "".join(
        f'<th scope="col">{cell}</th>' for cell in ordered(heads)[1:])
    body = "".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>'
        for first, *rest in map(ordered, rows))
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def draw_power(planned: Planned) -> Paper:
    """Return the drawing of power against the number of children, with its intervals."""
    with settings():
        paper = Paper(PAPER_WIDTH, _HEIGHT)
        sizes = planned.design.sizes
        span = max(sizes[-1] - sizes[0], 20)
        middle = (sizes[-1] + sizes[0]) / 2
        low, high = middle - 0.55 * span, middle + 0.55 * span
        plot = Plot(paper, Scale(low, high, _LEFT, PAPER_WIDTH - _LEFT - _KEY - EDGE),
                    Scale(0, 100, _BELOW, _HEIGHT - _BELOW - _ABOVE))
        plot.line([(low, 100 * told.WANTED), (high, 100 * told.WANTED)], SOFT, 0.7, dash=(3, 3))
        if not planned.design.difference:
            alpha = 100 * planned.design.alpha
            plot.line([(low, alpha), (high, alpha)], SOFT, 0.7)
        names = list(dict.fromkeys(
            told.name_of(power) for power in planned.powers if power.of == ARM))
        for place, name in enumerate(names):
            _draw_analysis(plot, [power for power in planned.powers if told.name_of(
                power) == name], place, (place - (len(names) - 1) / 2) * _APART * (high - low))
        _draw_key(plot, names, has_formula=_draw_formula(plot, planned))
        plot.bottom_axis(sizes, [str(n) for n in sizes], "Children")
        percents = range(0, 101, 20)
        plot.left_axis(percents, [str(percent) for percent in percents],
                       "Significant trials, %")
    return paper


def _draw_analysis(plot: Plot, powers: Sequence[Power], place: int, shift: float) -> None:
    """Draw one analysis: a line through its powers, and the interval of each."""
    colour = colour_of(place)
    points = [(power.n + shift, 100 * power.power) for power in powers]
    for (x, _), power in zip(points, powers, strict=True):
        plot.line([(x, 100 * power.lower), (x, 100 * power.upper)], colour, 0.8)
    plot.line(points, colour, _LINE, dash=dash_of(place))
    plot.signs(points, "o", _DOT, colour)


def _draw_formula(plot: Plot, planned: Planned) -> bool:
    """Draw the power of a formula where it is known; return whether it is."""
    known = [(power.n, 100 * power.formula) for power in planned.powers
             if power.formula is not None]
    plot.signs(known, _FORMULA, _DIAMOND, "", edge=SOFT)
    return bool(known)


def _draw_key(plot: Plot, names: Sequence[str], *, has_formula: bool) -> None:
    """Write which line is which analysis, at the right of the plot."""
    paper, left = plot.paper, plot.x.end + _KEY_GAP
    right, y = left + _KEY_LINE, plot.y.end - _KEY_ROW / 2
    for place, name in enumerate(names):
        paper.line([(left, y), (right, y)], colour_of(place), _LINE, dash=dash_of(place))
        paper.signs([((left + right) / 2, y)], "o", _DOT, colour_of(place))
        paper.write(right + _KEY_GAP, y, fitted(name, _KEY - _KEY_LINE - 2 * _KEY_GAP, SMALL),
                    SMALL, up="center", title=name)
        y -= _KEY_ROW
    if has_formula:
        paper.signs([((left + right) / 2, y)], _FORMULA, _DIAMOND, "", edge=SOFT)
        paper.write(right + _KEY_GAP, y, "formula", SMALL, up="center")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
