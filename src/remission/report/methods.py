"""The methods, written from the plan: every choice, also those left at their default."""

from __future__ import annotations

from collections.abc import Iterator

from remission.analyses.results import Results
from remission.definitions.cohort import ENDPOINT, Cohort
from remission.definitions.definition import REGISTRY
from remission.plan import Characteristics, CumulativeIncidence, Survival, TransplantOutcomes
from remission.report.parts import Paragraph

_REPORTED = "reported by the centre"


def methods_paragraph(cohort: Cohort, results: Results) -> Paragraph:
    """Return the methods of a report: definitions, endpoints, estimates and tests, a block each."""
    blocks = (
        [*_definitions(cohort), *_reported(cohort), *_absence(cohort)],
        [*_endpoints(cohort)],
        [*_estimates(cohort), *_tests(cohort, results)],
    )
    return Paragraph("methods", "Methods", tuple((" ".join(block),) for block in blocks if block))


def _used(cohort: Cohort) -> list[str]:
    """Return the definitions that any table or group of the report uses."""
    used = {choice.name.removesuffix("_day") for analysis in cohort.plan.analyses
            for choice in getattr(analysis, "variables", ())}
    used |= {cohort.plan.groups[analysis.by].variable for analysis in cohort.plan.analyses
             if analysis.by is not None}
    return [name for name in REGISTRY if name in used]


def _definitions(cohort: Cohort) -> Iterator[str]:
    """Yield a sentence for each definition that has sets to choose from."""
    for name in _used(cohort):
        variable = cohort.variables[name]
        if variable.chosen is None:
            continue
        default = "" if name in cohort.plan.definitions else ", by default"
        words = variable.rule.split(": ", maxsplit=1)[-1]
        memory = ", cited from memory" if "M" in variable.evidence.split() else ""
        yield (f"{variable.label}: {words} ({variable.chosen}{default}; "
               f"{variable.reference}{memory}).")


def _reported(cohort: Cohort) -> Iterator[str]:
    """Yield one sentence on the values that are the centre's own because counts are missing."""
    wholly: list[tuple[str, int]] = []
    partly: list[tuple[str, int]] = []
    for name in _used(cohort):
        how = cohort.column(f"{name}_how") if cohort.has(f"{name}_how") else []
        reported = sum(value == _REPORTED for value in how)
        if reported and name != "age_years":
            known = sum(value is not None for value in how)
            label = cohort.variables[name].label.lower()
            (wholly if reported == known else partly).append((label, reported))
    if wholly:
        named = " and ".join(label for label, _ in wholly)
        yield f"Without daily counts, {named} are those the centre reported."
    for count in dict.fromkeys(reported for _, reported in partly):
        named = " and ".join(label for label, reported in partly if reported == count)
        yield (f"For {count} {cohort.plan.study.people} without daily counts, {named} are those "
               "the centre reported.")


def _absence(cohort: Cohort) -> Iterator[str]:
    forms = cohort.plan.records.absent_means_none
    if forms:
        named = ", ".join(form.replace("_", " ").lower().replace("gvhd", "GVHD")
                          for form in forms)
        yield f"No record of {named} is taken as none (a choice of the plan)."


def _endpoints(cohort: Cohort) -> Iterator[str]:
    asked = {getattr(analysis, "endpoint", None) for analysis in cohort.plan.analyses}
    for name, endpoint in cohort.plan.endpoints.items():
        if name in asked:
            rule = cohort.variables[f"{ENDPOINT}{name}"].rule
            yield f"{endpoint.label}: {rule[0].lower()}{rule[1:]}."


def _estimates(cohort: Cohort) -> Iterator[str]:
    curves = [a for a in cohort.plan.analyses if isinstance(a, Survival)]
    if curves:
        kinds = ", ".join(dict.fromkeys(f"{a.level:.0%} {a.ci}" for a in curves))
        yield (f"Survival is estimated by Kaplan and Meier with {kinds} intervals, follow-up by "
               "the reverse Kaplan–Meier method.")
    if any(isinstance(a, CumulativeIncidence) for a in cohort.plan.analyses):
        yield "Cumulative incidence is estimated by Aalen and Johansen with competing events."
    if any(isinstance(a, Characteristics | TransplantOutcomes) for a in cohort.plan.analyses):
        yield ("Proportions carry Wilson intervals, exact (Clopper–Pearson) at 0 and 100%; "
               "quartiles are of type 6.")
    yield "A month is 30.4375 days and a year 365.25; halves are rounded up."


def _tests(cohort: Cohort, results: Results) -> Iterator[str]:
    compared = results.select(statistic="p")
    if not compared:
        return
    level = cohort.plan.study.significance
    yield ("Groups are compared by Pearson's χ² where every expected count is at least 5 and by "
           "Fisher's exact test otherwise, numbers by rank tests, curves by the log-rank test; "
           f"all two-sided, {len(compared)} in this report, not adjusted for multiplicity, "
           f"P < {level:g} taken as significant.")
