"""Single cases side by side: one row a case."""

from __future__ import annotations

from collections.abc import Iterator

from remission.analyses.coding import COUNTED
from remission.analyses.results import ALL, OUTSIDE, Result
from remission.definitions.cohort import Cohort
from remission.definitions.detection import IS_ABOVE, IS_BELOW
from remission.plan import Cases
from remission.plan.cases import Shown
from remission.report import formats
from remission.report.asking import Asking, Places, live, sentences
from remission.report.parts import Part
from remission.report.spans import Cell, Number, Span, address
from remission.report.table_parts import Head, Row, Table

_MOST_ACROSS = 9
"""Variables side by side that a page holds; with more of them each case is a column."""
_BEYOND = {IS_BELOW: "<", IS_ABOVE: ">"}


def parts_of_cases(asking: Asking[Cases], places: Places) -> Iterator[Part]:
    """Yield the table: a row for each case, a column for each variable."""
    number = places.table()
    here = f"t{number}"
    names = tuple(dict.fromkeys(row.group for row in asking.rows.select(statistic="value")))
    across = len(asking.analysis.shown) > _MOST_ACROSS and len(names) < len(asking.analysis.shown)
    heads, rows = (_cases_across if across else _cases_down)(asking, names, here)
    everyone = asking.rows.one(variable="subjects", statistic="n", group=ALL)
    yield Table(here, number, asking.analysis.title, "", heads,
                rows or (Row("none", ("",) * len(heads)),),
                sentences(*_note(asking, everyone, here)))


def _cases_down(
    asking: Asking[Cases], names: tuple[str, ...], here: str
) -> tuple[tuple[Head, ...], tuple[Row, ...]]:
    """Return heads and rows with a row for each case."""
    shown = asking.analysis.shown
    heads = tuple(Head(_label(asking, one), _unit(asking, one), one.over,
                       is_text=_is_words(asking, one)) for one in shown)
    return heads, tuple(Row(formats.capital(name), tuple(
        _cell(asking, one, name, here) for one in shown)) for name in names)


def _cases_across(
    asking: Asking[Cases], names: tuple[str, ...], here: str
) -> tuple[tuple[Head, ...], tuple[Row, ...]]:
    """Return heads and rows with a column for each case: where many variables are shown."""
    rows = []
    over = ""
    for one in asking.analysis.shown:
        unit = _unit(asking, one)
        if one.over and one.over != over:
            rows.append(Row(f"{one.over}, {unit}" if unit else one.over, ("",) * len(names)))
        over = one.over
        label = _label(asking, one) if over or not unit else f"{_label(asking, one)}, {unit}"
        rows.append(Row(label, tuple(_cell(asking, one, name, here) for name in names),
                        is_level=bool(over)))
    return tuple(Head(formats.capital(name)) for name in names), tuple(rows)


def _label(asking: Asking[Cases], one: Shown) -> str:
    return one.label or asking.cohort.variables[one.name].label


def _unit(asking: Asking[Cases], one: Shown) -> str:
    return formats.unit_in_print(one.unit or asking.cohort.variables[one.name].unit or "")


def _is_words(asking: Asking[Cases], one: Shown) -> bool:
    return asking.cohort.variables[one.name].kind in COUNTED


def _cell(asking: Asking[Cases], one: Shown, case: str, here: str) -> Cell:
    row = asking.rows.one(variable=one.name, statistic="value", group=case)
    if row.value is None:
        return Number(formats.EN_DASH, address(here, one.name, case), (row,))
    if isinstance(row.value, str):
        return Number(row.value, address(here, one.name, case), (row,))
    return Number(_text(asking, one, row), address(here, one.name, case), (row,))


def _text(asking: Asking[Cases], one: Shown, row: Result) -> str:
    digits = one.digits
    if digits is None:
        every = [other.number for other in asking.rows.select(variable=one.name, statistic="value")
                 if other.value is not None]
        digits = formats.number_digits(every)
    return f"{_BEYOND.get(row.note, '')}{formats.rounded(row.number, digits)}"


def _note(
    asking: Asking[Cases], everyone: Result, here: str
) -> Iterator[tuple[Span, ...]]:
    count = live(formats.people(int(everyone.number), everyone.unit), everyone, at=here)
    yield (count, "; a dash stands where nothing is known, or nothing was.")
    left = asking.rows.find(variable="subjects", level=OUTSIDE)
    if left is not None:
        yield ("Left out: ", live(formats.people(int(left.number), left.unit), left, at=here),
               " of whom there is nothing to show.")


def say_value(number: Number, cohort: Cohort) -> Iterator[str]:
    """Yield the value of one case."""
    row = number.results[0]
    label = cohort.variables[row.variable].label
    if row.value is None:
        yield f"{label}: {row.note}."
        return
    shown = row.value if isinstance(row.value, str) else (
        f"{formats.rounded(row.number, 4).rstrip('0').rstrip('.')} {row.unit}".rstrip())
    yield f"{label}: {shown}{f' ({row.note})' if row.note else ''}."
