"""Eligibility by the criteria of a paper: each criterion on its own, and the verdict of all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import narwhals.stable.v2 as nw

from remission.days import DAYS_PER_YEAR
from remission.definitions.age import is_within
from remission.definitions.baseline import first_infusions
from remission.definitions.criteria import Criteria, criteria_sets
from remission.definitions.definition import definition
from remission.definitions.disease_course import latest_episodes
from remission.definitions.disease_status import initial_diagnoses
from remission.definitions.infusions import cycles_with_days, day_counting
from remission.definitions.inputs import Lazy, settled
from remission.definitions.relapse_site import SITE_COLUMNS, with_sites
from remission.plan import Plan
from remission.records.column import SOURCE

MET, NOT_MET, NOT_APPLICABLE = "MET", "NOT_MET", "NOT_APPLICABLE"
ANSWERS = {MET: "met", NOT_MET: "not met", NOT_APPLICABLE: "does not apply"}
_AGE = ("subject.age_at_index_days", "subject.age_at_index_years_reported")
_FRAILTY = ("subject.severe_infection", "subject.organ_insufficiency",
            "subject.expected_survival_under_3_months")
_EPISODES = ("disease_episode.phase", "disease_episode.start_day")
_MRD = ("assessment.day", "assessment.specimen", "assessment.mrd_percent", "assessment.mrd_sign")
_NEEDS = (
    *_AGE, "subject.index_year", "subject.consent", "subject.assent", "subject.cohort",
    "subject.sex", "subject.performance_scale", "subject.performance_score", *_FRAILTY,
    *_EPISODES, *SITE_COLUMNS,
    "disease_episode.diagnosis", "disease_episode.cd19", *_MRD,
    "exposure.dose", "exposure.start_day", "exposure.end_day",
)


@dataclass(frozen=True)
class Candidates:
    """The subjects with the day they are judged on (``judged``), and their records."""

    subjects: Lazy
    episodes: Lazy
    assessments: Lazy
    exposure: Lazy
    plan: Plan


def candidates(
    subjects: Lazy, episodes: Lazy, assessments: Lazy, exposure: Lazy, plan: Plan
) -> Candidates:
    """Return the records with each subject's day: the first infusion, else day 0."""
    dated = subjects.join(first_infusions(exposure), on="subject_id", how="left").with_columns(
        judged=nw.coalesce("first_infusion", nw.lit(0)))
    return Candidates(settled(dated), episodes, assessments, exposure, plan)


def _age(records: Candidates, criteria: Criteria) -> Lazy:
    within = is_within(dict(criteria.values))
    aged = _with_age(records.subjects)
    return _answers(aged, within, ~within, "older than the trial allows", "the age is not recorded")


def _with_age(subjects: Lazy) -> Lazy:
    """Move the ages of day 0 to the day the subject is judged on."""
    return subjects.with_columns(
        nw.col("age_at_index_days") + nw.col("judged"),
        nw.col("age_at_index_years_reported") + nw.col("judged") / DAYS_PER_YEAR)


def _enrolment(records: Candidates, criteria: Criteria) -> Lazy:
    """Judge by the year of day 0, all that is recorded of dates: days of it may lie outside."""
    opened, closed = (date.fromisoformat(criteria[key]).toordinal() for key in ("from", "to"))
    year = nw.col("index_year")
    first, last = (_new_year(each) + nw.col("judged") for each in (year, year + 1))
    dated = records.subjects.with_columns(first=first, last=last - 1)
    inside = (nw.col("first") >= opened) & (nw.col("last") <= closed)
    outside = (nw.col("last") < opened) | (nw.col("first") > closed)
    unknown = nw.when(year.is_null()).then(nw.lit("the year is not recorded")).otherwise(
        nw.lit("the year alone does not tell whether the day lies within"))
    judged = _answers(dated.with_columns(unknown=unknown), inside, outside,
                      "enrolled outside the period of the trial", "", "unknown")
    return judged.select(
        "subject_id", "value",
        nw.when(nw.col("value").is_null()).then(nw.col("unknown")).otherwise(nw.col("note"))
        .alias("note"), "source")


def _new_year(year: nw.Expr) -> nw.Expr:
    """Return the ordinal of the first day of a year, as of ``datetime.date.toordinal``."""
    before = year - 1
    ordinal: nw.Expr = 365 * before + before // 4 - before // 100 + before // 400 + 1
    return ordinal


def _consent(records: Candidates, criteria: Criteria) -> Lazy:
    """Judge consent, and from an age on assent; blank is not recorded, not refused."""
    aged = _with_age(records.subjects)
    consent, assent = nw.col("consent"), nw.col("assent")
    is_young = is_within(criteria["without_assent"])
    met = (consent == "Y") & (is_young | (assent == "Y"))
    refused = (consent == "N") | (~is_young & (assent == "N"))
    return _answers(aged, met, refused, "no consent or no assent",
                    "consent, assent or the age that asks for it is not recorded")


def _disease(records: Candidates, criteria: Criteria) -> Lazy:
    so_far = _so_far(records)
    joined = records.subjects.join(
        initial_diagnoses(records.episodes).select("subject_id", "diagnosis"),
        on="subject_id", how="left")
    for name, rows in {
        "relapsed": so_far.filter(nw.col("phase").is_in(["RELAPSE", "REFRACTORY"])),
        "recurred": so_far.filter(nw.col("phase") == "MRD_RECURRENCE"),
        "positive": _positive_marrows(records),
    }.items():
        flags = rows.select("subject_id").unique().with_columns(nw.lit(1).alias(name))
        joined = joined.join(flags, on="subject_id", how="left")
    is_of_b_cells = nw.col("diagnosis") == "B_ALL"
    is_other = ~nw.col("diagnosis").is_null() & ~nw.col("diagnosis").is_in(["B_ALL", "ALL"])
    has_reason, has_none = _reason(criteria)
    return _answers(joined, is_of_b_cells & has_reason, is_other | has_none,
                    "not the disease of the trial",
                    "the lineage or the reason for blinatumomab is not recorded")


def _reason(criteria: Criteria) -> tuple[nw.Expr, nw.Expr]:
    """Return whether a reason that the paper names is known, and whether none is known to be."""
    cohort = nw.col("cohort")
    is_active = ((cohort == "RR") | (nw.col("relapsed") == 1)).fill_null(value=False)
    if criteria["reasons"] != "any":
        return is_active, ~is_active & ~cohort.is_null()
    was_positive = (cohort == "MRD_POS") | (nw.col("recurred") == 1) | (nw.col("positive") == 1)
    is_control = (cohort == "CHEMO_INTOLERANT") | (nw.col("severe_infection") == "Y")
    is_none = (cohort == "OTHER") & (nw.col("severe_infection") == "N")
    is_any = (is_active | was_positive | is_control).fill_null(value=False)
    return is_any, ~is_any & is_none


def _positive_marrows(records: Candidates) -> Lazy:
    """Return the marrows with MRD up to the day the subject is judged on."""
    limit = criteria_sets("eligibility.disease")["zhang_2025"].threshold("positive")
    measured = nw.col("mrd_sign").is_null() | (nw.col("mrd_sign") == "=")
    return records.assessments.filter(
        (nw.col("specimen") == "BM") & measured & limit.met_by(nw.col("mrd_percent")),
    ).join(records.subjects.select("subject_id", "judged"), on="subject_id").filter(
        nw.col("day") <= nw.col("judged"))


def _so_far(records: Candidates) -> Lazy:
    """Return the dated episodes up to the day the subject is judged on."""
    return records.episodes.join(
        records.subjects.select("subject_id", "judged"), on="subject_id",
    ).filter(nw.col("start_day") <= nw.col("judged"))


def _cd19(records: Candidates, criteria: Criteria) -> Lazy:
    last = latest_episodes(_so_far(records)).select("subject_id", "cd19")
    cd19 = nw.col("cd19")
    return _answers(records.subjects.join(last, on="subject_id", how="left"),
                    cd19.is_in(criteria["expressed"]), cd19 == "NEG", "no CD19 on the blasts",
                    "CD19 is not recorded")


def _performance(records: Candidates, criteria: Criteria) -> Lazy:
    aged = _with_age(records.subjects)
    score = nw.col("performance_score")
    is_infant = is_within(criteria["infant"]).fill_null(value=False)
    is_step = score // criteria["step"] * criteria["step"] == score
    has_scale = (nw.col("performance_scale") != "NA").fill_null(value=True)
    is_read, is_above = is_step & has_scale, criteria.threshold("above").met_by(score)
    judged = _answers(aged.with_columns(infant=is_infant), is_read & is_above,
                      is_read & ~is_above, "performance score too low",
                      "no performance score of a scale for this age is recorded", "infant")
    return judged.select(
        "subject_id",
        nw.when(nw.col("infant")).then(nw.lit(NOT_APPLICABLE)).otherwise(nw.col("value"))
        .alias("value"),
        nw.when(nw.col("infant")).then(nw.lit("under 1 year: no performance scale applies"))
        .otherwise(nw.col("note")).alias("note"), "source")


def _site(records: Candidates, criteria: Criteria) -> Lazy:
    active = _so_far(records).filter(nw.col("phase").is_in(["RELAPSE", "REFRACTORY"]))
    sites = with_sites(
        latest_episodes(active), records.subjects,
        criteria_sets("relapse.site")[criteria["sites"]],
    ).select("subject_id", "phase", "in_marrow", "elsewhere")
    marrow, elsewhere = nw.col("in_marrow"), nw.col("elsewhere")
    passes = (nw.col("phase") == "REFRACTORY") | (marrow == "Y") | (elsewhere == "N")
    return _answers(records.subjects.join(sites, on="subject_id", how="left"), passes,
                    (marrow == "N") & (elsewhere == "Y"), "isolated extramedullary relapse",
                    "the site of the disease is not recorded")


def _frailty(records: Candidates, criteria: Criteria) -> Lazy:
    answers = [nw.col(name) for name in criteria["all_of"]]
    spared, frail = (nw.any_horizontal(*(a == "N" for a in answers), ignore_nulls=False),
                     nw.all_horizontal(*(a == "Y" for a in answers), ignore_nulls=False))
    return _answers(
        records.subjects, spared, frail, "severe infection, organ insufficiency and short survival",
        "infection, organ function or expected survival is not recorded")


def _exposure(records: Candidates, criteria: Criteria) -> Lazy:
    cycles = cycles_with_days(records.exposure, day_counting(records.plan))
    summed = cycles.with_columns(
        faulty=nw.when(~nw.col("fault").is_null()).then(1).otherwise(0),
    ).group_by("subject_id").agg(nw.col("days").sum(), nw.col("faulty").max())
    enough = criteria.threshold("days").met_by(nw.col("days"))
    return _answers(records.subjects.join(summed, on="subject_id", how="left"), enough,
                    nw.col("faulty") == 0, "fewer than 7 days of blinatumomab",
                    "the days of infusion are not known")


def _answers(
    rows: Lazy, passes: nw.Expr, fails: nw.Expr, why_not: str, unknown: str, *more: str
) -> Lazy:
    """Return ``subject_id, value, note, source``: met, else not met, else unknown."""
    met, not_met = passes.fill_null(value=False), fails.fill_null(value=False)
    return rows.select(
        "subject_id", *more,
        nw.when(met).then(nw.lit(MET)).when(not_met).then(nw.lit(NOT_MET)).alias("value"),
        nw.when(met).then(nw.lit(None, dtype=nw.String)).when(not_met).then(nw.lit(why_not))
        .otherwise(nw.lit(unknown)).alias("note"),
        nw.col(SOURCE).alias("source"))


CRITERIA: Mapping[str, Callable[[Candidates, Criteria], Lazy]] = MappingProxyType({
    "age": _age, "enrolment": _enrolment, "consent": _consent, "disease": _disease,
    "cd19": _cd19, "performance": _performance, "site": _site, "frailty": _frailty,
    "exposure": _exposure,
})
"""The criteria in the order in which papers state them."""

_LABELS = {
    "age": "Age", "enrolment": "Within the period of enrolment",
    "consent": "Consent, and assent of the older child", "disease": "Disease",
    "cd19": "CD19 on the blasts", "performance": "Performance score",
    "site": "Site of the relapse",
    "frailty": "No severe infection with organ insufficiency",
    "exposure": "At least 7 days of blinatumomab",
}


def _declare(name: str) -> None:
    """Declare the definition of one criterion."""

    def criterion(  # noqa: PLR0917 - one frame for each table it reads
        subjects: Lazy, episodes: Lazy, assessments: Lazy, exposure: Lazy, criteria: Criteria,
        plan: Plan,
    ) -> Lazy:
        return CRITERIA[name](
            candidates(subjects, episodes, assessments, exposure, plan), criteria)

    criterion.__name__ = f"eligible_{name}"
    criterion.__doc__ = f"Criterion of eligibility, {_LABELS[name]}."
    definition(label=f"Eligible: {_LABELS[name]}", grain="subject", kind="category",
               needs=_NEEDS, criteria=f"eligibility.{name}", levels=ANSWERS,
               wants_plan=True)(criterion)


for _name in CRITERIA:
    _declare(_name)


@definition(
    label="Eligibility", grain="subject", kind="category", needs=_NEEDS,
    criteria="eligibility.verdict", wants_plan=True,
    levels={"ELIGIBLE": "eligible", "NOT_ELIGIBLE": "not eligible"},
)
def eligibility(  # noqa: PLR0917 - one frame for each table it reads
    subjects: Lazy, episodes: Lazy, assessments: Lazy, exposure: Lazy, criteria: Criteria,
    plan: Plan,
) -> Lazy:
    """Whether every criterion of the trial is met; one that is not known leaves it unknown."""
    records = candidates(subjects, episodes, assessments, exposure, plan)
    chosen = criteria["criteria"]
    joined = records.subjects.select("subject_id", nw.col(SOURCE).alias("source"))
    for name, which in chosen.items():
        judged = CRITERIA[name](records, criteria_sets(f"eligibility.{name}")[which]).select(
            "subject_id", nw.col("value").alias(name), nw.col("note").alias(f"{name}_note"))
        joined = joined.join(judged, on="subject_id", how="left")
    joined = settled(joined)
    fails = nw.any_horizontal(
        *((nw.col(name) == NOT_MET).fill_null(value=False) for name in chosen),
        ignore_nulls=False)
    is_open = nw.any_horizontal(
        *(nw.col(name).is_null() for name in chosen), ignore_nulls=False)
    return joined.with_columns(fails=fails, open=is_open).select(
        "subject_id",
        nw.when(nw.col("fails")).then(nw.lit("NOT_ELIGIBLE"))
        .when(~nw.col("open")).then(nw.lit("ELIGIBLE")).alias("value"),
        nw.when(nw.col("fails")).then(_reasons(chosen, lambda value: value == NOT_MET))
        .when(nw.col("open")).then(_reasons(chosen, lambda value: value.is_null()))
        .otherwise(_reasons(chosen, lambda value: value == NOT_APPLICABLE)).alias("note"),
        "source")


def _reasons(names: Mapping[str, str], applies: Callable[[nw.Expr], nw.Expr]) -> nw.Expr:
    """Return the notes of the criteria of which something holds, joined; null without any."""
    notes = [nw.when(applies(nw.col(name))).then(nw.col(f"{name}_note")) for name in names]
    none = nw.all_horizontal(*(note.is_null() for note in notes), ignore_nulls=False)
    return nw.when(~none).then(nw.concat_str(notes, separator="; ", ignore_nulls=True))
