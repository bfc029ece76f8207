"""Risk factors: the table of univariate and multivariable ratios, and the forest plot."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from remission.analyses.coding import CodedFactor, coded_factor
from remission.analyses.results import Result, Results
from remission.analyses.risk_factors import MULTIVARIABLE, RATIOS, UNIVARIATE
from remission.definitions.cohort import Cohort
from remission.definitions.endpoints import origin_of
from remission.plan import RiskFactors
from remission.report import formats
from remission.report.asking import Asking, Places, live, sentences
from remission.report.drawn import Forest, ForestRow
from remission.report.parts import Part
from remission.report.spans import Cell, Number, Span, address
from remission.report.table_parts import Head, Row, Table

SHORT = {"odds": "OR", "hazard": "HR", "subdistribution": "sHR"}
"""How each ratio is abbreviated."""
_SECOND = {"odds": "Firth", "hazard": "Firth", "subdistribution": "cause-specific"}
_SECOND_ROW = {"Firth": "penalised (Firth)", "cause-specific": "cause-specific HR"}


@dataclass(frozen=True)
class _Setting:
    """What every cell of one table of risk factors shares."""

    address: str
    asking: Asking[RiskFactors]
    factors: tuple[CodedFactor, ...]

    @property
    def rows(self) -> Results:
        return self.asking.rows

    @property
    def kind(self) -> str:
        """Which ratio it is: odds, hazard or subdistribution."""
        return kind_of_ratio(self.asking.analysis, self.asking.cohort)

    @property
    def second(self) -> str:
        """The estimator that stands under the first."""
        return _SECOND[self.kind]

    @property
    def groups(self) -> tuple[str, ...]:
        """The models of the table."""
        has_joint = self.rows.find(group=MULTIVARIABLE, statistic="ratio") is not None
        return (UNIVARIATE, MULTIVARIABLE) if has_joint else (UNIVARIATE,)

    def holds(self, factor: CodedFactor, group: str) -> bool:
        """Whether a model holds a factor."""
        return self.rows.find(variable=factor.name, group=group, statistic="ratio") is not None

    @property
    def people(self) -> str:
        return str(self.rows.select(statistic="n")[0].unit)


def kind_of_ratio(analysis: RiskFactors, cohort: Cohort) -> str:
    """Return which ratio an analysis gives: odds, hazard or subdistribution."""
    if analysis.endpoint is None:
        return "odds"
    has_competing = bool(cohort.plan.endpoints[analysis.endpoint].competing)
    return "subdistribution" if has_competing else "hazard"


def outcome_in_words(analysis: RiskFactors, cohort: Cohort) -> str:
    """Return what the ratios are about, its direction with it: ``remission reached: no``."""
    if analysis.endpoint is not None:
        return formats.in_sentence(cohort.plan.endpoints[analysis.endpoint].label)
    assert analysis.outcome is not None, "the plan has either an outcome or an endpoint"
    variable = cohort.variables[analysis.outcome]
    level = variable.levels.get(str(analysis.event), str(analysis.event))
    return f"{formats.in_sentence(variable.label)}: {level}"


def parts_of_risk_factors(asking: Asking[RiskFactors], places: Places) -> Iterator[Part]:
    """Yield the table of an analysis of risk factors, and its forest plot."""
    known = [place for place, subject in enumerate(asking.cohort.study.subjects)
             if subject in set(asking.rows.select(statistic="n")[0].subjects)]
    factors = tuple(_in_print(coded_factor(asking.cohort, factor, known))
                    for factor in asking.analysis.factors)
    number = places.table()
    setting = _Setting(f"t{number}", asking, factors)
    yield _table(setting, number)
    number = places.figure()
    yield _forest(_Setting(f"f{number}", asking, factors), number)


def _in_print(factor: CodedFactor) -> CodedFactor:
    """Return a factor with the units in its labels as they are printed."""
    return replace(factor, label=formats.unit_in_print(factor.label), levels={
        level: formats.unit_in_print(label) for level, label in factor.levels.items()})


def _table(setting: _Setting, number: int) -> Table:
    analysis, short = setting.asking.analysis, SHORT[setting.kind]
    heads = [Head(formats.capital(setting.people)), Head("Events")]
    for group in setting.groups:
        over = group.capitalize() if len(setting.groups) > 1 else ""
        heads += [Head(short, f"{analysis.confidence} CI", over), Head("P", "", over)]
    rows = [row for factor in setting.factors for row in _rows(setting, factor)]
    return Table(
        setting.address, number, analysis.title,
        outcome_in_words(analysis, setting.asking.cohort), tuple(heads), tuple(rows),
        sentences(*_note(setting)))


def _rows(setting: _Setting, factor: CodedFactor) -> Iterator[Row]:
    if factor.is_number:
        yield Row(factor.label, (*_counts(setting, factor, ""), *_models(setting, factor, "")))
        yield from _second(setting, factor, "")
        return
    yield Row(factor.label, ("", "", *(cell for group in setting.groups
                                       for cell in ("", _overall(setting, factor, group)))))
    for level, label in factor.levels.items():
        counts = _counts(setting, factor, level)
        if level == factor.reference:
            ones = (cell for group in setting.groups for cell in (
                "1" if setting.holds(factor, group) else "", ""))
            yield Row(f"{label} (reference)", (*counts, *ones), is_level=True)
        else:
            yield Row(label, (*counts, *_models(setting, factor, level)), is_level=True)
            yield from _second(setting, factor, level)


def _counts(setting: _Setting, factor: CodedFactor, level: str) -> tuple[Cell, Cell]:
    found = setting.rows.select(variable=factor.name, level=level, group="Overall")
    n, events = found.one(statistic="n"), found.one(statistic="events")
    here = setting.address, factor.name, level
    return (Number(str(n.value), address(*here, "n"), (n,)),
            Number(str(events.value), address(*here, "events"), (events, n)))


def _models(
    setting: _Setting, factor: CodedFactor, level: str, second: str = ""
) -> Iterator[Cell]:
    """Yield the ratio and the P of one level in each model."""
    for group in setting.groups:
        own = f"{group}, {second}" if second else group
        found = setting.rows.select(variable=factor.name, level=level, group=own)
        ratio = found.find(statistic="ratio")
        if ratio is None:
            yield from ("", "")
            continue
        p = found.one(statistic="ratio_p")
        here = setting.address, factor.name, level, own
        yield Number(ratio_text(found), address(*here, "ratio"), (ratio, *(
            found.one(statistic=name) for name in ("ratio_lower", "ratio_upper", "ratio_p"))))
        yield Number(setting.asking.p_value(p), address(*here, "p"), (p, ratio))


def _second(setting: _Setting, factor: CodedFactor, level: str) -> Iterator[Row]:
    cells = tuple(_models(setting, factor, level, setting.second))
    if any(cells):
        yield Row(_SECOND_ROW[setting.second], ("", "", *cells), is_level=True)


def _overall(setting: _Setting, factor: CodedFactor, group: str) -> Cell:
    """Return the P of all levels together, where there are more than two."""
    row = setting.rows.find(variable=factor.name, level="", group=group, statistic="ratio_p")
    if row is None or len(factor.terms) < 2:
        return ""
    return Number(setting.asking.p_value(row), address(
        setting.address, factor.name, group, "p"), (row,))


def ratio_text(found: Results) -> str:
    """Return ``2.1 (0.5–9.2)``, a dash where the ratio cannot be had."""
    ratio, lower, upper = (found.one(statistic=name)
                           for name in ("ratio", "ratio_lower", "ratio_upper"))
    if ratio.value is None:
        return formats.EN_DASH
    bounds = formats.span(*(bound(row) for row in (lower, upper)))
    return f"{formats.ratio(ratio.number)} ({bounds})"


def ratio_with_interval(found: Results, level: str) -> str:
    """Return ``2.1, 95% CI 0.5–9.2``, as it stands in a sentence."""
    return ratio_text(found).replace(" (", f", {level} CI ", 1).rstrip(")")


def bound(row: Result) -> str:
    """Return a bound of an interval of ratios; one that is infinite has no value."""
    return "∞" if row.value is None else formats.ratio(row.number)


def _note(setting: _Setting) -> Iterator[tuple[Span, ...]]:
    """Yield what the table rests on: the direction, the models, warnings, who is missing."""
    asking = setting.asking
    analysis, rows = asking.analysis, setting.rows
    short, words = SHORT[setting.kind], RATIOS[setting.kind]
    since = "" if analysis.endpoint is None else (
        f" from {origin_of(asking.plan, analysis.endpoint)}")
    yield (f"{short}: {words} of {outcome_in_words(analysis, asking.cohort)}{since}; above 1 "
           "the event is more likely than at the reference.",)
    fitted = next((row for row in rows.select(statistic="ratio") if row.value is not None), None)
    if fitted is not None:
        yield (f"{fitted.method[0].upper()}{fitted.method[1:]}.",)
    if setting.second == "Firth":
        yield ("Penalised: Firth's regression, which reduces the bias of few events; intervals by "
               "profile penalised likelihood.",)
    else:
        yield ("Cause-specific: Cox regression that censors at a competing event; it says what "
               "acts on the rate, the subdistribution what acts on the incidence.",)
    joint = rows.find(variable=_outcome(setting), statistic="n", group=MULTIVARIABLE)
    if joint is not None:
        count = live(formats.people(int(joint.number), setting.people), joint, at=setting.address)
        dropped = f" ({joint.note})" if joint.note else ""
        yield ("The multivariable model holds ", count, f"{dropped}.")
    yield from _warnings(setting)
    yield from _missing(setting)
    yield from _proportional(setting)
    yield ("Not adjusted for multiplicity.",)


def _outcome(setting: _Setting) -> str:
    return str(setting.rows.select(statistic="events")[0].variable)


def _warnings(setting: _Setting) -> Iterator[tuple[Span, ...]]:
    """Yield the warning about few events, and each reason why a ratio is not there, once."""
    few = setting.rows.select(statistic="events_per_variable")
    for group in setting.groups:
        own = [row for row in few.select(group=group) if row.number < 10]
        if own:
            least = min(own, key=lambda row: row.number)
            count = live(formats.rounded(least.number, 1), least, at=setting.address)
            model = "Univariate models have as few as " if group == UNIVARIATE else (
                "The multivariable model has ")
            yield (model, count, " events a coefficient (below 10: estimates may be biased away "
                   "from 1).")
    reasons: dict[str, Result] = {}
    for row in setting.rows.select(statistic="ratio"):
        if row.value is None:
            reasons.setdefault(row.note, row)
    for reason, row in reasons.items():
        yield (f"{formats.EN_DASH} in a {row.group} model: {formats.in_sentence(reason)}",)
    for row in setting.rows.select(statistic="warning"):
        if "events per variable" not in row.note:
            yield (f"{row.note.rstrip('.')}.",)
    if any("out of reach" in row.note for row in setting.rows.select(statistic="ratio_upper")):
        yield ("∞: the bound is out of reach.",)


def _missing(setting: _Setting) -> Iterator[tuple[Span, ...]]:
    labels = {factor.name: factor.label for factor in setting.factors}
    for row in setting.rows.select(statistic=("unknown", "caution")):
        count = live(formats.people(int(row.number), setting.people), row, at=setting.address)
        about = f"{labels[row.variable]}, " if row.variable in labels else ""
        yield (about, count, f": {row.note}.")


def _proportional(setting: _Setting) -> Iterator[tuple[Span, ...]]:
    """Yield the test of proportional hazards of the model the table leads to."""
    found = [row for row in setting.rows.select(
        statistic="proportional_p", level="", group=setting.groups[-1]) if row.value is not None]
    if not found:
        return
    row = min(found, key=lambda row: row.number)
    shown = live(setting.asking.p_statement(row), row, at=setting.address)
    which = "" if setting.groups[-1] == MULTIVARIABLE else ", the smallest of the univariate models"
    clash = row.number < setting.asking.plan.study.significance
    yield ("Proportional hazards: ", shown, f" (score test{which})", "; the ratio changes with "
           "time and is an average." if clash else ".")


def _forest(setting: _Setting, number: int) -> Forest:
    """Return the forest plot of the multivariable model, of the univariate ones without it."""
    group, analysis = setting.groups[-1], setting.asking.analysis
    rows: list[ForestRow] = []
    for factor in setting.factors:
        if not setting.holds(factor, group):
            continue
        if factor.levels:
            rows.append(ForestRow(factor.label, is_head=True))
            rows.append(ForestRow(f"{factor.levels[factor.reference]} (reference)", text="1",
                                  is_level=True, is_reference=True))
        rows += [_forest_row(setting, factor, level, group) for level in factor.terms]
    words = RATIOS[setting.kind]
    what = "event " if analysis.endpoint is not None else ""
    return Forest(
        setting.address, number, analysis.title, outcome_in_words(analysis, setting.asking.cohort),
        x_label=f"{words[0].upper()}{words[1:]}, {group}",
        fewer=f"{what}less likely", more=f"{what}more likely",
        text_label=f"{SHORT[setting.kind]} ({analysis.confidence} CI)",
        series=(_leading(setting), setting.second), rows=tuple(rows),
        note=sentences(
            (f"{group.capitalize()} ratios of {outcome_in_words(analysis, setting.asking.cohort)}"
             f" with {analysis.confidence} intervals, on a logarithmic axis. Filled: "
             f"{_leading(setting)}; open: {setting.second}.",),
            ("A bar that ends in an arrow goes on beyond the axis.",)))


def _leading(setting: _Setting) -> str:
    return {"odds": "maximum likelihood", "hazard": "partial likelihood",
            "subdistribution": "Fine–Gray"}[setting.kind]


def _forest_row(setting: _Setting, factor: CodedFactor, level: str, group: str) -> ForestRow:
    found = [setting.rows.select(variable=factor.name, level=level, group=own)
             for own in (group, f"{group}, {setting.second}")]
    first = found[0].one(statistic="ratio")
    text: Span = formats.EN_DASH
    if first.value is not None:
        text = Number(ratio_text(found[0]), address(setting.address, factor.name, level), (
            first, *(found[0].one(statistic=name)
                     for name in ("ratio_lower", "ratio_upper", "ratio_p"))))
    return ForestRow(factor.levels[level] if level else factor.label,
                     tuple(map(_mark, found)), text, is_level=bool(level))


def _mark(found: Results) -> tuple[float, float, float] | None:
    ratio = found.find(statistic="ratio")
    if ratio is None or ratio.value is None:
        return None
    lower, upper = (found.one(statistic=f"ratio_{end}") for end in ("lower", "upper"))
    return (ratio.number, 0.0 if lower.value is None else lower.number,
            math.inf if upper.value is None else upper.number)
