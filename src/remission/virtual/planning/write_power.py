"""A planned trial → a folder: one self-contained page, the figure, and the numbers as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from remission.own_files import check_folder, index_of, own_files, refuse_strangers, rewritten
from remission.report.figures.sheet import EDGE, PAPER_WIDTH, SMALL
from remission.report.figures.style import (
    SOFT,
    as_png,
    as_svg,
    colour_of,
    dash_of,
    new_figure,
    settings,
)
from remission.virtual.planning import told
from remission.virtual.planning.effects import POPULATION
from remission.virtual.planning.models import ARM
from remission.virtual.planning.power import Planned, Power

_INDEX, PAGE, NUMBERS, FIGURE = "files.json", "power.html", "power.json", "power"
_HEIGHT, _LEFT, _BELOW, _ABOVE = 236.0, 44.0, 38.0, 12.0
_KEY = 118.0
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


def draw_power(planned: Planned) -> Any:
    """Return the drawing of power against the number of children, with its intervals."""
    with settings():
        figure = new_figure(PAPER_WIDTH, _HEIGHT)
        width = PAPER_WIDTH - _LEFT - _KEY - EDGE
        axes = figure.add_axes((
            _LEFT / PAPER_WIDTH, _BELOW / _HEIGHT, width / PAPER_WIDTH,
            (_HEIGHT - _BELOW - _ABOVE) / _HEIGHT))
        sizes = planned.design.sizes
        span = max(sizes[-1] - sizes[0], 20)
        middle = (sizes[-1] + sizes[0]) / 2
        low, high = middle - 0.55 * span, middle + 0.55 * span
        axes.set_xlim(low, high)
        axes.set_ylim(0, 100)
        axes.axhline(100 * told.WANTED, color=SOFT, linewidth=0.7, linestyle=(0, (3, 3)))
        if not planned.design.difference:
            axes.axhline(100 * planned.design.alpha, color=SOFT, linewidth=0.7)
        names = list(dict.fromkeys(
            told.name_of(power) for power in planned.powers if power.of == ARM))
        for place, name in enumerate(names):
            _draw_analysis(axes, [power for power in planned.powers if told.name_of(
                power) == name], place, (place - (len(names) - 1) / 2) * _APART * (high - low))
        _draw_formula(axes, planned)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        axes.set_xticks(sizes, [str(n) for n in sizes])
        axes.tick_params(length=3, width=0.8, pad=3)
        axes.set_xlabel("Children", labelpad=3)
        axes.set_ylabel("Significant trials, %", labelpad=4)
        axes.legend(loc="upper left", bbox_to_anchor=(1.02, 1.0), frameon=False, fontsize=SMALL,
                    handlelength=1.8, borderaxespad=0.0)
    return figure


def _draw_analysis(axes: Any, powers: Sequence[Power], place: int, shift: float) -> None:
    """Draw one analysis: a line through its powers, and the interval of each."""
    xs = [power.n + shift for power in powers]
    ys = [100 * power.power for power in powers]
    below = [100 * (power.power - power.lower) for power in powers]
    above = [100 * (power.upper - power.power) for power in powers]
    axes.plot(xs, ys, color=colour_of(place), linestyle=dash_of(place), linewidth=1.3,
              marker="o", markersize=3.6, label=told.name_of(powers[0]))
    axes.errorbar(xs, ys, yerr=(below, above), fmt="none", ecolor=colour_of(place), elinewidth=0.8)


def _draw_formula(axes: Any, planned: Planned) -> None:
    known = [(power.n, power.formula) for power in planned.powers if power.formula is not None]
    if known:
        axes.plot([n for n, _ in known], [100 * power for _, power in known], linestyle="none",
                  marker="D", markersize=5.5, markerfacecolor="none", markeredgecolor=SOFT,
                  label="formula")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
