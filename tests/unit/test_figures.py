"""Drawn figures: every word has its room, no data are covered, and curves end where they end."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import Any

import matplotlib as mpl
import pytest
from matplotlib.text import Text

from remission.analyses.results import ALL, Result
from remission.analyses.survival import ticks
from remission.report.drawn import Figure, Line
from remission.report.figures.curves import draw_curves
from remission.report.figures.lettering import fitted, kept_apart, shortened, width_of
from remission.report.figures.style import (
    PALE,
    PALETTE,
    PNG_DPI,
    as_png,
    as_svg,
    colour_of,
    dash_of,
    settings,
)
from remission.report.spans import Number
from remission.report.table_parts import Table

BANNER = "simulated children, not patients"
SIXTY = "Haploidentical donor with post-transplant cyclophosphamide 60"
ONE_WORD = "Geschwisterspendertransplantationsbehandlungsprotokollnummer"
P = "log-rank P = 0.092"


def line(
    label: str, *steps: tuple[float, float], end: float = 1000.0, few: float | None = None,
    band: float | None = 8.0, start: float = 100.0, censored: tuple[float, ...] = (), n: int = 30,
    limit: float = 1000.0, unit: str = "days",
) -> Line:
    """Return a line that starts at 100 (or ``start``) and goes to each (day, percent)."""
    bounds = [(None, None) if band is None or value == 0 else
              (max(value - band, 0.0), min(value + band, 100.0)) for _, value in steps]
    risk = tuple(Number(str(n), f"f1.{index}.risk", (Result("a", "v", "at_risk", n),))
                 for index in range(len(ticks(limit, unit))))
    drawn = tuple((day, value, *bound) for (day, value), bound in zip(steps, bounds, strict=True))
    return Line(label, ((0.0, start, None, None), *drawn), censored, risk, end, few)


def part(
    *lines: Line, rising: bool = False, test: str = "", limit: float = 1000.0, unit: str = "days",
    y_label: str = "Overall survival, %",
) -> Figure:
    return Figure("f1", 1, "T", "", y_label, f"{unit.capitalize()} from transplant", unit, limit,
                  tuple(ticks(limit, unit)), lines, rising, test,
                  Table("f1.estimates", 0, "", "", (), (), ()), ())


def texts(figure: Any) -> list[Text]:
    """Return every text of a figure that is seen, with its place as printed known."""
    figure.dpi = PNG_DPI
    with settings():
        figure.draw_without_rendering()
    return [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]


def labels(figure: Any) -> list[Text]:
    """Return the names at the line ends, from the highest to the lowest."""
    found = [text for text in texts(figure) if ".label." in str(text.get_gid())]
    return sorted(found, key=lambda text: -text.get_window_extent().y0)


def box_of(text: Text) -> Any:
    return text.get_window_extent().padded(-1)


def many(names: list[str], end: float = 1000.0) -> tuple[Line, ...]:
    return tuple(line(name, (100, 95 - 6 * k), (400, 80 - 9 * k), end=end - 40 * k)
                 for k, name in enumerate(names))


NASTY = {
    "nobody named": part(line(ALL, (200, 80), censored=(300, 400))),
    "one name": part(line("Haploidentical", (200, 80))),
    "short names": part(*many(["R/R", "MRD positive", "Intolerant"]), test=P),
    "long names": part(*many([SIXTY, "Matched sibling donor", "Not known"]), test=P),
    "one long word": part(*many([ONE_WORD, "B"]), test=P),
    "eight": part(*many([f"Protocol {k}" for k in range(8)]), test=P),
    "wider than the paper": part(*many([f"{SIXTY} {ONE_WORD}", "B"])),
    "ten long": part(*many([f"{k} {SIXTY}" for k in range(10)]), test=P),
    "tied": part(*(line(name, (200, 80)) for name in "ABCDE"), test=P),
    "tied at 100": part(*(line(name) for name in "ABCDE"), test=P),
    "tied at 0": part(*(line(name, (20, 0), end=20) for name in "ABCDE"), test=P),
    "odd letters": part(*many(["Costs $5 to $9", "50% or more_x^2", "≥10⁻⁴ KMT2A∷r – Größe",
                               "移植后复发"])),
    "long measure": part(line(ALL, (9, 5), start=0), rising=True,
                         y_label="Cumulative incidence of relapse, second malignancy, graft "
                                 "failure or death without relapse, %"),
    "one child": part(line(ALL, (30, 0), end=30, limit=30), limit=30),
    "nobody followed": part(line("A", end=0, limit=0, censored=(0,)),
                            line("B", (0, 0), end=0, limit=0), limit=0),
    "huge": part(line("Matched", (9, 90), limit=14610, n=1234567),
                 line("Mismatched", (9, 80), limit=14610, n=1234567), limit=14610),
    "ninety days in years": part(line(ALL, (9, 90), limit=90, unit="years", end=90), limit=90,
                                 unit="years"),
}


@pytest.mark.parametrize("name", NASTY)
def test_no_word_is_cut_or_runs_over_another(name: str) -> None:
    figure = draw_curves(NASTY[name], banner=BANNER)
    found = texts(figure)
    for text in found:
        box = box_of(text)
        assert box.x0 >= 0 and box.x1 <= figure.bbox.width, text
        assert box.y0 >= 0 and box.y1 <= figure.bbox.height, text
        assert text.get_fontsize() * 15.5 / 2.54 / 6.6 >= 7, "printed 15.5 cm wide"
    for one, other in combinations(found, 2):
        assert not box_of(one).overlaps(box_of(other)), (one, other)


@pytest.mark.parametrize("name", NASTY)
def test_labels_and_numbers_leave_the_plot_its_room(name: str) -> None:
    figure = draw_curves(NASTY[name], banner=BANNER)
    (axes,) = figure.axes
    assert axes.bbox.width / figure.dpi >= 2.9
    for text in labels(figure):
        assert text.get_window_extent().x0 > axes.bbox.x1
        assert box_of(text).y1 <= axes.bbox.y1 and box_of(text).y0 >= axes.bbox.y0
    shown = [text for text in texts(figure) if str(text.get_gid()).endswith(".risk")]
    assert 4 * len(NASTY[name].lines) <= len(shown)


def test_labels_stand_in_the_order_of_the_ends_and_of_the_lines() -> None:
    figure = draw_curves(part(line("Low", (9, 20)), line("High", (9, 90)), line("First", (9, 50)),
                              line("Second", (9, 50))))
    assert [text.get_text() for text in labels(figure)] == ["High", "First", "Second", "Low"]


def test_a_name_too_long_for_the_margin_is_whole_under_the_axis_and_as_title() -> None:
    figure = draw_curves(part(*many([SIXTY, "B"])))
    assert labels(figure)[0].get_text().endswith("…")
    assert SIXTY in [text.get_text() for text in texts(figure)]
    svg = as_svg(figure)
    assert f'<g id="f1.label.1"><title>{SIXTY}</title>' in svg
    assert svg.count("<title>") == 1


def test_a_name_wider_than_the_paper_is_cut_there_too_and_whole_as_title() -> None:
    endless = f"{SIXTY} and <{ONE_WORD}>"
    svg = as_svg(draw_curves(part(*many([endless, "B"]))))
    assert svg.count(f"<title>{SIXTY} and &lt;{ONE_WORD}&gt;</title>") == 2


def test_a_line_that_ends_early_is_led_to_its_label() -> None:
    led = draw_curves(part(line("A", (9, 60), end=300), line("B", (9, 50)), line("C", (9, 20))))
    paths = [path for collection in led.axes[0].collections
             for path in collection.get_paths() if len(path.vertices) == 2]
    assert len(paths) == 1
    assert paths[0].vertices[0] == pytest.approx((300, 60), abs=10)


@pytest.mark.parametrize(("name", "named"), [(ALL, False), ("", False), ("Haploidentical", True)])
def test_one_group_is_named_where_it_has_a_name(name: str, named: bool) -> None:
    figure = draw_curves(part(line(name, (9, 50))))
    words = [text.get_text() for text in texts(figure)]
    assert words.count(name) == (2 if named else 0)
    assert "Number at risk" in words


def test_text_is_fitted_on_one_line_on_two_or_cut() -> None:
    with settings():
        assert fitted("MRD  positive", 90, 9) == "MRD positive"
        assert fitted("Matched unrelated donor", 90, 9) == "Matched\nunrelated donor"
        cut = fitted(SIXTY, 90, 9)
        assert cut.count("\n") == 1 and cut.endswith("…")
        assert max(width_of(row, 9) for row in cut.split("\n")) <= 90
        assert fitted(ONE_WORD, 90, 9).replace("\n", "")[:20] == ONE_WORD[:20]
        assert shortened(SIXTY, 90, 9).endswith("…") and shortened("B", 90, 9) == "B"
        assert width_of("wide", 9, bold=True) > width_of("wide", 9)


def test_labels_are_moved_only_as_far_as_needed() -> None:
    assert kept_apart([20, 60], [10, 10], 100) == [20, 60]
    assert kept_apart([50, 50], [10, 10], 100) == [45, 55]
    assert kept_apart([0, 100], [10, 10], 100) == [5, 95]
    assert kept_apart([100, 100, 100], [10, 20, 10], 100) == [65, 80, 95]
    crowded = kept_apart([40, 41, 43, 44, 90], [12] * 5, 60)
    assert crowded == [6, 18, 30, 42, 54]


def test_ten_groups_differ_in_colour_or_dash() -> None:
    assert len({(colour_of(k), dash_of(k)) for k in range(10)}) == 10
    assert len({dash_of(k) for k in range(len(PALETTE))}) == len(PALETTE)


def test_settings_of_the_caller_neither_change_nor_matter() -> None:
    drawn = part(*many(["A costs $5 to $9", "B"]), test=P)
    svg, png = as_svg(draw_curves(drawn)), as_png(draw_curves(drawn))
    assert svg.count(">A costs $5 to $9</text>") == 2
    with mpl.rc_context({"axes.grid": True, "font.size": 20, "svg.hashsalt": "other"}):
        before = dict(mpl.rcParams)
        assert as_svg(draw_curves(drawn)) == svg
        assert as_png(draw_curves(drawn)) == png
        assert dict(mpl.rcParams) == before


def test_the_banner_stands_clear_of_the_data() -> None:
    figure = draw_curves(part(line(ALL, (9, 99))), banner=BANNER)
    (banner,) = [text for text in texts(figure) if text.get_text() == BANNER.upper()]
    assert banner.get_window_extent().y0 > figure.axes[0].bbox.y1
    plain = draw_curves(part(line(ALL, (9, 99))))
    assert plain.get_figheight() < figure.get_figheight()


def lines_of(figure: Any) -> list[Any]:
    return [drawn for drawn in figure.axes[0].lines if drawn.get_linestyle() != "None"]


def test_a_survival_curve_falls_to_0_on_the_day_of_the_last_event() -> None:
    (drawn,) = lines_of(draw_curves(part(line(ALL, (100, 50), (200, 0), end=200))))
    corners = list(dict.fromkeys(zip(*drawn.get_data(), strict=True)))
    assert corners == [(0, 100), (100, 100), (100, 50), (200, 50), (200, 0)]
    assert not drawn.get_clip_on()
    assert drawn.get_zorder() > 2.5, "over the axis"


def test_an_incidence_holds_its_last_value_to_its_end() -> None:
    (drawn,) = lines_of(draw_curves(part(line(ALL, (100, 9), end=700, start=0), rising=True)))
    assert drawn.get_xdata()[-1] == 700
    assert drawn.get_ydata()[-1] == 9


@pytest.mark.parametrize(("rising", "level"), [(False, 100.0), (True, 0.0)])
def test_a_group_without_events_is_a_flat_line(rising: bool, level: float) -> None:
    (drawn,) = lines_of(draw_curves(part(line(ALL, start=level), rising=rising)))
    assert set(drawn.get_ydata()) == {level}
    assert set(drawn.get_xdata()) == {0, 1000}


@pytest.mark.parametrize("rising", [False, True])
def test_the_tail_is_pale_with_its_band_and_its_censorings(rising: bool) -> None:
    figure = draw_curves(part(line(ALL, (100, 40), censored=(50, 300, 900), few=500,
                                   start=0 if rising else 100), rising=rising))
    (axes,) = figure.axes
    strengths = [(drawn.get_alpha(), min(drawn.get_xdata())) for drawn in axes.lines]
    assert strengths == [(1, 0), (1, 50), (PALE, 500), (PALE, 900)]
    full, pale = (collection.get_alpha() for collection in axes.collections)
    assert pale == pytest.approx(PALE * full)


def test_a_group_that_is_small_from_the_first_day_is_pale_from_there() -> None:
    (drawn,) = lines_of(draw_curves(part(line(ALL, (100, 50), few=0))))
    assert drawn.get_alpha() == PALE


def test_censorings_stand_on_the_line() -> None:
    drawn = draw_curves(part(line(ALL, (100, 80), (200, 60), censored=(0, 99, 100, 250, 1200))))
    (marks,) = [found for found in drawn.axes[0].lines if found.get_linestyle() == "None"]
    assert list(marks.get_xdata()) == [0, 99, 100, 250]
    assert list(marks.get_ydata()) == [100, 100, 80, 60]


@pytest.mark.parametrize(("highest", "top"), [
    (0, 10), (9, 10), (15, 20), (22, 40), (41, 60), (61, 80), (81, 100), (100, 100)])
def test_the_incidence_axis_ends_at_a_round_number_above_the_data(highest: int, top: int) -> None:
    rising = part(line(ALL, (9, highest), (2000, 100), start=0, band=None), rising=True)
    (axes,) = draw_curves(rising).axes
    assert axes.get_ylim() == (0, top), "what lies after the last day does not count"
    assert all(tick == int(tick) for tick in axes.get_yticks())
    assert axes.get_yticks()[-1] == top


DIAGONAL = tuple((day, 100 - day / 10) for day in range(10, 1000, 10))
CROSSED = (
    line("A", *DIAGONAL, band=None), line("B", (1, 5), band=None), line("C", band=None),
    line("D", (1, 96), band=None))


@pytest.mark.parametrize(("drawn", "side", "low"), [
    (part(line("A", (500, 90)), test=P), "left", True),
    (part(line("A", (9, 2), end=400), test=P), "right", False),
    (part(line("A", (500, 9), start=0), rising=True, test=P), "left", False),
])
def test_the_test_stands_where_no_line_passes(drawn: Figure, side: str, low: bool) -> None:
    figure = draw_curves(drawn)
    (text,) = [text for text in texts(figure) if text.get_text() == P]
    (axes,), box = figure.axes, text.get_window_extent()
    assert (box.x0 + box.x1 < axes.bbox.x0 + axes.bbox.x1) == (side == "left")
    assert (box.y0 + box.y1 < axes.bbox.y0 + axes.bbox.y1) == low
    for curve in lines_of(figure):
        path = curve.get_path().transformed(curve.get_transform())
        assert not path.intersects_bbox(box, filled=False)


def test_the_test_stands_over_the_plot_where_every_corner_is_taken() -> None:
    figure = draw_curves(part(*CROSSED, test=P), banner=BANNER)
    (text,) = [text for text in texts(figure) if text.get_text() == P]
    assert text.get_window_extent().y0 > figure.axes[0].bbox.y1
    assert not any(box_of(text).overlaps(box_of(other))
                   for other in texts(figure) if other is not text)


def test_a_long_curve_is_a_handful_of_shapes() -> None:
    steps = [(float(day), 100 - day / 100) for day in range(1, 4000)]
    drawn = line(ALL, *steps, end=4000, limit=4000, few=3000,
                 censored=tuple(day + 0.5 for day, _ in steps))
    (axes,) = draw_curves(part(drawn, limit=4000)).axes
    assert len(axes.lines) + len(axes.collections) == 6


def test_crowded_ticks_are_thinned_until_numbers_have_room() -> None:
    base = part(line(ALL, (9, 90)))
    days = tuple(float(day) for day in range(0, 1001, 10))
    risk = tuple(Number("12345", f"f1.{day}.risk", ()) for day in days)
    crowded = Figure(**{**vars(base), "ticks": days,
                        "lines": (Line(**{**vars(base.lines[0]), "at_risk": risk}),)})
    boxes = sorted((box_of(text) for text in texts(draw_curves(crowded))
                    if text.get_text() == "12345"), key=lambda box: float(box.x0))
    assert len(boxes) >= 4
    assert all(left.x1 < right.x0 for left, right in pairwise(boxes))
