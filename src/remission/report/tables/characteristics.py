"""Tables of variables by group: characteristics at a time, and outcomes after transplant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from remission.analyses.characteristics import is_counted
from remission.analyses.results import ALL, OUTSIDE, Result, Results
from remission.definitions.definition import Variable
from remission.definitions.detection import IS_ABOVE, IS_BELOW
from remission.plan import Characteristics, Plan, TransplantOutcomes, VariableChoice
from remission.report import formats
from remission.report.spans import Cell, Number, Span, address
from remission.report.table_parts import Head, Row, Table

_FORM = {
    "auto": "median_range", "median_range": "median_range", "mean_sd": "mean_sd",
    "median_quartiles": "median_quartiles", "n_percent": "n_percent", "every_level": "n_percent",
}
_SHOWN = {
    "median_range": ("median", "minimum", "maximum"),
    "median_quartiles": ("median", "lower_quartile", "upper_quartile"),
    "mean_sd": ("mean", "sd"),
}
_LIMITS = {IS_BELOW: "<", IS_ABOVE: ">"}
"""What stands before a number that is only a limit of what was measured."""
_FORM_WORDS = {
    "median_range": "median [range]",
    "median_quartiles": "median (Q1 to Q3)",
    "mean_sd": "mean ± SD",
}


@dataclass(frozen=True)
class _Setting:
    """What every cell of one table shares."""

    address: str
    results: Results
    groups: tuple[str, ...]
    by: str | None
    digits: int
    people: str
    significance: float
    shows_interval: bool


def table_of_variables(
    results: Results, analysis: Characteristics | TransplantOutcomes, number: int,
    plan: Plan, variables: Mapping[str, Variable],
) -> Table:
    """Return the table of one analysis; ``results`` are the rows of that analysis only."""
    sizes = results.select(variable="subjects", level="")
    groups = tuple(row.group for row in sizes)
    by = None if analysis.by is None else plan.groups[analysis.by].label
    setting = _Setting(
        address=f"t{number}", results=results, groups=groups, by=by,
        digits=formats.percent_digits(int(row.number) for row in sizes),
        people=sizes[0].unit, significance=plan.study.significance,
        shows_interval=analysis.kind == "transplant",
    )
    heads = [Head(row.group, Number(f"n = {row.value}", address(setting.address, row.group, "n"),
                                    (row,))) for row in sizes]
    if by is not None and analysis.test:
        heads.append(Head("P"))
    rows = [Row(row.label, (*row.cells, *[""] * (len(heads) - len(row.cells))), row.is_level)
            for choice in analysis.variables
            for row in _rows(setting, choice, variables[choice.name])]
    return Table(
        address=setting.address, number=number, title=analysis.title,
        subtitle="" if by is None else f"by {by}",
        heads=tuple(heads), rows=tuple(rows),
        note=tuple(span for sentence in _note(setting, analysis, variables)
                   for span in (*sentence, " "))[:-1],
    )


def _rows(setting: _Setting, choice: VariableChoice, variable: Variable) -> Iterator[Row]:
    label = choice.label or label_of(variable, choice)
    if not is_counted(variable, choice):
        cells = _cells(setting, lambda group: _median(setting, choice, variable, group))
        yield Row(label, (*cells, *_p_cell(setting, variable)))
        return
    levels = list(dict.fromkeys(
        row.level for row in setting.results.select(variable=variable.name, statistic="count")))
    if len(levels) == 1 and choice.show != "every_level" and (
            choice.level is not None or variable.kind == "yes_no"):
        cells = _cells(setting, lambda group: _share(setting, variable, levels[0], group))
        yield Row(label, (*cells, *_p_cell(setting, variable)))
        return
    yield Row(label, (*("" for _ in setting.groups), *_p_cell(setting, variable)))
    for level in levels:
        cells = _cells(setting, lambda group, level=level: _share(  # type: ignore[misc]  # its default binds
            setting, variable, level, group))
        yield Row(_level_label(choice, variable, level), tuple(cells), is_level=True)
    unknown = setting.results.select(variable=variable.name, statistic="unknown")
    if unknown:
        yield Row("not known", tuple(_cells(setting, lambda group: _unknown(
            setting, variable, unknown, group))), is_level=True)


def _cells(setting: _Setting, make: Callable[[str], Cell]) -> list[Cell]:
    return [make(group) for group in setting.groups]


def label_of(variable: Variable, choice: VariableChoice) -> str:
    """Return the label of a row that has none in the plan: with its unit, or its one level."""
    if choice.level is not None:
        return f"{variable.label}: {variable.levels.get(choice.level, choice.level)}"
    return variable.label if variable.unit is None else f"{variable.label}, {variable.unit}"


def _level_label(choice: VariableChoice, variable: Variable, level: str) -> str:
    return choice.labels.get(level, variable.levels.get(level, level))


def _share(setting: _Setting, variable: Variable, level: str, group: str) -> Cell:
    """Return ``12 (18)``, or ``12/63 (19)`` where some were not assessed."""
    found = setting.results.select(variable=variable.name, level=level, group=group)
    count, percent = found.one(statistic="count"), found.one(statistic="percent")
    assert count.base is not None, "every count has a base"
    if percent.value is None:
        return Number("–", address(setting.address, variable.name, level, group), (count, percent))
    size = setting.results.one(variable="subjects", statistic="n", group=group, level="").value
    shown = formats.rounded(percent.number, setting.digits)
    text = f"{count.value}" if count.base.n == size and not setting.shows_interval else (
        f"{count.value}/{count.base.n}")
    if setting.shows_interval and group == ALL:
        bounds = (found.one(statistic=bound).number for bound in ("lower", "upper"))
        low, high = (formats.rounded(bound, setting.digits) for bound in bounds)
        shown = f"{shown}; {formats.span(low, high)}"
    return Number(f"{text} ({shown})", address(setting.address, variable.name, level, group),
                  (count, percent, *(row for row in found if row.statistic not in
                                     ("count", "percent"))))


def _median(setting: _Setting, choice: VariableChoice, variable: Variable, group: str) -> Cell:
    found = setting.results.select(variable=variable.name, group=group)
    median = found.one(statistic="median")
    here = address(setting.address, variable.name, group)
    if median.value is None:
        return Number("–", here, (median,))
    digits = choice.digits
    if digits is None:
        every = setting.results.select(variable=variable.name, statistic=("minimum", "maximum"))
        digits = formats.number_digits(row.number for row in every if row.value is not None)

    def text(statistic: str) -> str:
        result = found.one(statistic=statistic)
        if result.value is None:
            return formats.EN_DASH
        value = result.number
        halves = digits == 0 and statistic == "median" and value % 1 == 0.5
        return f"{_LIMITS.get(result.note, '')}{formats.rounded(value, 1 if halves else digits)}"

    form = _FORM[choice.show]
    if form == "mean_sd":
        shown = f"{text('mean')} ± {text('sd')}"
    elif form == "median_quartiles":
        quartiles = formats.span(text("lower_quartile"), text("upper_quartile"))
        shown = f"{text('median')} ({quartiles})"
    else:
        shown = f"{text('median')} [{formats.span(text('minimum'), text('maximum'))}]"
    used = _SHOWN[form]
    rest = tuple(row for row in found if row.statistic not in used)
    return Number(shown, here, (*(found.one(statistic=name) for name in used), *rest))


def _unknown(
    setting: _Setting, variable: Variable, unknown: Results, group: str
) -> Cell:
    row = unknown.find(group=group)
    if row is None:
        return ""
    return Number(str(row.value), address(setting.address, variable.name, "unknown", group), (row,))


def _p_cell(setting: _Setting, variable: Variable) -> tuple[Cell, ...]:
    """Return the P cell, empty tuple when the table has none, ``–`` with its reason otherwise."""
    found = setting.results.select(variable=variable.name, statistic=("p", "p_alternative"))
    if not found:
        return ()
    p: Result = found[0]
    text = "–" if p.value is None else formats.p_value(
        p.number, significance=setting.significance)
    return (Number(text, address(setting.address, variable.name, "P"), tuple(found)),)


def _note(
    setting: _Setting, analysis: Characteristics | TransplantOutcomes,
    variables: Mapping[str, Variable],
) -> Iterator[tuple[Span, ...]]:
    """Yield the sentences of the one note under the table: forms, bases, tests, who is missing."""
    forms = []
    counted = [c for c in analysis.variables if is_counted(variables[c.name], c)]
    measured = [c for c in analysis.variables if not is_counted(variables[c.name], c)]
    if counted and setting.shows_interval:
        forms.append(f"n/N (% of {setting.people} assessed; 95% interval, Wilson, exact at 0 and "
                     "100%)")
    elif counted:
        forms.append(f"n (% of {setting.people})")
    forms.extend(dict.fromkeys(_FORM_WORDS[_FORM[c.show]] for c in measured))
    yield (_join(forms) + ".",)
    if counted and not setting.shows_interval and any(
            setting.results.find(variable=c.name, statistic="unknown") for c in counted):
        yield ("n/N where some were not assessed.",)
    if any(variables[c.name].kind == "day" for c in measured):
        yield (f"Days are those of the {setting.people} who had the event.",)
    if setting.shows_interval and counted:
        yield ("Shares are crude: they do not allow for unequal follow-up.",)
    yield from _known(setting, measured, variables)
    yield from _cautions(setting, analysis.variables, variables)
    yield from _tests(setting)
    outside = setting.results.find(variable="subjects", level=OUTSIDE)
    if outside is not None:
        count = Number(formats.people(int(outside.number), setting.people),
                       address(setting.address, OUTSIDE), (outside,))
        yield (count, f" in none of the groups ({outside.note}).")


def _known(
    setting: _Setting, measured: Sequence[VariableChoice], variables: Mapping[str, Variable]
) -> Iterator[tuple[Span, ...]]:
    """Yield who lacks a number that is shown as a median: its base is smaller than the group."""
    group = ALL if ALL in setting.groups else None
    labels = {choice.name: choice.label or variables[choice.name].label for choice in measured}
    names = Counter(label.split(",")[0] for label in labels.values())
    for choice in measured:
        unknown = setting.results.select(variable=choice.name, statistic="unknown")
        rows = [row for row in unknown if group in (row.group, None)]
        for row in rows:
            where = "" if row.group == ALL else f" in {row.group}"
            count = Number(formats.people(int(row.number), setting.people),
                           address(setting.address, choice.name, "unknown", row.group), (row,))
            name = labels[choice.name].split(",")[0]
            named = name if names[name] == 1 else labels[choice.name].replace(", ", " in ")
            yield (f"{named} is not known for ", count, f"{where}.")


def _cautions(
    setting: _Setting, choices: Sequence[VariableChoice], variables: Mapping[str, Variable]
) -> Iterator[tuple[Span, ...]]:
    """Yield what must be known of single values that are counted nonetheless."""
    for choice in choices:
        for row in setting.results.select(variable=choice.name, statistic="caution"):
            count = Number(formats.people(int(row.number), setting.people),
                           address(setting.address, choice.name, row.level), (row,))
            yield (f"{choice.label or variables[choice.name].label}, ", count, f": {row.note}.")


def _tests(setting: _Setting) -> Iterator[tuple[Span, ...]]:
    used = dict.fromkeys(
        row.method.removesuffix(", two-sided")
        for row in setting.results.select(statistic="p") if row.value is not None)
    if used:
        yield (f"P: {_join(list(used), last='or')}, two-sided, not adjusted for multiplicity.",)


def _join(words: list[str], last: str = "or") -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"
