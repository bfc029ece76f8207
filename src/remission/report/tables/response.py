"""Response: the table of rates after each cycle and at best, and its sentence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from remission.analyses.response import (
    BEST,
    MRD_NEGATIVE,
    NOT_EVALUABLE,
    REMISSION,
    time_name,
)
from remission.analyses.results import ALL, OUTSIDE
from remission.definitions.cohort import Cohort
from remission.definitions.cycle_response import BEST_FIRST
from remission.plan import Response
from remission.report import formats
from remission.report.asking import Asking, Places, live, sentences
from remission.report.parts import Part
from remission.report.spans import Cell, Number, Span, address
from remission.report.table_parts import Head, Row, Table

_LABELS = {REMISSION: "Remission, any kind", MRD_NEGATIVE: "MRD-negative remission",
           NOT_EVALUABLE: "Not evaluable (counted as failure)"}


@dataclass(frozen=True)
class _Setting:
    """What every cell of one table shares."""

    address: str
    asking: Asking[Response]

    @property
    def groups(self) -> tuple[str, ...]:
        rows = self.asking.rows.select(variable="subjects", statistic="n", level="")
        return tuple(row.group for row in rows)

    @property
    def people(self) -> str:
        return str(self.asking.rows.select(variable="subjects", statistic="n")[0].unit)

    @property
    def digits(self) -> int:
        return formats.percent_digits(
            int(row.number) for row in self.asking.rows.select(variable="subjects", level=""))

    @property
    def has_p(self) -> bool:
        return self.asking.analysis.by is not None and self.asking.analysis.test


def parts_of_response(asking: Asking[Response], places: Places) -> Iterator[Part]:
    """Yield the table of response rates."""
    number = places.table()
    setting = _Setting(f"t{number}", asking)
    rows = asking.rows
    heads = [Head(group, Number(f"n = {size.value}", address(setting.address, group, "n"), (size,)))
             for group in setting.groups
             for size in [rows.one(variable="subjects", statistic="n", group=group, level="")]]
    if setting.has_p:
        heads.append(Head("P"))
    times = [*map(time_name, asking.analysis.cycles), *([BEST] if asking.analysis.best else [])]
    by = "" if asking.analysis.by is None else f"by {asking.plan.groups[asking.analysis.by].label}"
    yield Table(
        setting.address, number, asking.analysis.title, by, tuple(heads),
        tuple(row for time in times for row in _rows(setting, time)),
        sentences(*_note(setting)))


def _rows(setting: _Setting, time: str) -> Iterator[Row]:
    empty: tuple[Cell, ...] = ("",) if setting.has_p else ()
    given = tuple(_given(setting, time, group) for group in setting.groups)
    label = "Best of all cycles" if time == BEST else f"After {time}"
    yield Row(f"{label}, {setting.people}", (*given, *empty))
    shown = [what for code, what in BEST_FIRST.items()
             if code != "NE" and _total(setting, time, what)]
    for what in (REMISSION, MRD_NEGATIVE, *shown, NOT_EVALUABLE):
        cells = tuple(_cell(setting, time, what, group) for group in setting.groups)
        yield Row(_LABELS.get(what, what), (
            *cells, *(_p(setting, time, what) if setting.has_p else ())), is_level=True)


def _total(setting: _Setting, time: str, what: str) -> float:
    row = setting.asking.rows.find(statistic="responded", level=f"{time}: {what}", group=ALL)
    return 0.0 if row is None else row.number


def _given(setting: _Setting, time: str, group: str) -> Cell:
    row = setting.asking.rows.one(statistic="given", level=f"{time}: given", group=group)
    return Number(str(row.value), address(setting.address, time, group, "given"), (row,))


def _cell(setting: _Setting, time: str, what: str, group: str) -> Cell:
    found = setting.asking.rows.select(level=f"{time}: {what}", group=group)
    count, percent = found.one(statistic="responded"), found.find(statistic="responded_percent")
    here = address(setting.address, time, what, group)
    if percent is None or count.base is None:
        return Number(formats.EN_DASH, here, (count,))
    low, high = (formats.rounded(found.one(statistic=f"responded_{end}").number, setting.digits)
                 for end in ("lower", "upper"))
    shown = formats.rounded(percent.number, setting.digits)
    return Number(f"{count.value}/{count.base.n} ({shown}; {formats.span(low, high)})", here,
                  (count, *(row for row in found if row is not count)))


def _p(setting: _Setting, time: str, what: str) -> tuple[Cell]:
    row = setting.asking.rows.find(statistic="p", level=f"{time}: {what}")
    if row is None:
        return ("",)
    return (Number(setting.asking.p_value(row), address(setting.address, time, what, "p"), (row,)),)


def _note(setting: _Setting) -> Iterator[tuple[Span, ...]]:
    rows = setting.asking.rows
    yield (f"n/N (%; {setting.asking.analysis.confidence} CI, Clopper–Pearson). N: {setting.people}"
           " given the cycle whose response is known; not evaluable is in N, as a failure.",)
    kinds = dict.fromkeys(row.method.removesuffix(", two-sided")
                          for row in rows.select(statistic="p") if row.value is not None)
    if kinds:
        yield (f"P: {' or '.join(kinds)}, two-sided, not adjusted for multiplicity.",)
    for row in rows.select(statistic="unknown", group=ALL):
        time = row.level.partition(":")[0]
        yield (f"{time.capitalize()}: ", live(
            formats.people(int(row.number), row.unit), row, at=setting.address), f" {row.note}.")
    outside = rows.find(variable="subjects", level=OUTSIDE)
    if outside is not None:
        yield (live(formats.people(int(outside.number), outside.unit), outside,
                    at=setting.address), f" in none of the groups ({outside.note}).")


def sentence_of_response(asking: Asking[Response]) -> Iterator[Span]:
    """Yield how many reached remission after each cycle and at best."""
    setting = _Setting("text", asking)
    times = [*map(time_name, asking.analysis.cycles), *([BEST] if asking.analysis.best else [])]
    told = False
    for time in times:
        found = asking.rows.select(level=f"{time}: {REMISSION}", group=ALL)
        count, percent = found.one(statistic="responded"), found.find(statistic="responded_percent")
        if percent is None or count.base is None:
            continue
        where = "at best" if time == BEST else f"after {time}"
        yield "; " if told else "Remission was found "
        told = True
        low, high = (formats.rounded(found.one(statistic=f"responded_{end}").number, 0)
                     for end in ("lower", "upper"))
        yield f"{where} in "
        yield live(f"{count.value} of {count.base} ({formats.rounded(percent.number, 0)}%, "
                   f"{asking.analysis.confidence} CI {low} to {high})", count, *(
                       row for row in found if row is not count))
        missing = asking.rows.one(
            statistic="responded", level=f"{time}: {NOT_EVALUABLE}", group=ALL)
        if missing.value:
            yield ", "
            yield live(str(missing.value), missing)
            yield " not evaluable"
    yield ". " if told else f"Nobody has a known response ({setting.people}). "


def methods_of_response(_: Asking[Response]) -> Iterator[str]:
    """Yield how response was counted."""
    yield ("Response is counted after each cycle among those given it, and at best among all "
           "treated, with exact (Clopper–Pearson) intervals; who was not evaluable counts as a "
           "failure.")


def say_responded(number: Number, _: Cohort) -> Iterator[str]:
    """Yield how many had the response, with the share and its interval."""
    first = number.results[0]
    where = "" if first.group == ALL else f" in the group {first.group}"
    time, what = first.level.split(": ", maxsplit=1)
    yield f"{first.value} of {first.base}{where}: {what} ({time})."
    by = {row.statistic: row for row in number.results}
    if "responded_lower" in by:
        low, high = (formats.rounded(by[f"responded_{end}"].number, 1)
                     for end in ("lower", "upper"))
        yield (f"{formats.rounded(by['responded_percent'].number, 1)}%, from {low} to {high} "
               f"({by['responded_lower'].method}).")
