"""Two moments: tables of paired values and of changes, and their panels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from remission.analyses.before_after import AFTER, BEFORE, CHANGE, TwoMoments
from remission.analyses.results import ALL, OUTSIDE, Result, Results
from remission.plan import BeforeAfter, ChangeBetweenGroups
from remission.plan.before_after import Measure
from remission.report import formats
from remission.report.asking import Asking, Places, live, sentences
from remission.report.drawn import Box, Panel, Panels
from remission.report.parts import Part
from remission.report.spans import Cell, Number, Span, address
from remission.report.table_parts import Head, Row, Table

_MOST_DIGITS = 4
_STARS = ((0.0001, "****"), (0.001, "***"), (0.01, "**"), (0.05, "*"))
_STARS_WORDS = "* P < 0.05, ** P < 0.01, *** P < 0.001, **** P < 0.0001; ns: not below 0.05."


@dataclass(frozen=True)
class Setting:
    """What every cell of one table shares."""

    address: str
    asking: Asking[TwoMoments]

    @property
    def people(self) -> str:
        """What one of those counted is called."""
        return str(self.asking.rows.select(statistic="n", level="")[0].unit)

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups of the analysis, everyone first where they are shown too."""
        rows = self.asking.rows.select(statistic="n", level="")
        return tuple(dict.fromkeys(row.group for row in rows))

    @property
    def groups_apart(self) -> tuple[str, ...]:
        """The groups without everyone, who are one only where there are no groups."""
        groups = self.groups
        return groups if len(groups) == 1 else tuple(name for name in groups if name != ALL)

    def rows(self, measure: Measure) -> Results:
        """Return the results of one measure."""
        found: Results = self.asking.rows.select(variable=self.asking.analysis.pair(measure)[1])
        return found

    def label(self, measure: Measure) -> str:
        """Return what a measure is called: as in the plan, else its variable without the visit."""
        if measure.label is not None:
            return measure.label
        variable = self.asking.cohort.variables[self.asking.analysis.pair(measure)[1]]
        return variable.label.rpartition(",")[0].partition(":")[0] or variable.label.partition(
            ":")[0]

    def digits(self, measure: Measure) -> int:
        """Return the decimals of a measure: as in the plan, else by its size, two below 10."""
        if measure.digits is not None:
            return measure.digits
        sizes = [abs(row.number) for row in self.rows(measure).select(
            statistic="maximum", level=(BEFORE, AFTER)) if row.value is not None]
        largest = max(sizes, default=0.0)
        digits = 2 if largest < 10 else 1 if largest < 100 else 0
        medians = [row.number for row in self.rows(measure).select(
            statistic="median", level=(BEFORE, AFTER)) if row.value]
        while digits < _MOST_DIGITS and any(
                float(formats.rounded(median, digits)) == 0 for median in medians):
            digits += 1
        return digits


def parts_of_before_after(asking: Asking[BeforeAfter], places: Places) -> Iterator[Part]:
    """Yield the table of paired values, and the panels of boxes."""
    setting = Setting(f"t{(number := places.table())}", asking)
    analysis = asking.analysis
    heads = (Head("Pairs"), Head(_headed(analysis.before_label), "median [range]"),
             Head(_headed(analysis.after_label), "median [range]"),
             Head("Change", f"Hodges–Lehmann ({analysis.confidence} CI)"), Head("P"))
    rows = tuple(row for measure in analysis.measures for row in _paired_rows(setting, measure))
    by = "" if analysis.by is None else f"by {asking.plan.groups[analysis.by].label}"
    yield Table(setting.address, number, analysis.title, by, heads, rows,
                sentences(*_note_of_pairs(setting)))
    yield _panels(Setting(f"f{(number := places.figure())}", asking), number)


def parts_of_change(asking: Asking[ChangeBetweenGroups], places: Places) -> Iterator[Part]:
    """Yield the table of changes by group, and the panels of boxes."""
    setting = Setting(f"t{(number := places.table())}", asking)
    analysis, groups = asking.analysis, setting.groups
    heads = [head for group in groups for head in (
        Head("Pairs", "", group), Head("Change", "median [range]", group))]
    has_shift = len(groups) == 2
    if has_shift:
        heads.append(Head("Difference", f"Hodges–Lehmann ({analysis.confidence} CI)"))
    heads.append(Head("P"))
    rows = []
    for measure in analysis.measures:
        found = setting.rows(measure)
        cells = [cell for group in groups for cell in (
            _count(setting, measure, group), _median(setting, measure, group, CHANGE))]
        by = asking.plan.groups[analysis.by].label
        if has_shift:
            cells.append(_shift(setting, measure, by))
        cells.append(_p(setting, found.select(group=by, statistic=("p", "p_alternative")), measure))
        rows.append(Row(with_unit(setting, measure), tuple(cells)))
    yield Table(setting.address, number, analysis.title,
                f"by {asking.plan.groups[analysis.by].label}", tuple(heads), tuple(rows),
                sentences(*_note_of_changes(setting)))
    yield _panels(Setting(f"f{(number := places.figure())}", asking), number)


def _headed(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}"


def with_unit(setting: Setting, measure: Measure) -> str:
    """Return what a measure is called, with its unit."""
    unit = setting.rows(measure).select(statistic="median")[0].unit
    return f"{setting.label(measure)}, {formats.unit_in_print(unit)}" if unit else (
        setting.label(measure))


def names_apart(setting: Setting) -> Mapping[Measure, str]:
    """Return what measures are called in a sentence: with the unit where a name is there twice."""
    measures = setting.asking.analysis.measures
    labels = Counter(map(setting.label, measures))
    return {measure: formats.in_sentence(
        setting.label(measure) if labels[setting.label(measure)] == 1
        else with_unit(setting, measure).replace(", ", " in ")) for measure in measures}


def _paired_rows(setting: Setting, measure: Measure) -> Iterator[Row]:
    groups = setting.groups
    label = with_unit(setting, measure)
    if len(groups) == 1:
        yield Row(label, tuple(_paired_cells(setting, measure, groups[0])))
        return
    yield Row(label, ("",) * 5)
    for group in groups:
        yield Row(group, tuple(_paired_cells(setting, measure, group)), is_level=True)


def _paired_cells(setting: Setting, measure: Measure, group: str) -> Iterator[Cell]:
    yield _count(setting, measure, group)
    for moment in (BEFORE, AFTER):
        yield _median(setting, measure, group, moment)
    yield _shift(setting, measure, group)
    found = setting.rows(measure).select(group=group)
    yield _p(setting, found.select(statistic=("paired_p", "paired_p_alternative")), measure)


def _count(setting: Setting, measure: Measure, group: str) -> Cell:
    row = setting.rows(measure).one(statistic="n", group=group)
    return Number(str(row.value), address(setting.address, measure.name, group, "n"), (row,))


def _median(setting: Setting, measure: Measure, group: str, moment: str) -> Cell:
    found = setting.rows(measure).select(group=group, level=moment)
    median = found.one(statistic="median")
    here = address(setting.address, measure.name, moment, group)
    if median.value is None and not median.base:
        return Number(formats.EN_DASH, here, (median,))
    low, high = found.find(statistic="minimum"), found.find(statistic="maximum")
    if low is None or high is None:
        return Number(formats.EN_DASH, here, (median,))
    texts = [_value(setting, measure, row) for row in (median, low, high)]
    return Number(f"{texts[0]} [{formats.span(texts[1], texts[2])}]".replace("-", "−"), here,
                  (median, low, high))


def _value(setting: Setting, measure: Measure, row: Result) -> str:
    """Return a number, or the bound of one that rests on a limit of detection: ``<2.4``."""
    if row.value is not None:
        return formats.rounded(row.number, setting.digits(measure))
    sign, _, bound = row.note.partition(" ")
    return f"{sign}{formats.rounded(float(bound), setting.digits(measure))}"


def _shift(setting: Setting, measure: Measure, group: str) -> Cell:
    found = setting.rows(measure).select(group=group)
    rows = [found.find(statistic=name) for name in ("shift", "shift_lower", "shift_upper")]
    shift, lower, upper = rows
    if shift is None or lower is None or upper is None or shift.value is None:
        return ""
    here = address(setting.address, measure.name, group, "shift")
    digits = setting.digits(measure)
    text = formats.rounded(shift.number, digits).replace("-", "−")
    if lower.value is not None and upper.value is not None:
        bounds = formats.span(formats.rounded(lower.number, digits),
                              formats.rounded(upper.number, digits))
        text = f"{text} ({bounds})"
    return Number(text, here, (shift, lower, upper))


def _p(setting: Setting, found: Results, measure: Measure) -> Cell:
    if not found:
        return ""
    first: Result = found[0]
    return Number(setting.asking.p_value(first),
                  address(setting.address, measure.name, first.group, "p"), tuple(found))


def _note_of_pairs(setting: Setting) -> Iterator[tuple[Span, ...]]:
    rows = setting.asking.rows
    tested = next((row for row in rows.select(statistic="paired_p") if row.value is not None), None)
    yield (f"Pairs: {setting.people} with both values.",)
    if tested is not None:
        conventions = tested.method.partition("; ")[2]
        kinds = " or ".join(dict.fromkeys(
            row.method.partition(", two-sided")[0] for row in rows.select(statistic="paired_p")
            if row.value is not None))
        yield (f"P: {kinds}, two-sided, not adjusted for multiplicity ({conventions}).",)
        yield ("Change: the pseudo-median of the differences, which need not be the difference of "
               "the medians.",)
    yield from _note_of_both(setting)
    for row in rows.select(statistic="paired_p"):
        if row.value is None:
            yield (f"Not tested, {_measure_of(setting, row)}: {formats.in_sentence(row.note)}",)


def _note_of_changes(setting: Setting) -> Iterator[tuple[Span, ...]]:
    rows = setting.asking.rows
    yield (f"Change: {setting.asking.analysis.after_label} less "
           f"{setting.asking.analysis.before_label}, of {setting.people} with both values.",)
    kinds = list(dict.fromkeys(row.method.removesuffix(", two-sided")
                               for row in rows.select(statistic="p") if row.value is not None))
    if kinds:
        yield (f"P: {' or '.join(kinds)}, two-sided, not adjusted for multiplicity.",)
    yield from _note_of_both(setting)


def _measure_of(setting: Setting, row: Result) -> str:
    return next(name for measure, name in names_apart(setting).items()
                if setting.asking.analysis.pair(measure)[1] == row.variable)


def _note_of_both(setting: Setting) -> Iterator[tuple[Span, ...]]:
    """Yield who is missing, and where limits of detection stand for values."""
    rows = setting.asking.rows
    first = ALL if ALL in setting.groups else None
    for statistic, after in (
            ("unknown", " without one of the values"),
            ("limits", " with a value beyond a limit of detection, which stands at the limit (<)")):
        found = [row for row in rows.select(statistic=statistic) if first in (row.group, None)]
        spans: list[Span] = []
        for row in found:
            where = "" if row.group == ALL else f" in {row.group}"
            spans += ["; " if spans else "", f"{_measure_of(setting, row)}{where} ",
                      live(str(row.value), row, at=setting.address)]
        if spans:
            yield (f"{formats.capital(setting.people)}{after}: ", *spans, ".")
    outside = rows.find(variable="subjects", level=OUTSIDE)
    if outside is not None:
        count = live(formats.people(int(outside.number), setting.people), outside,
                     at=setting.address)
        yield (count, f" in none of the groups ({outside.note}).")


def _panels(setting: Setting, number: int) -> Panels:
    """Return the figure: a panel each measure; groups side by side where there are some."""
    asking = setting.asking
    analysis = asking.analysis
    groups = setting.groups_apart
    is_paired = isinstance(analysis, BeforeAfter)
    panels = tuple(_panel(setting, measure, groups) for measure in analysis.measures)
    names = groups if is_paired and len(groups) > 1 else ()
    drawn = "Lines join the two values of a child. " if is_paired else ""
    boxes = [box for panel in panels for box in panel.boxes]
    if any(any(box.is_limit) for box in boxes):
        drawn += "Open dots are limits of detection. "
    if any(None in box.five for box in boxes if box.values):
        drawn += "A quartile or median below the limit is not drawn. "
    return Panels(
        setting.address, number, analysis.title, "", panels, names,
        sentences((f"Boxes: quartiles and median; whiskers: range; dots: every value. {drawn}"
                   "The axis is logarithmic where all values are above 0 and the largest is more "
                   "than 50 times the smallest.",), (_STARS_WORDS,)))


def _panel(setting: Setting, measure: Measure, groups: Sequence[str]) -> Panel:
    analysis = setting.asking.analysis
    found = setting.rows(measure)
    marks: tuple[tuple[int, int, str, Number], ...] = ()
    unit = formats.unit_in_print(found.select(statistic="median")[0].unit)
    if isinstance(analysis, ChangeBetweenGroups):
        boxes = tuple(_box(found, group, CHANGE, group, place)
                      for place, group in enumerate(groups))
        p = found.find(group=setting.asking.plan.groups[analysis.by].label, statistic="p")
        if p is not None and p.value is not None:
            marks = ((0, len(boxes) - 1, _stars(p.number), _p_number(setting, measure, p)),)
        return Panel(setting.label(measure), unit, boxes, False, marks)
    labels = {BEFORE: analysis.before_label, AFTER: analysis.after_label}
    boxes = tuple(_box(found, group, moment, labels[moment], place)
                  for place, group in enumerate(groups) for moment in (BEFORE, AFTER))
    tests = [found.find(group=group, statistic="paired_p") for group in groups]
    marks = tuple((2 * place, 2 * place + 1, _stars(p.number), _p_number(setting, measure, p))
                  for place, p in enumerate(tests) if p is not None and p.value is not None)
    return Panel(setting.label(measure), unit, boxes, True, marks)


def _box(found: Results, group: str, moment: str, label: str, colour: int) -> Box:
    own = found.select(group=group, level=moment)
    five = [own.find(statistic=name) for name in (
        "minimum", "lower_quartile", "median", "upper_quartile", "maximum")]
    values = found.select(group=group, statistic="value")
    if moment == CHANGE:
        before, after = (values.select(level=level) for level in (BEFORE, AFTER))
        drawn = tuple(two.number - one.number for one, two in zip(before, after, strict=True))
        limits = (False,) * len(drawn)
    else:
        rows = values.select(level=moment)
        drawn = tuple(row.number for row in rows)
        limits = tuple(bool(row.note) for row in rows)
    return Box(label, colour, drawn, limits, tuple(
        None if row is None or row.value is None else row.number for row in five))


def _stars(p: float) -> str:
    return next((stars for limit, stars in _STARS if p < limit), "ns")


def _p_number(setting: Setting, measure: Measure, p: Result) -> Number:
    return Number(setting.asking.p_statement(p),
                  address(setting.address, measure.name, p.group, "p"), (p,))
