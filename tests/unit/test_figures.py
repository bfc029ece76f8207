"""Drawn figures: every word has its room, no data are covered, and curves end where they end."""

from __future__ import annotations

import io
import math
from fractions import Fraction
from itertools import combinations, pairwise

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from remission.analyses.results import ALL, Result
from remission.analyses.survival import ticks
from remission.report.drawn import Course, Courses, Figure, Lane, Lanes, Line
from remission.report.figures.draw import draw
from remission.report.figures.lettering import box_of, fitted, kept_apart, shortened, width_of
from remission.report.figures.painted import as_png
from remission.report.figures.paper import Area, Paper, Signs, Stroke, Words
from remission.report.figures.plot import AXIS, Plot, round_ticks
from remission.report.figures.sheet import sheet_of
from remission.report.figures.style import DOT, PALE, PALETTE, colour_of, dash_of, settings
from remission.report.figures.svg import as_svg
from remission.report.figures.words import Room
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


def texts(drawn: Paper) -> list[Words]:
    """Return all words of a figure."""
    return [mark for mark in drawn.marks if isinstance(mark, Words) and mark.text.strip()]


def labels(drawn: Paper) -> list[Words]:
    """Return the names at the line ends, from the highest to the lowest."""
    found = [words for words in texts(drawn) if ".label." in words.address]
    return sorted(found, key=lambda words: -box(words)[1])


def box(words: Words, air: float = 0.0) -> tuple[float, float, float, float]:
    """Return left, bottom, right and top of words, without so much air at each side."""
    with settings():
        left, bottom, right, top = box_of(words)
    return left + air, bottom + air, right - air, top - air


def overlap(one: Words, other: Words) -> bool:
    """Return whether words cover other words, a quarter of a point aside."""
    a, b = box(one, 0.25), box(other, 0.25)
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def plot_of(figure: Figure, banner: str = "") -> Plot:
    """Return the plot of a curve figure, on a sheet of its own."""
    with settings():
        sheet = sheet_of(figure, banner)
        return sheet.plot_on(Paper(1, 1))


def in_values(mark: Stroke | Signs, figure: Figure) -> list[tuple[float, float]]:
    """Return the points of a mark in days and percent."""
    plot = plot_of(figure)
    return [((x - plot.x.begin) / plot.x.room * plot.x.high,
             (y - plot.y.begin) / plot.y.room * plot.y.high) for x, y in mark.points]


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
    drawn = draw(NASTY[name], banner=BANNER)
    for words in texts(drawn):
        left, bottom, right, top = box(words)
        assert left >= 0 and right <= drawn.width, words
        assert bottom >= 0 and top <= drawn.height, words
        assert words.size * 15.5 / 2.54 / 6.6 >= 7, "printed 15.5 cm wide"
    for one, other in combinations(texts(drawn), 2):
        assert not overlap(one, other), (one, other)


@pytest.mark.parametrize("name", NASTY)
def test_labels_and_numbers_leave_the_plot_its_room(name: str) -> None:
    drawn, plot = draw(NASTY[name], banner=BANNER), plot_of(NASTY[name], BANNER)
    assert plot.x.room >= 2.9 * 72
    for words in labels(drawn):
        left, bottom, _, top = box(words)
        assert left > plot.x.end
        assert bottom >= plot.y.begin - 0.25 and top <= plot.y.end + 0.25
    shown = [words for words in texts(drawn) if words.address.endswith(".risk")]
    assert 4 * len(NASTY[name].lines) <= len(shown)


@pytest.mark.parametrize("words", [
    Words(40, 40, "Haploidentical ÅÄ", 9, "#000000", up="center"),
    Words(60, 40, "Matched\nunrelated, gq", 8.5, "#000000", across="center", up="top", bold=True),
    Words(110, 20, "Number at risk", 8.5, "#000000", across="right", up="bottom", italic=True),
    Words(60, 60, "Survival, %", 9, "#000000", across="center", up="bottom", is_turned=True),
    Words(60, 60, "100", 9, "#000000", across="right", up="figures")])
def test_what_is_painted_of_words_lies_in_their_box(words: Words) -> None:
    """Counted from the dots of the picture, which know nothing of the box."""
    sheet = Paper(120, 120)
    sheet.marks.append(words)
    dark = np.asarray(Image.open(io.BytesIO(as_png(sheet))).convert("L")) < 128
    rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    left, right = columns[0] * DOT, (columns[-1] + 1) * DOT
    top, bottom = 120 - rows[0] * DOT, 120 - (rows[-1] + 1) * DOT
    within = box(words)
    assert within[0] - 0.5 <= left and right <= within[2] + 0.5
    assert within[1] - 0.5 <= bottom and top <= within[3] + 0.5
    assert (right - left) * (top - bottom) > 0.5 * (within[2] - within[0]) * (within[3] - within[1])
    if words.up == "figures":
        assert (top + bottom) / 2 == pytest.approx(words.y, abs=DOT)


def test_labels_stand_in_the_order_of_the_ends_and_of_the_lines() -> None:
    drawn = draw(part(line("Low", (9, 20)), line("High", (9, 90)), line("First", (9, 50)),
                      line("Second", (9, 50))))
    assert [words.text for words in labels(drawn)] == ["High", "First", "Second", "Low"]


def test_a_name_too_long_for_the_margin_is_whole_under_the_axis_and_as_title() -> None:
    drawn = draw(part(*many([SIXTY, "B"])))
    assert labels(drawn)[0].text.endswith("…")
    assert SIXTY in [words.text for words in texts(drawn)]
    svg = as_svg(drawn)
    assert f'<g id="f1.label.1">\n<title>{SIXTY}</title>' in svg
    assert svg.count("<title>") == 1


def test_a_name_wider_than_the_paper_is_cut_there_too_and_whole_as_title() -> None:
    endless = f"{SIXTY} and <{ONE_WORD}>"
    svg = as_svg(draw(part(*many([endless, "B"]))))
    assert svg.count(f"<title>{SIXTY} and &lt;{ONE_WORD}&gt;</title>") == 2


def test_a_line_that_ends_early_is_led_to_its_label() -> None:
    figure = part(line("A", (9, 60), end=300), line("B", (9, 50)), line("C", (9, 20)))
    (leader,) = [mark for mark in draw(figure).marks
                 if isinstance(mark, Stroke) and mark.width == 0.7]
    assert in_values(leader, figure)[0] == pytest.approx((300, 60), abs=10)
    assert leader.points[-1][0] < box(labels(draw(figure))[0])[0]


@pytest.mark.parametrize(("name", "named"), [(ALL, False), ("", False), ("Haploidentical", True)])
def test_one_group_is_named_where_it_has_a_name(name: str, named: bool) -> None:
    words = [words.text for words in texts(draw(part(line(name, (9, 50)))))]
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
    svg, png = as_svg(draw(drawn)), as_png(draw(drawn))
    assert svg.count(">A costs $5 to $9</text>") == 2
    with mpl.rc_context({"font.family": "monospace", "font.size": 20, "text.usetex": True,
                         "path.simplify": False, "lines.linewidth": 9}):
        before = dict(mpl.rcParams)
        assert as_svg(draw(drawn)) == svg
        assert as_png(draw(drawn)) == png
        assert dict(mpl.rcParams) == before


def test_the_banner_stands_clear_of_the_data() -> None:
    figure = part(line(ALL, (9, 99)))
    drawn = draw(figure, banner=BANNER)
    (banner,) = [words for words in texts(drawn) if words.text == BANNER.upper()]
    assert box(banner)[1] > plot_of(figure, BANNER).y.end
    assert draw(figure).height < drawn.height


def lines_of(figure: Figure) -> list[Stroke]:
    """Return the curves themselves."""
    return [mark for mark in draw(figure).marks if isinstance(mark, Stroke) and mark.width == 1.5]


def test_a_survival_curve_falls_to_0_on_the_day_of_the_last_event() -> None:
    figure = part(line(ALL, (100, 50), (200, 0), end=200))
    (drawn,) = lines_of(figure)
    corners = list(dict.fromkeys((round(day), round(percent))
                                 for day, percent in in_values(drawn, figure)))
    assert corners == [(0, 100), (100, 100), (100, 50), (200, 50), (200, 0)]
    marks = draw(figure).marks
    axes = [place for place, mark in enumerate(marks)
            if isinstance(mark, Stroke) and mark.width == AXIS]
    assert marks.index(drawn) > max(axes), "over the axis"


def test_an_incidence_holds_its_last_value_to_its_end() -> None:
    figure = part(line(ALL, (100, 9), end=700, start=0), rising=True)
    (drawn,) = lines_of(figure)
    assert in_values(drawn, figure)[-1] == pytest.approx((700, 9))


@pytest.mark.parametrize(("rising", "level"), [(False, 100.0), (True, 0.0)])
def test_a_group_without_events_is_a_flat_line(rising: bool, level: float) -> None:
    figure = part(line(ALL, start=level), rising=rising)
    (drawn,) = lines_of(figure)
    assert {round(percent, 6) for _, percent in in_values(drawn, figure)} == {level}
    assert {round(day, 6) for day, _ in in_values(drawn, figure)} == {0, 1000}


@pytest.mark.parametrize("rising", [False, True])
def test_the_tail_is_pale_with_its_band_and_its_censorings(rising: bool) -> None:
    figure = part(line(ALL, (100, 40), censored=(50, 300, 900), few=500,
                       start=0 if rising else 100), rising=rising)
    marks = draw(figure).marks
    strengths = [(mark.alpha, round(min(day for day, _ in in_values(mark, figure))))
                 for mark in marks if isinstance(mark, Stroke | Signs) and (
                     isinstance(mark, Signs) or mark.width == 1.5)]
    assert strengths == [(1, 0), (1, 50), (PALE, 500), (PALE, 900)]
    full, pale = (mark.alpha for mark in marks if isinstance(mark, Area))
    assert pale == pytest.approx(PALE * full)


def test_a_band_is_filled_between_its_bounds_and_nowhere_else() -> None:
    figure = part(line(ALL, (100, 40), (600, 0)))
    (band,) = [mark for mark in draw(figure).marks if isinstance(mark, Area)]
    plot = plot_of(figure)
    corners = {(round((x - plot.x.begin) / plot.x.room * 1000),
                round((y - plot.y.begin) / plot.y.room * 100)) for x, y in band.corners}
    assert corners == {(100, 32), (600, 32), (600, 48), (100, 48)}


def test_a_group_that_is_small_from_the_first_day_is_pale_from_there() -> None:
    (drawn,) = lines_of(part(line(ALL, (100, 50), few=0)))
    assert drawn.alpha == PALE


def test_censorings_stand_on_the_line() -> None:
    figure = part(line(ALL, (100, 80), (200, 60), censored=(0, 99, 100, 250, 1200)))
    (marks,) = [mark for mark in draw(figure).marks if isinstance(mark, Signs)]
    assert [(round(day), round(percent)) for day, percent in in_values(marks, figure)] == [
        (0, 100), (99, 100), (100, 80), (250, 60)]


@pytest.mark.parametrize(("highest", "top"), [
    (0, 10), (9, 10), (15, 20), (22, 40), (41, 60), (61, 80), (81, 100), (100, 100)])
def test_the_incidence_axis_ends_at_a_round_number_above_the_data(highest: int, top: int) -> None:
    rising = part(line(ALL, (9, highest), (2000, 100), start=0, band=None), rising=True)
    plot = plot_of(rising)
    assert (plot.y.low, plot.y.high) == (0, top), "what lies after the last day does not count"
    ticks = [words for words in texts(draw(rising)) if words.up == "figures"]
    assert all(words.text.isdigit() for words in ticks)
    assert ticks[-1].text == str(top) and ticks[-1].y == pytest.approx(plot.y.end)


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
    (words,) = [words for words in texts(draw(drawn)) if words.text == P]
    plot, (left, bottom, right, top) = plot_of(drawn), box(words)
    assert (left + right < plot.x.begin + plot.x.end) == (side == "left")
    assert (bottom + top < plot.y.begin + plot.y.end) == low
    for curve in lines_of(drawn):
        for one, other in pairwise(curve.points):  # each stretch is level or upright
            assert (max(one[0], other[0]) < left or min(one[0], other[0]) > right
                    or max(one[1], other[1]) < bottom or min(one[1], other[1]) > top)


def test_the_test_stands_over_the_plot_where_every_corner_is_taken() -> None:
    figure = part(*CROSSED, test=P)
    drawn = draw(figure, banner=BANNER)
    (words,) = [words for words in texts(drawn) if words.text == P]
    assert box(words)[1] > plot_of(figure, BANNER).y.end
    assert not any(overlap(words, other) for other in texts(drawn) if other is not words)


def test_a_long_curve_is_a_handful_of_shapes() -> None:
    steps = [(float(day), 100 - day / 100) for day in range(1, 4000)]
    drawn = line(ALL, *steps, end=4000, limit=4000, few=3000,
                 censored=tuple(day + 0.5 for day, _ in steps))
    data = [mark for mark in draw(part(drawn, limit=4000)).marks
            if isinstance(mark, Area | Signs) or (isinstance(mark, Stroke) and mark.width == 1.5)]
    assert len(data) == 6


def test_crowded_ticks_are_thinned_until_numbers_have_room() -> None:
    base = part(line(ALL, (9, 90)))
    days = tuple(float(day) for day in range(0, 1001, 10))
    risk = tuple(Number("12345", f"f1.{day}.risk", ()) for day in days)
    crowded = Figure(**{**vars(base), "ticks": days,
                        "lines": (Line(**{**vars(base.lines[0]), "at_risk": risk}),)})
    boxes = sorted(box(words) for words in texts(draw(crowded)) if words.text == "12345")
    assert len(boxes) >= 4
    assert all(left[2] < right[0] for left, right in pairwise(boxes))


@given(low=st.floats(-1e6, 1e6), room=st.floats(1e-3, 1e6), most=st.integers(2, 10))
@example(low=524288.71875, room=0.001, most=9)
def test_ticks_are_round_evenly_apart_and_few(low: float, room: float, most: int) -> None:
    high = low + room
    ticks = round_ticks(low, high, most)
    air = 1e-6 * room
    # A tick of half a million is held to 6e-11, so that two ticks are no closer known than that.
    resolution = 4 * math.ulp(max(abs(low), abs(high)))
    assert 1 <= len(ticks) <= most + 1
    assert all(low - air <= tick <= high + air for tick in ticks)
    if len(ticks) > 1:
        step = ticks[1] - ticks[0]
        power = 10 ** math.floor(math.log10(step) + 1e-5)
        round_steps = [base * power for base in (1, 2, 2.5, 5, 10)]
        assert min(abs(step - round_step) for round_step in round_steps) < 1e-6 * step + resolution
        assert all(
            later - tick == pytest.approx(step, abs=resolution) for tick, later in pairwise(ticks)
        )


def test_ticks_of_a_known_axis() -> None:
    """Read off by eye: 0 to 34 in at most five steps are tens."""
    assert round_ticks(-1.0, 36.0, 5) == [0, 10, 20, 30]
    assert round_ticks(0.0, 1.2, 5) == pytest.approx([0, 0.25, 0.5, 0.75, 1.0])
    assert round_ticks(3.0, 3.0, 5) == [3.0]


WHOLE = st.integers(-20, 20)


@given(st.tuples(WHOLE, WHOLE), st.tuples(WHOLE, WHOLE))
def test_a_line_meets_a_room_where_one_of_its_points_lies_in_it(
    one: tuple[int, int], other: tuple[int, int]
) -> None:
    """Asked of the line cut in exact thirds of sixtieths, and told apart only off the border."""
    room = Room(-5, -5, 5, 5)
    points = [tuple(Fraction(a) + (b - a) * Fraction(k, 720) for a, b in zip(one, other,
              strict=True)) for k in range(721)]
    if any(max(map(abs, point)) <= 5 for point in points):
        assert room.is_crossed(one, other)
    elif all(max(map(abs, point)) > 5 + Fraction(1, 8) for point in points):
        assert not room.is_crossed(one, other)


def test_a_cohort_that_nobody_followed_is_drawn_all_the_same() -> None:
    label = Number("001", "f1.001", ())
    lane = Lane(label, 0, 0.0, ((0.0, 0.0),), ((0.0, "death"),))
    lanes = Lanes("f1", 1, "T", "", "Months", "months", 0.0, (0.0,), (), ("death",), (lane,), ())
    course = Course("001", 0, ((0.0, 5.0, False),))
    courses = Courses("f2", 2, "T", "", "MRD, %", "Months", "months", 0.0, (0.0,), (), (course,),
                      True, ())
    for part_ in (lanes, courses):
        assert ">0</text>" in as_svg(draw(part_))
        assert as_png(draw(part_)).startswith(b"\x89PNG")
