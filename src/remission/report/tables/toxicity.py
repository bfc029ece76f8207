"""Harm: the table of grades, the bars, the sentence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from remission.analyses.results import ALL, BANDS, OUTSIDE, Result
from remission.analyses.toxicity import ANY, GRADES, SEVERE
from remission.definitions.cohort import Cohort
from remission.plan import Toxicity
from remission.plan.toxicity import Term
from remission.report import formats
from remission.report.asking import Asking, Places, live, sentences
from remission.report.drawn import Bar, Bars
from remission.report.parts import Part
from remission.report.spans import Cell, Number, Span, address
from remission.report.table_parts import Head, Row, Table


@dataclass(frozen=True)
class _Setting:
    """What every cell of one table shares."""

    address: str
    asking: Asking[Toxicity]

    @property
    def groups(self) -> tuple[str, ...]:
        rows = self.asking.rows.select(statistic="n", level="")
        return tuple(dict.fromkeys(row.group for row in rows))

    @property
    def of(self) -> str:
        """What is counted: cycles, or what the people are called."""
        return str(self.asking.rows.select(statistic="n", level="")[0].unit)

    @property
    def digits(self) -> int:
        return formats.percent_digits(
            int(row.number) for row in self.asking.rows.select(statistic="n", level=""))

    @property
    def has_p(self) -> bool:
        return self.asking.rows.find(statistic="p") is not None

    @property
    def subtitle(self) -> str:
        by = self.asking.analysis.by
        return self.of if by is None else f"{self.of}, by {self.asking.plan.groups[by].label}"

    def label(self, term: Term) -> str:
        """Return what a term is called: as in the plan, else its variable without its grade."""
        if term.label is not None:
            return term.label
        return self.asking.cohort.variables[self.asking.analysis.column(term)].label.partition(
            ", ")[0]


def parts_of_toxicity(asking: Asking[Toxicity], places: Places) -> Iterator[Part]:
    """Yield the table of grades and the figure of bars."""
    number = places.table()
    setting = _Setting(f"t{number}", asking)
    if asking.analysis.bands:
        yield _banded(setting, number)
    else:
        yield _by_grade(setting, number)
    number = places.figure()
    yield _bars(_Setting(f"f{number}", asking), number)


def _by_grade(setting: _Setting, number: int) -> Table:
    asking = setting.asking
    interval = f"n (%; {asking.analysis.confidence} CI)"
    heads = (Head("Graded", setting.of), *(Head(grade, "", "Worst grade") for grade in GRADES),
             Head("Any", interval), Head("≥3", interval))
    rows = tuple(row for term in asking.analysis.terms for row in _rows(setting, term))
    return Table(setting.address, number, asking.analysis.title, setting.subtitle, heads, rows,
                 sentences(*_note(setting)))


def _banded(setting: _Setting, number: int) -> Table:
    """Return the table with a row a band of grades, and the P of each band against the others."""
    heads = [*(Head(group, "n (%)") for group in setting.groups),
             *([Head("P")] if setting.has_p else [])]
    rows = tuple(row for term in setting.asking.analysis.terms for row in _bands_of(setting, term))
    tested = (("P beside a term: all bands together; beside a band: it against the others.",)
              if setting.has_p else ())
    methods = dict.fromkeys(row.method.removesuffix(", two-sided") for row in
                            setting.asking.rows.select(statistic="p") if row.value is not None)
    used = ((f"Tests: {' or '.join(methods)}, two-sided.",) if methods else ())
    return Table(setting.address, number, setting.asking.analysis.title, setting.subtitle,
                 tuple(heads), rows, sentences(*filter(None, (tested, used)), *_note(setting)))


def _bands_of(setting: _Setting, term: Term) -> Iterator[Row]:
    if not term.banded:
        yield Row(setting.label(term), (*(_of_band(setting, term, group, ANY)
                                          for group in setting.groups), *_p(setting, term, ANY)))
        return
    yield Row(setting.label(term), (*("" for _ in setting.groups), *_p(setting, term, BANDS)))
    for band in setting.asking.analysis.bands:
        yield Row(band, (*(_of_band(setting, term, group, band) for group in setting.groups),
                         *_p(setting, term, band)), is_level=True)


def _of_band(setting: _Setting, term: Term, group: str, band: str) -> Cell:
    """Return ``12 (18)``, or ``12/63 (19)`` where some were not graded."""
    found = setting.asking.rows.select(
        variable=setting.asking.analysis.column(term), group=group, level=band)
    count, percent = found.one(statistic="graded"), found.find(statistic="graded_percent")
    here = address(setting.address, term.name, group, band)
    if percent is None:
        return Number(formats.EN_DASH, here, (count,))
    of_all = setting.asking.rows.find(
        variable=setting.asking.analysis.column(term), group=group, statistic="unknown")
    many = f"{count.value}" if of_all is None else f"{count.value}/{count.base and count.base.n}"
    return Number(f"{many} ({formats.rounded(percent.number, setting.digits)})", here,
                  (count, *(row for row in found if row is not count)))


def _p(setting: _Setting, term: Term, level: str) -> tuple[Cell, ...]:
    if not setting.has_p:
        return ()
    found = setting.asking.rows.select(
        variable=setting.asking.analysis.column(term), level=level,
        statistic=("p", "p_alternative"))
    return (Number(setting.asking.p_value(found[0]),
                   address(setting.address, term.name, level, "P"), tuple(found)),)


def _rows(setting: _Setting, term: Term) -> Iterator[Row]:
    if len(setting.groups) == 1:
        yield Row(setting.label(term), _cells(setting, term, ALL))
        return
    yield Row(setting.label(term), ("",) * (len(GRADES) + 3))
    for group in setting.groups:
        yield Row(group, _cells(setting, term, group), is_level=True)


def _cells(setting: _Setting, term: Term, group: str) -> tuple[Cell, ...]:
    found = setting.asking.rows.select(
        variable=setting.asking.analysis.column(term), group=group)
    n = found.one(statistic="n")
    here = setting.address, term.name, group
    counts = [Number(str(row.value), address(*here, row.level), (row,))
              for row in found.select(statistic="graded", level=GRADES)]
    shares = [_share(setting, term, group, level) for level in (ANY, SEVERE)]
    return (Number(str(n.value), address(*here, "n"), (n,)), *counts, *shares)


def _share(setting: _Setting, term: Term, group: str, level: str) -> Number:
    found = setting.asking.rows.select(
        variable=setting.asking.analysis.column(term), group=group, level=level)
    count, percent = found.one(statistic="graded"), found.find(statistic="graded_percent")
    here = address(setting.address, term.name, group, level, "share")
    if percent is None:
        return Number(formats.EN_DASH, here, (count,))
    low, high = (formats.rounded(found.one(statistic=f"graded_{end}").number, setting.digits)
                 for end in ("lower", "upper"))
    shown = formats.rounded(percent.number, setting.digits)
    return Number(f"{count.value} ({shown}; {formats.span(low, high)})", here,
                  (count, *(row for row in found if row is not count)))


def _note(setting: _Setting) -> Iterator[tuple[Span, ...]]:
    rows, analysis = setting.asking.rows, setting.asking.analysis
    what = "The worst grade of each cycle" if analysis.base == "cycles" else (
        f"The worst grade of each of the {setting.of} over all cycles")
    yield (f"{what}; intervals: Clopper–Pearson.",)
    yield from _origins(setting)
    for term in analysis.terms:
        unknown = rows.select(variable=analysis.column(term), statistic="unknown", group=ALL)
        if unknown:
            spans: list[Span] = [f"{setting.label(term)}: not graded "]
            for row in unknown:
                spans += ["; " if len(spans) > 1 else "", live(
                    str(row.value), row, at=setting.address), f" ({row.note})"]
            yield (*spans, ".")
    outside = rows.find(variable="subjects", level=OUTSIDE)
    if outside is not None:
        yield (live(formats.people(int(outside.number), outside.unit), outside,
                    at=setting.address), f" in none of the groups ({outside.note}).")


def _origins(setting: _Setting) -> Iterator[tuple[Span, ...]]:
    """Yield which grades were derived and which the centre reported."""
    rows, analysis = setting.asking.rows, setting.asking.analysis
    for term in analysis.terms:
        own = rows.select(variable=analysis.column(term), group=ALL)
        spans: list[Span] = []
        for statistic, words in (("derived", "derived from measurements or signs"),
                                 ("reported", "as reported by the centre")):
            row = own.find(statistic=statistic)
            if row is not None:
                spans += [", " if spans else f"{setting.label(term)}: ",
                          live(str(row.value), row, at=setting.address), f" {words}"]
        if spans:
            yield (*spans, ".")


def _bars(setting: _Setting, number: int) -> Bars:
    asking = setting.asking
    groups = [group for group in setting.groups if len(setting.groups) == 1 or group != ALL]
    bars = []
    for term in asking.analysis.terms:
        if len(groups) > 1:
            bars.append(Bar(setting.label(term), is_head=True))
        bars += [_bar(setting, term, group, len(groups) > 1) for group in groups]
    return Bars(
        setting.address, number, asking.analysis.title, "",
        x_label=f"{formats.capital(setting.of)} graded, %", names=tuple(
            f"grade {grade}" for grade in GRADES), bars=tuple(bars),
        note=sentences((f"Worst grade, in percent of the {setting.of} that could be graded; "
                        "at the right the number with any grade of those graded.",)))


def _bar(setting: _Setting, term: Term, group: str, is_grouped: bool) -> Bar:
    found = setting.asking.rows.select(
        variable=setting.asking.analysis.column(term), group=group)
    count = found.one(statistic="graded", level=ANY)
    n = found.one(statistic="n")
    parts = tuple(0.0 if row is None else row.number for row in (
        found.find(statistic="graded_percent", level=grade) for grade in GRADES))
    return Bar(group if is_grouped else setting.label(term), parts, Number(
        f"{count.value}/{n.value}", address(setting.address, term.name, group, "n"), (count, n)))


def sentence_of_toxicity(asking: Asking[Toxicity]) -> Iterator[Span]:
    """Yield how often each term came, at any grade and at 3 or more."""
    setting = _Setting("text", asking)
    graded = [(setting.label(term), found) for term in asking.analysis.terms
              if (found := asking.rows.select(variable=asking.analysis.column(term), group=ALL)
                  ).one(statistic="n").value]
    for place, (label, found) in enumerate(graded):
        n = found.one(statistic="n")
        yield f"; {formats.in_sentence(label)}" if place else label
        yield " occurred in "
        some = found.one(statistic="graded", level=ANY)
        percent = found.one(statistic="graded_percent", level=ANY)
        shown = formats.rounded(percent.number, setting.digits)
        yield live(f"{some.value} of {formats.people(int(n.number), n.unit)} ({shown}%)", some,
                   percent)
        severe = found.one(statistic="graded", level=SEVERE)
        if some.value:
            yield ", of grade 3 or more in "
            yield live(str(severe.value), severe)
    if graded:
        yield ". "


def methods_of_toxicity(asking: Asking[Toxicity]) -> Iterator[str]:
    """Yield how harm was counted."""
    base = asking.analysis.base
    yield (f"Harm is counted by its worst grade per {'cycle' if base == 'cycles' else 'patient'}; "
           "what could not be graded is left out of the base; proportions carry exact "
           "(Clopper–Pearson) intervals.")


def say_graded(number: Number, _: Cohort) -> Iterator[str]:
    """Yield how many had the grade, with the share and its interval where they are shown."""
    first = number.results[0]
    level = {ANY: "any grade", SEVERE: "grade 3 or more"}.get(first.level, f"grade {first.level}")
    where = "" if first.group == ALL else f" in the group {first.group}"
    yield f"{first.value} of {first.base}{where} had {level} as the worst."
    by = {row.statistic: row for row in number.results}
    if "graded_lower" in by:
        low, high = (formats.rounded(by[f"graded_{end}"].number, 1) for end in ("lower", "upper"))
        yield (f"{formats.rounded(by['graded_percent'].number, 1)}%, from {low} to {high} "
               f"({by['graded_lower'].method}).")


def say_origin(number: Number, _: Cohort) -> Iterator[str]:
    """Yield how many grades have an origin."""
    first: Result = number.results[0]
    how = "reported by the centre" if first.statistic == "reported" else "derived"
    yield f"{first.value} of {first.base} with a grade of 1 or more that was {how}."
