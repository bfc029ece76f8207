"""Relapse in the marrow as the consensus judges it, and recurrence of MRD."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.criteria import Criteria
from remission.definitions.definition import definition
from remission.definitions.inputs import Lazy, settled
from remission.definitions.mrd import FAILURE, NEGATIVE, NOT_MARROW, marrow_mrd, mrd_readings
from remission.definitions.mrd import NEEDS as MRD_NEEDS
from remission.records.column import SOURCE

_KEYS = ("subject_id", "day")
_NEEDS = (*MRD_NEEDS, "assessment.blast_percent", "assessment.response_reported")
_JUDGEMENTS = {
    "RELAPSE": "relapse",
    "PENDING_BM2": "to be repeated",
    "MRD_RECURRENCE": "MRD recurrence",
    "NO": "no relapse",
    "PERSISTENT": "persistent disease, never in remission",
}
_REMISSIONS = ("CR", "CRH", "CRI")
_NO_REMISSIONS = ("PR", "NR", "PD")
_NOTHING = nw.lit(None, dtype=nw.String)
_NOT_CONFIRMED = "MRD not confirmed by a second method or on the next marrow"
_CONTRADICTED = "blasts of at least 5 % contradict MRD below 1 %, which decides"


def _judged(assessments: Lazy, criteria: Criteria) -> Lazy:
    """Return one row a marrow with what it and the marrows beside it show.

    Columns: ``subject_id, day, row, finding, measured, at_most, blasts``, ``tests`` (how many
    reach 1 %), ``repeat_tests`` and ``repeat_finding`` of the next marrow in time, ``is_repeated``
    (1 or 0), ``had_remission`` (1, 0, null without an earlier marrow that tells), ``was_clear`` (1
    after a complete MRD response, else 0) and ``is_confirmed`` (1 or 0).
    """
    rows = settled(assessments.filter(
        (nw.col("specimen") == "BM") & ~nw.col("day").is_null()))
    plain = settled(_with_tests(rows, criteria))
    order = {"order_by": "day"}
    next_day = nw.col("day").shift(-1).over("subject_id", **order)
    beside = plain.with_columns(
        next_day=next_day,
        next_tests=nw.col("tests").shift(-1).over("subject_id", **order),
        next_finding=nw.col("finding").shift(-1).over("subject_id", **order),
        remissions=nw.col("in_remission").cum_max().over("subject_id", **order),
        clear=nw.col("is_clear").cum_max().over("subject_id", **order),
    ).with_columns(
        remissions=nw.col("remissions").fill_null(strategy="forward").over("subject_id", **order),
    ).with_columns(
        had_remission=nw.col("remissions").shift(1).over("subject_id", **order),
        was_clear=nw.col("clear").shift(1).over("subject_id", **order).fill_null(0),
        is_repeated=nw.when(nw.col("next_day") - nw.col("day") <= criteria["repeat_within"])
        .then(1).otherwise(0))
    again = nw.col("is_repeated") == 1
    confirmed = (nw.col("positive_methods") >= 2) | (
        again & (nw.col("next_finding") == FAILURE)).fill_null(value=False)
    return beside.with_columns(
        repeat_tests=nw.when(again).then(nw.col("next_tests")),
        is_confirmed=nw.when(confirmed).then(1).otherwise(0))


def _with_tests(rows: Lazy, criteria: Criteria) -> Lazy:
    """Return one row a marrow that was examined: blasts, MRD, and the tests that reach 1 %."""
    reaches = criteria.threshold("with_two").met_by
    of_method = mrd_readings(rows, criteria).filter(~nw.col("mrd_method").is_null()).group_by(
        *_KEYS, "mrd_method").agg(nw.col("measured").max(), nw.col("finding").max())
    counted = of_method.with_columns(
        methods=nw.when(reaches(nw.col("measured"))).then(1).otherwise(0),
        positive_methods=nw.when(nw.col("finding") == FAILURE).then(1).otherwise(0),
    ).group_by(*_KEYS).agg(nw.col("methods").sum(), nw.col("positive_methods").sum())
    word = nw.col("response_reported")
    seen = rows.with_columns(
        said=nw.when(word.is_in(_REMISSIONS)).then(1).when(word.is_in(_NO_REMISSIONS)).then(0))
    marrows = seen.group_by(*_KEYS).agg(
        nw.col("blast_percent").max().alias("blasts"), nw.col("said").max(),
        nw.col("assessment_no").min())
    sources = rows.select(*_KEYS, "assessment_no", nw.col(SOURCE).alias("marrow_row"))
    joined = marrows.join(sources, on=[*_KEYS, "assessment_no"])
    for part in (counted, marrow_mrd(rows, criteria)):
        joined = joined.join(part, on=list(_KEYS), how="left")
    by_morphology: nw.Expr | int = 0
    if "MORPHOLOGY" in criteria["tests"]:
        by_morphology = nw.when(reaches(nw.col("blasts"))).then(1).otherwise(0)
    in_remission = _in_remission(criteria)
    return joined.with_columns(
        tests=nw.col("methods").fill_null(0) + by_morphology,
        positive_methods=nw.col("positive_methods").fill_null(0),
        in_remission=in_remission,
        is_clear=nw.when(nw.col("finding") == NEGATIVE).then(1).otherwise(0),
        row=nw.coalesce("mrd_row", "marrow_row"),
    ).filter(~nw.col("blasts").is_null() | ~nw.col("finding").is_null()
             | ~nw.col("said").is_null())


def _in_remission(criteria: Criteria) -> nw.Expr:
    """Return 1 or 0 by MRD where it is known, else by blasts, else by the centre's word."""
    over = criteria.threshold("with_two").met_by
    left = criteria.threshold("blasts_left").met_by(nw.col("blasts"))
    return (
        nw.when(over(nw.col("measured"))).then(0)
        .when(~over(nw.col("at_most"))).then(1)
        .when(left).then(0).when(~left).then(1)
        .otherwise(nw.col("said")))


@definition(
    label="Marrow relapse", grain="assessment", kind="category", needs=_NEEDS,
    criteria="marrow_relapse.table", levels=_JUDGEMENTS, day_label="Day of the marrow",
)
def marrow_relapse(assessments: Lazy, criteria: Criteria) -> Lazy:
    """Whether a marrow shows a relapse, by MRD, other tests and the next marrow."""
    judged = _judged(assessments, criteria).with_columns(
        value=_by_table(criteria), note=_why(criteria))
    found = judged.select(*_KEYS, "value", "note", "row")
    of_marrow = nw.col("specimen") == "BM"
    return assessments.select(
        "subject_id", "assessment_no", "day", "specimen", SOURCE,
    ).join(found, on=list(_KEYS), how="left").select(
        "subject_id", "assessment_no",
        nw.when(of_marrow).then(nw.col("value")).alias("value"), "day",
        nw.when(nw.col("specimen").is_null()).then(nw.lit("the specimen is not recorded"))
        .when(~of_marrow).then(nw.lit(NOT_MARROW))
        .when(nw.col("day").is_null()).then(nw.lit("the day of the marrow is not known"))
        .when(nw.col("row").is_null()).then(nw.lit("no MRD on this marrow"))
        .otherwise(nw.col("note")).alias("note"),
        nw.when(of_marrow).then(nw.coalesce("row", SOURCE)).otherwise(nw.col(SOURCE))
        .alias("source"))


def _by_table(criteria: Criteria) -> nw.Expr:
    """Return the judgement of the table; the highest MRD counts, other tests support it."""
    mrd, others = nw.col("measured"), nw.col("tests") - 1
    reaches = criteria.threshold("with_two").met_by
    certain = criteria.threshold("certain").met_by(mrd) | (
        criteria.threshold("with_one").met_by(mrd) & (others >= 1)) | (others >= 2)
    high = reaches(mrd).fill_null(value=False)
    low = ~high & (~reaches(nw.col("at_most"))).fill_null(value=False)
    return (
        nw.when(low & _recurs()).then(nw.lit("MRD_RECURRENCE"))
        .when(low).then(nw.lit("NO"))
        .when(~high | nw.col("had_remission").is_null()).then(_NOTHING)
        .when(nw.col("had_remission") == 0).then(nw.lit("PERSISTENT"))
        .when(certain | (nw.col("repeat_tests") >= 2)).then(nw.lit("RELAPSE"))
        .when(nw.col("is_repeated") == 0).then(nw.lit("PENDING_BM2"))
        .otherwise(nw.lit("NO")))


def _recurs() -> nw.Expr:
    return (nw.col("finding") == FAILURE) & (nw.col("was_clear") == 1) & (
        nw.col("is_confirmed") == 1)


def _why(criteria: Criteria) -> nw.Expr:
    """Return why a marrow has no judgement, or what a judgement leaves open."""
    reaches = criteria.threshold("with_two").met_by(nw.col("measured"))
    is_low = ~reaches.fill_null(value=False) & ~criteria.threshold("with_two").met_by(
        nw.col("at_most"))
    return (
        nw.when(nw.col("finding").is_null()).then(nw.lit("no MRD on this marrow"))
        .when(nw.col("measured").is_null() & criteria.threshold("with_two").met_by(
            nw.col("at_most"))).then(nw.lit("the assay would not see 1 %"))
        .when(reaches & nw.col("had_remission").is_null())
        .then(nw.lit("whether there was a remission before is not recorded"))
        .when(is_low & criteria.threshold("blasts_left").met_by(nw.col("blasts")))
        .then(nw.lit(_CONTRADICTED))
        .when(~reaches & (nw.col("finding") == FAILURE) & (nw.col("was_clear") == 1)
              & (nw.col("is_confirmed") == 0)).then(nw.lit(_NOT_CONFIRMED)))


@definition(
    label="MRD recurrence", grain="subject", kind="yes_no", needs=_NEEDS,
    criteria="marrow_relapse.mrd_recurrence", day_label="Day of MRD recurrence",
)
def mrd_recurrence(assessments: Lazy, criteria: Criteria) -> Lazy:
    """MRD come back after a complete MRD response, after day 0 and confirmed."""
    judged = settled(_judged(assessments, criteria).filter(nw.col("day") > 0))
    has_blasts = criteria.threshold("blasts_left").met_by(
        nw.col("blasts")).fill_null(value=False)
    low = ~criteria.threshold("mrd_left").met_by(nw.col("measured"))
    if criteria["morphology_excludes"]:
        low = low & ~has_blasts
    candidate = (nw.col("finding") == FAILURE) & (nw.col("was_clear") == 1) & low
    after = nw.col("was_clear") == 1
    kinds = {
        "yes": candidate & (nw.col("is_confirmed") == 1),
        "open": candidate & (nw.col("is_confirmed") == 0),
        "clear": after & ~nw.col("finding").is_null() & ~candidate.fill_null(value=False),
        "any": ~nw.col("day").is_null(),
    }
    joined = judged.select("subject_id").unique()
    for kind, rows in kinds.items():
        joined = joined.join(_earliest(
            judged.filter(rows).with_columns(has_blasts=has_blasts), kind),
            on="subject_id", how="left")
    yes, is_open, clear = (~nw.col(f"{kind}_row").is_null() for kind in ("yes", "open", "clear"))
    return joined.select(
        "subject_id",
        nw.when(yes).then(nw.lit("Y")).when(clear & ~is_open).then(nw.lit("N")).alias("value"),
        nw.when(yes).then(nw.col("yes_day")).alias("day"),
        nw.when(yes & nw.col("yes_has_blasts")).then(nw.lit(_CONTRADICTED))
        .when(yes).then(_NOTHING).when(is_open).then(nw.lit(_NOT_CONFIRMED))
        .when(~clear).then(nw.lit("no marrow after a complete MRD response")).alias("note"),
        nw.coalesce("yes_row", "open_row", "clear_row", "any_row").alias("source"))


def _earliest(marrows: Lazy, kind: str) -> Lazy:
    """Return day, row and ``has_blasts`` of the first of some marrows of each subject."""
    first = marrows.filter(nw.col("day") == nw.col("day").min().over("subject_id"))
    return first.select("subject_id", *(
        nw.col(name).alias(f"{kind}_{name}") for name in ("day", "row", "has_blasts")))
