"""The methods, written from the plan: every choice, also those left at their default."""

from __future__ import annotations

import re
from collections.abc import Iterator

from remission.analyses.queries import QUERIES, UNRESOLVED
from remission.analyses.results import Results
from remission.analyses.run import analysis_names
from remission.definitions.chapters import CHAPTER_OF
from remission.definitions.cohort import ENDPOINT, Cohort, definitions_of
from remission.definitions.ctcae import CHOSEN_AS as CTCAE
from remission.definitions.definition import REGISTRY
from remission.definitions.toxicity_window import (
    COURSE,
    laboratory_baseline_day,
    toxicity_window_end,
)
from remission.plan import Characteristics, CumulativeIncidence, Survival, TransplantOutcomes
from remission.records.checks import RULES
from remission.report.abbreviations import abbreviations_in
from remission.report.kinds import KINDS, Asking, kind_of
from remission.report.parts import Paragraph


def methods_paragraph(cohort: Cohort, results: Results) -> Paragraph:
    """Return the methods of a report: definitions, endpoints, estimates and tests, a block each."""
    blocks = (
        *_definitions(cohort),
        [*_absence(cohort), *_imputed(cohort)],
        [*_endpoints(cohort)],
        [*_estimates(cohort, results), *_tests(cohort, results)],
        [*_unresolved(results)],
    )
    texts = [" ".join(block) for block in blocks if block]
    used = abbreviations_in((*texts, *_words_of_the_plan(cohort)))
    return Paragraph("methods", "Methods", tuple(
        (text,) for text in (*texts, *([f"Abbreviations: {used}."] if used else []))))


def _words_of_the_plan(cohort: Cohort) -> Iterator[str]:
    """Yield titles, and labels of the groups and variables in use: what tables and figures say."""
    plan = cohort.plan
    for analysis in plan.analyses:
        yield analysis.title
    for group in plan.groups.values():
        yield " ".join((group.label, *group.levels))
    for population in plan.populations.values():
        yield population.label
    for name in definitions_of(plan):
        variable = cohort.variables[name]
        yield " ".join((variable.label, *variable.levels.values()))


def _definitions(cohort: Cohort) -> Iterator[list[str]]:
    """Yield the definitions in use that are more than a column as recorded, a block a chapter."""
    said: dict[str, dict[str, list[str]]] = {}
    for name, words in _worded(cohort):
        alike = said.setdefault(CHAPTER_OF[name], {}).setdefault(words, [])
        alike.append(cohort.variables[name].label)
    for chapter in said.values():
        yield [f"{', '.join(labels)}: {words}." for words, labels in chapter.items()]


def _worded(cohort: Cohort) -> Iterator[tuple[str, str]]:
    """Yield the name and the words of each definition in use that has criteria.

    Where toxicity is graded by cycle, the days that belong to a cycle are named too.
    """
    names = definitions_of(cohort.plan)
    if any(set(COURSE) <= set(REGISTRY[name].needs) for name in names):
        names = list(dict.fromkeys((*names, toxicity_window_end.__name__)))
    if any(REGISTRY[name].chosen_as == CTCAE for name in names):
        names = list(dict.fromkeys((*names, laboratory_baseline_day.__name__)))
    for name in names:
        variable = cohort.variables[name]
        if REGISTRY[name].criteria is None:
            continue
        words = variable.rule.removeprefix(f"{REGISTRY[name].words}: ")
        if variable.chosen is None:
            yield name, f"{words[0].lower()}{words[1:]}"
            continue
        memory = ", cited from memory" if variable.rests_on_memory else ""
        besides = f"; {variable.besides}" if variable.besides else ""
        yield name, f"{words} ({variable.reference}{memory}){besides}"


def _absence(cohort: Cohort) -> Iterator[str]:
    forms = cohort.plan.records.absent_means_none
    if forms:
        *others, last = (form.replace("_", " ").lower().replace("gvhd", "GVHD")
                         for form in forms)
        named = f"{', '.join(others)} or {last}" if others else last
        yield f"No record of {named} is taken as none (a choice of the plan)."


def _imputed(cohort: Cohort) -> Iterator[str]:
    count = len(cohort.imputed)
    if count:
        what = "1 day known only to its month or year is" if count == 1 else (
            f"{count} days known only to their month or year are")
        yield (f"{what} taken as the middle of it (the 15th of a month, the 14th of February, "
               "1 July; a choice of the plan).")


def _unresolved(results: Results) -> Iterator[str]:
    """Yield how many queries the centres could not resolve, by the check that asked."""
    counts = results.select(analysis=QUERIES, statistic=UNRESOLVED)
    total = sum(int(count.value or 0) for count in counts)
    if total:
        named = "; ".join(f"{RULES[count.variable].title.lower()}: {count.value}"
                          for count in counts)
        yield (f"{total} {'query' if total == 1 else 'queries'} about the records could not be "
               f"resolved by the centres, and the values stand as recorded ({named}).")


def _endpoints(cohort: Cohort) -> Iterator[str]:
    asked = {getattr(analysis, "endpoint", None) for analysis in cohort.plan.analyses}
    for name, endpoint in cohort.plan.endpoints.items():
        if name in asked:
            rule = cohort.variables[f"{ENDPOINT}{name}"].rule
            yield f"{endpoint.label}: {rule[0].lower()}{rule[1:]}."


def _estimates(cohort: Cohort, results: Results) -> Iterator[str]:
    estimated = [
        analysis for name, analysis in zip(
            analysis_names(cohort.plan), cohort.plan.analyses, strict=True)
        if results.find(analysis=name, statistic="n") is not None
    ]
    curves = [analysis for analysis in estimated if isinstance(analysis, Survival)]
    if curves:
        kinds = ", ".join(dict.fromkeys(f"{curve.confidence} {curve.ci}" for curve in curves))
        yield (f"Survival is estimated by the Kaplan–Meier method with {kinds} intervals, "
               "follow-up by the reverse Kaplan–Meier method.")
    incidences = [analysis for analysis in estimated if isinstance(analysis, CumulativeIncidence)]
    if incidences:
        levels = ", ".join(dict.fromkeys(curve.confidence for curve in incidences))
        yield ("Cumulative incidence is estimated by the Aalen–Johansen method with competing "
               f"events and {levels} log-log intervals (variance: Aalen 1978).")
    if any(isinstance(a, Characteristics | TransplantOutcomes) for a in estimated):
        yield ("Behind each proportion stands its Wilson interval, exact (Clopper–Pearson) at 0 "
               "and 100%; quartiles are of type 6.")
    kept = zip(analysis_names(cohort.plan), cohort.plan.analyses, strict=True)
    said = [sentence for name, analysis in kept if analysis.kind in KINDS
            for sentence in kind_of(analysis.kind).methods(
                Asking(name, analysis, results.select(analysis=name), cohort))]
    yield from dict.fromkeys(said)
    yield "A month is 30.4375 days and a year 365.25; halves are rounded up."


def _tests(cohort: Cohort, results: Results) -> Iterator[str]:
    """Yield how groups were compared: only the tests that were done, and how many."""
    done = [row for row in results.select(statistic="p") if row.value is not None]
    if not done:
        return
    names = list(dict.fromkeys(_test_name(row.method) for row in done))
    chosen = ""
    if any("χ²" in name for name in names):
        chosen = (" Of χ² and Fisher's test, χ² is taken where every expected count is at "
                  "least 5.")
    level = cohort.plan.study.significance
    listed = ", ".join(names[:-1]) + f" and {names[-1]}" if len(names) > 1 else names[0]
    pairs, ratios = (sum(row.value is not None for row in results.select(statistic=name))
                     for name in ("paired_p", "ratio_p"))
    counted = f"{len(done)} in this report" if not pairs else (
        f"{len(done)} between groups and {pairs} of pairs in this report")
    beside = f", beside {ratios} P of coefficients of models" if ratios else ""
    yield (f"Groups are compared by {listed} tests; all two-sided, {counted}{beside}, "
           f"not adjusted for multiplicity, P < {level:g} taken as significant.{chosen}")


def _test_name(method: str) -> str:
    """Return a method without its sides and degrees of freedom."""
    return re.sub(r", (\d+ df|two-sided)", "", method)
