"""The sentences of a live number's panel: what it says, and which test belongs to it."""

from __future__ import annotations

from collections.abc import Iterator

from remission.analyses.results import ALL, BANDS, Result, Results
from remission.analyses.run import analysis_names
from remission.days import DAYS_PER_YEAR
from remission.definitions.cohort import ENDPOINT, Cohort
from remission.definitions.definition import Variable
from remission.plan import Analysis
from remission.report import formats
from remission.report.kinds import say_of
from remission.report.spans import Number

_MEASURED = {
    "minimum": "The smallest value is", "maximum": "The largest value is",
    "lower_quartile": "The lower quartile is", "upper_quartile": "The upper quartile is",
    "percent": "The share is", "responded_percent": "The share is",
    "graded_percent": "The share is", "lower": "The lower bound is",
    "upper": "The upper bound is", "se": "The standard error is", "sd": "The SD is",
    "ratio_lower": "The lower bound is", "ratio_upper": "The upper bound is",
    "statistic": "The statistic of the test is",
}
"""Statistics that are no count, and how one that stands alone is said."""


def analysis_of(first: Result, cohort: Cohort) -> Analysis | None:
    """Return the analysis of the plan that a result belongs to; None for the queries."""
    named = zip(analysis_names(cohort.plan), cohort.plan.analyses, strict=True)
    return dict(named).get(first.analysis)


def time_in_words(days: float) -> str:
    """Return ``5 years`` where days are whole years (to a hundredth), else ``40 days``."""
    years = days / DAYS_PER_YEAR
    if days and abs(years - round(years, 2)) < 1e-9:
        return f"{years:g} year" + ("" if years == 1 else "s")
    return f"{days:g} days"


def says(number: Number, variable: Variable | None, cohort: Cohort) -> Iterator[str]:
    """Yield the sentences of a number, by what its first result is."""
    first = number.results[0]
    by = {row.statistic: row for row in number.results}
    of = "" if first.group == ALL else f" in the group {first.group}"
    statistic = first.statistic
    if (say := say_of(statistic)) is not None:
        yield from say(number, cohort)
    elif statistic == "count":
        yield from _say_count(first, by, of)
    elif statistic in ("median", "mean") and not first.variable.startswith(ENDPOINT):
        yield from _say_summary(first, by, of)
    elif statistic in ("survival", "incidence"):
        yield from _say_estimate(first, by, of, variable, cohort)
    elif statistic in ("median", "follow_up"):
        yield from _say_median_time(first, by, of, cohort)
    elif statistic == "p":
        yield from _say_p(number, cohort)
    else:
        yield _say_how_many(first, of, cohort.plan.study.people)
    if first.note and statistic in ("survival", "incidence", "median") and first.value is not None:
        yield f"Note: {first.note}."


def _say_how_many(first: Result, of: str, people: str) -> str:
    """Return the sentence of a number that counts, or the note of one that is refused."""
    if first.value is None:
        return first.note
    if first.statistic in _MEASURED:
        shown = formats.rounded(first.number, 4).rstrip("0").rstrip(".")
        how = f"; {first.method}" if first.method else ""
        return (f"{_MEASURED[first.statistic]} {shown}{'' if first.unit == '%' else ' '}"
                f"{first.unit}, of {first.base}{of}{how}.")
    n = int(first.number)
    who = formats.people(n, people)
    many = "" if n == 1 else "s"
    when = f"just before {time_in_words(first.at)}" if first.at else "at the start"
    verb = "was" if n == 1 else "were"
    said = {
        "queries": f"{n} open {'query' if n == 1 else 'queries'}.",
        "at_risk": f"{who}{of} {verb} under observation without the event {when}.",
        "events": f"{n} event{many} among {first.base}{of}.",
        "competing_events": f"{n} competing event{many} among {first.base}{of}.",
        "median_at_risk": f"{who}{of} at risk on the day of the median.",
        "unknown": f"{who}{of}: {first.note}.",
        "caution": f"{who}{of}: {first.note}.",
    }
    return said.get(first.statistic, f"{who}{of}.")


def _say_count(first: Result, by: dict[str, Result], of: str) -> Iterator[str]:
    percent = by.get("percent")
    if percent is None:
        yield f"{first.value} of {first.base}{of}."
        return
    if percent.value is None:
        yield f"{first.value} of {first.base}{of}: no proportion, {percent.note}."
        return
    interval = _interval(by, "lower", "upper")
    yield (f"{first.value} of {first.base}{of}: "
           f"{formats.rounded(percent.number, 1)}%.")
    if interval:
        yield f"95% interval {interval} ({by['lower'].method.removeprefix('95% interval, ')})."
    if "unknown" in by:
        yield f"Not counted in the base: {by['unknown'].value} whose value is not known."


def _interval(by: dict[str, Result], lower: str, upper: str) -> str:
    if lower not in by or by[lower].value is None or by[upper].value is None:
        return ""
    low, high = (formats.rounded(by[name].number, 1) for name in (lower, upper))
    return f"{low} to {high}"


def _say_summary(first: Result, by: dict[str, Result], of: str) -> Iterator[str]:
    if first.value is None and not {"minimum", "maximum"} <= set(by):
        yield f"No value{of}: {first.note}."
        return
    times = "×" if first.unit.startswith("10") else ""
    unit = f" {times}{first.unit}" if first.unit else ""

    def text(name: str) -> str:
        if by[name].value is None:
            return by[name].note
        return formats.rounded(by[name].number, 2).rstrip("0").rstrip(".")

    yield f"{first.base}{of}."
    if {"median", "minimum", "maximum"} <= set(by):
        yield f"Median {text('median')}{unit}, range {text('minimum')} to {text('maximum')}."
    if {"lower_quartile", "upper_quartile"} <= set(by):
        yield (f"Quartiles {text('lower_quartile')} and {text('upper_quartile')}{unit} "
               "(type 6, as SPSS and Prism).")
    if first.base is not None and first.base.n > 1 and {"mean", "sd"} <= set(by):
        yield f"Mean {text('mean')}{unit}, SD {text('sd')}."


def _say_estimate(
    first: Result, by: dict[str, Result], of: str, variable: Variable | None, cohort: Cohort
) -> Iterator[str]:
    label = "Estimate" if variable is None else variable.label
    if first.value is None:
        yield f"{label} cannot be given at {time_in_words(first.at or 0)}: {first.note}."
        return
    interval = _interval(by, "lower", "upper")
    shown = f" (interval {interval})" if interval else (
        " (no interval at this value)" if "lower" in by else "")
    yield (f"{label} {formats.rounded(first.number, 1)}% at {time_in_words(first.at or 0)}"
           f"{shown}.")
    if "se" in by and by["se"].value is not None:
        yield f"Standard error {formats.rounded(by['se'].number, 1)} percentage points."
    yield f"{len(first.subjects)} events by then among {first.base}{of}."
    if "at_risk" in by:
        yield f"{by['at_risk'].value} still at risk."
    yield f"{first.method}."


def _say_median_time(
    first: Result, by: dict[str, Result], of: str, cohort: Cohort
) -> Iterator[str]:
    if first.value is None:
        yield f"The curve{of} does not reach 50% within follow-up."
        return
    name = "Median follow-up" if first.statistic == "follow_up" else "Median time to the event"
    yield f"{name}{of}: {first.value:g} days; {first.method}."
    lower = by.get(f"{first.statistic}_lower")
    upper = by.get(f"{first.statistic}_upper")
    if lower is not None and lower.value is not None:
        level = getattr(analysis_of(first, cohort), "confidence", "95%")
        if upper is None or upper.value is None:
            yield f"{level} interval from {lower.value:g} days; its upper end is not reached."
        else:
            yield f"{level} interval {lower.value:g} to {upper.value:g} days."


def _say_p(number: Number, cohort: Cohort) -> Iterator[str]:
    first, *others = number.results
    if first.value is None:
        yield f"Not tested: {first.note}"
        return
    yield _p_sentence(first, cohort)
    for other in others:
        yield f"Beside it: {_p_sentence(other, cohort)}"


def _p_sentence(row: Result, cohort: Cohort) -> str:
    shown = formats.p_statement(row.number,
                                significance=cohort.plan.study.significance)
    why = f"; {row.note}" if row.note else ""
    return f"{shown}, {row.method}, on {row.base}{why}."


def tests_beside(first: Result, results: Results, cohort: Cohort) -> Iterator[str]:
    """Yield the comparison across groups that belongs to a number, with its alternatives.

    It is that of its own level; where there is none, that of the variable as a whole.
    """
    if first.statistic in ("p", "n", "at_risk", "refused", "follow_up"):
        return
    found = results.select(analysis=first.analysis, variable=first.variable,
                           statistic=("p", "p_alternative"))
    for row in found.select(level=first.level) or found.select(level=("", BANDS)):
        if row.value is None:
            yield f"Not tested: {row.note}"
        else:
            beside = "Beside it: " if row.statistic == "p_alternative" else ""
            yield f"{beside}{_p_sentence(row, cohort)}"
