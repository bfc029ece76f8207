"""Risk factors in words: what the models find, how they were made, and what a number says."""

from __future__ import annotations

from collections.abc import Iterator

from remission.analyses.coding import coded_factor
from remission.analyses.results import ALL, Result
from remission.analyses.risk_factors import MULTIVARIABLE, RATIOS, UNIVARIATE
from remission.definitions.cohort import Cohort
from remission.plan import RiskFactors
from remission.report import formats
from remission.report.asking import Asking, live
from remission.report.spans import Number, Span
from remission.report.tables.risk_factors import (
    SHORT,
    bound,
    kind_of_ratio,
    outcome_in_words,
    ratio_with_interval,
)


def sentence_of_risk_factors(asking: Asking[RiskFactors]) -> Iterator[Span]:
    """Yield which factors the leading model finds, with their ratios; also that it finds none."""
    rows, analysis = asking.rows, asking.analysis
    refused = rows.find(statistic="refused")
    about = outcome_in_words(analysis, asking.cohort)
    if refused is not None:
        yield f"Risk factors for {about} could not be estimated: {refused.note} "
        return
    group = MULTIVARIABLE if rows.find(group=MULTIVARIABLE, statistic="ratio") else UNIVARIATE
    own = rows.select(group=MULTIVARIABLE if group == MULTIVARIABLE else ALL)
    n, events = own.select(statistic="n")[0], own.select(statistic="events")[0]
    model = "model" if group == MULTIVARIABLE else "models"
    yield f"In the {group} {model} of {about} ("
    yield live(formats.people(int(events.number), "events"), events)
    yield " in "
    yield live(formats.people(int(n.number), n.unit), n)
    yield "), "
    found = [row for row in rows.select(statistic="ratio_p", group=group)
             if row.value is not None and row.number < asking.plan.study.significance
             and rows.find(variable=row.variable, level=row.level, group=group,
                           statistic="ratio") is not None]
    if not found:
        yield f"no factor reached P < {asking.plan.study.significance:g}. "
        return
    yield f"P was below {asking.plan.study.significance:g} for "
    short = SHORT[kind_of_ratio(analysis, asking.cohort)]
    labels = {factor.name: coded_factor(asking.cohort, factor, range(len(asking.cohort.subjects)))
              for factor in analysis.factors}
    for place, p in enumerate(found):
        same = rows.select(variable=p.variable, level=p.level, group=group)
        factor = labels[p.variable]
        yield "; " if place else ""
        name = factor.term_name(p.level) if p.level in factor.levels else factor.label
        ratio = same.one(statistic="ratio")
        yield f"{formats.in_sentence(name)} ({short} "
        yield live(f"{ratio_with_interval(same, analysis.confidence)}, {asking.p_statement(p)}",
                   ratio, *(same.one(statistic=name) for name in ("ratio_lower", "ratio_upper")),
                   p)
        fewer = ratio.base is not None and ratio.base.n < n.number
        yield f", on {ratio.base})" if fewer else ")"
    yield ". "


def methods_of_risk_factors(asking: Asking[RiskFactors]) -> Iterator[str]:
    """Yield how the factors were examined."""
    kind = kind_of_ratio(asking.analysis, asking.cohort)
    about = outcome_in_words(asking.analysis, asking.cohort)
    how = {
        "odds": "logistic regression by maximum likelihood, and by Firth's penalised likelihood "
                "beside it (Firth 1993; Heinze & Schemper 2002)",
        "hazard": "Cox regression (ties by Efron), by Firth's penalised likelihood beside it "
                  "(Heinze & Schemper 2001), with the score test of proportional hazards "
                  "(Grambsch & Therneau 1994)",
        "subdistribution": "Fine–Gray regression (Fine & Gray 1999), cause-specific Cox "
                           "regression beside it",
    }[kind]
    yield (f"Risk factors for {about} were examined by {how}; subjects with a factor not known "
           "are left out of the models that hold it.")


def say_ratio(number: Number, cohort: Cohort) -> Iterator[str]:
    """Yield the sentences of a ratio: its size, its interval, its P, its method."""
    by = {row.statistic: row for row in number.results}
    ratio = by["ratio"]
    words = next((words for words in sorted(RATIOS.values(), key=len, reverse=True)
                  if words in ratio.method), "ratio")
    if ratio.value is None:
        yield f"Not estimated: {ratio.note}"
        return
    if number.results[0].statistic == "ratio_p":
        yield f"{_p(by['ratio_p'], cohort)}, of the {words} {formats.ratio(ratio.number)}."
    elif len(by) == 1:
        yield f"{words.capitalize()} {formats.ratio(ratio.number)}."
    else:
        yield f"{words.capitalize()} {formats.ratio(ratio.number)}, " \
              f"from {bound(by['ratio_lower'])} to {bound(by['ratio_upper'])}; " \
              f"{_p(by['ratio_p'], cohort)}."
    yield f"{ratio.method}, on {ratio.base}."


def say_p_of_factor(number: Number, cohort: Cohort) -> Iterator[str]:
    """Yield the sentence of a P: of a ratio where it stands beside one, else of a whole factor."""
    first = number.results[0]
    if any(row.statistic == "ratio" for row in number.results):
        yield from say_ratio(number, cohort)
    elif first.value is None:
        yield f"Not tested: {first.note}"
    else:
        yield f"{_p(first, cohort)}; {first.method}, on {first.base}."


def say_events_per_variable(number: Number, _: Cohort) -> Iterator[str]:
    """Yield how many events each coefficient has."""
    first = number.results[0]
    yield f"{formats.rounded(first.number, 1)} events for each coefficient, on {first.base}."


def _p(row: Result, cohort: Cohort) -> str:
    return formats.p_statement(row.number, significance=cohort.plan.study.significance)
