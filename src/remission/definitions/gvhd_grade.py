"""The worst grade of graft-versus-host disease after each transplant.

From the stages of the organs; a grade of organs that were not all assessed is the least it can be.
Without any stage that tells, the centre's own grade is taken for the index graft.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import narwhals.stable.v2 as nw

from remission.definitions.absence import NOT_ASKED, with_none_known
from remission.definitions.criteria import Criteria
from remission.definitions.definition import KEYS, definition
from remission.definitions.gvhd import BY_CENTRE, FROM_ORGANS, GRADED_OTHERWISE, rows_of_kind
from remission.definitions.gvhd_organs import (
    ACUTE_NEEDS,
    CHRONIC_NEEDS,
    acute_rows,
    chronic_rows,
    of_grafts,
)
from remission.definitions.inputs import Lazy, no_value, settled
from remission.definitions.transplant import index_grafts, with_next_graft
from remission.definitions.visits import NO_GRAFT_DAY
from remission.plan import Plan
from remission.records.column import SOURCE

_KEYS = list(KEYS["transplant"])
_NEEDS = ("transplant.day", "gvhd.kind", "gvhd.max_grade", "gvhd.grading", "gvhd.onset_day",
          "form_status.status")
_ACUTE = {"0": "none", "I": "grade I", "II": "grade II", "III": "grade III",
          "III_IV": "grade III or IV", "IV": "grade IV"}
_ACUTE_OF_ORGANS = ("0", "I", "II", "III", "IV")
_CHRONIC = {"NONE": "none", "MILD": "mild", "MODERATE": "moderate", "SEVERE": "severe"}


@definition(
    label="Acute GVHD grade", grain="transplant", kind="category", levels=_ACUTE,
    needs=(*_NEEDS, *ACUTE_NEEDS), criteria="gvhd.acute_grade",
    day_label="Day of the worst acute GVHD", wants_plan=True,
)
def acute_gvhd_grade(  # noqa: PLR0917 - one frame for each table it reads
    transplants: Lazy, gvhd: Lazy, forms: Lazy, organs: Lazy, criteria: Criteria, plan: Plan
) -> Lazy:
    """Worst grade of acute graft-versus-host disease after the transplant."""
    reported = _reported(transplants, gvhd, forms, criteria, plan, "ACUTE", tuple(_ACUTE))
    return _worst(transplants, acute_rows(organs, criteria), reported, _ACUTE_OF_ORGANS)


@definition(
    label="Chronic GVHD severity", grain="transplant", kind="category", levels=_CHRONIC,
    needs=(*_NEEDS, *CHRONIC_NEEDS), criteria="gvhd.chronic_severity",
    day_label="Day of the worst chronic GVHD", wants_plan=True,
)
def chronic_gvhd_severity(  # noqa: PLR0917 - one frame for each table it reads
    transplants: Lazy, gvhd: Lazy, forms: Lazy, organs: Lazy, criteria: Criteria, plan: Plan
) -> Lazy:
    """Worst global severity of chronic graft-versus-host disease after the transplant."""
    reported = _reported(transplants, gvhd, forms, criteria, plan, "CHRONIC", tuple(_CHRONIC))
    return _worst(transplants, chronic_rows(organs, criteria), reported, tuple(_CHRONIC))


def _reported(  # noqa: PLR0917 - one frame for each table it reads
    transplants: Lazy, gvhd: Lazy, forms: Lazy, criteria: Criteria, plan: Plan,
    kind: str, order: Sequence[str],
) -> Lazy:
    """Return what the centre says of each index graft: ``said, said_day, said_row, said_note``.

    ``order`` names the grades from none to the worst. A grade that is missing or of another
    system leaves the worst open, unless another row already has it.
    """
    grafts = settled(with_none_known(index_grafts(transplants), forms, f"{kind}_GVHD", plan))
    rank = _ranked(nw.col("max_grade"), {grade: rank for rank, grade in enumerate(order)})
    other = (nw.col("grading") != criteria["system"]).fill_null(value=False)
    rows = rows_of_kind(gvhd, grafts, kind).with_columns(
        rank=rank, ungraded=nw.when(rank.is_null()).then(1).otherwise(0),
        other=nw.when(other).then(1).otherwise(0))
    worst = rows.filter(nw.col("rank") == nw.col("rank").max().over("subject_id"))
    at_worst = worst.group_by("subject_id").agg(
        nw.col("rank").max(), nw.col("onset_day").min(), nw.col("other").max())
    row = worst.filter(nw.col("gvhd_no") == nw.col("gvhd_no").min().over("subject_id")).select(
        "subject_id", nw.col(SOURCE).alias("said_row"))
    seen = rows.group_by("subject_id").agg(nw.col("ungraded").max())
    joined = grafts
    for part in (at_worst, row, seen):
        joined = joined.join(part, on="subject_id", how="left")
    is_open = (nw.col("ungraded") == 1) & ~(nw.col("rank") == len(order) - 1).fill_null(
        value=False)
    said = nw.when(~is_open.fill_null(value=False)).then(_named(nw.col("rank"), order))
    no_row = nw.col("ungraded").is_null()
    return joined.select(
        *_KEYS,
        nw.when(no_row & nw.col("none_known")).then(nw.lit(order[0])).otherwise(said)
        .alias("said"),
        (nw.col("onset_day") - nw.col("graft_day")).alias("said_day"), "said_row",
        nw.when(is_open).then(nw.lit("a grade is missing or of another grading system"))
        .when(no_row & ~nw.col("none_known")).then(nw.lit(NOT_ASKED))
        .when(nw.col("other") == 1).then(nw.lit("the centre graded by another system"))
        .alias("said_note"),
    )


def _worst(transplants: Lazy, graded: Lazy, reported: Lazy, names: Sequence[str]) -> Lazy:
    """Return the worst grade of each graft by its organs, else as the centre said."""
    grafts = settled(with_next_graft(transplants).rename(
        {"day": "graft_day", SOURCE: "graft_row"}))
    rows = settled(of_grafts(graded, grafts))
    worst = rows.filter(nw.col("least") == nw.col("least").max().over(*_KEYS))
    first = worst.filter(nw.col("after") == nw.col("after").min().over(*_KEYS)).select(
        *_KEYS, "least", "after", nw.col(SOURCE).alias("organ_row"))
    highest = rows.group_by(*_KEYS).agg(nw.col("most").max())
    joined = grafts
    for part in (first, highest, reported):
        joined = joined.join(part, on=_KEYS, how="left")
    joined = settled(joined)
    least = nw.col("least")
    is_derived = ((least > 0) | (nw.col("most") == 0)).fill_null(value=False)
    of_organs, said = _named(least, names), nw.col("said")
    return joined.select(
        *_KEYS,
        nw.when(is_derived).then(of_organs).otherwise(said).alias("value"),
        nw.when(is_derived & (least > 0)).then(nw.col("after"))
        .when(~is_derived & ~said.is_null()).then(nw.col("said_day")).alias("day"),
        nw.when(is_derived).then(nw.lit(FROM_ORGANS))
        .when(~said.is_null()).then(nw.lit(BY_CENTRE)).alias("how"),
        nw.when(is_derived & (nw.col("most") > least))
        .then(nw.lit("at least this: not every organ was assessed"))
        .when(is_derived & (of_organs != said)).then(nw.lit(GRADED_OTHERWISE))
        .when(is_derived).then(nw.lit(None, dtype=nw.String))
        .when(nw.col("graft_day").is_null()).then(nw.lit(NO_GRAFT_DAY))
        .otherwise(nw.coalesce(nw.col("said_note"), nw.when(said.is_null()).then(
            nw.lit("no organ stages that tell")))).alias("note"),
        nw.when(is_derived).then(nw.col("organ_row"))
        .otherwise(nw.coalesce("said_row", "graft_row")).alias("source"),
    )


def _ranked(values: nw.Expr, ranks: Mapping[str, int]) -> nw.Expr:
    """Return the rank of a grade; null for one that is not of the system."""
    rank = no_value(nw.Int64)
    for grade, number in ranks.items():
        rank = nw.when(values == grade).then(nw.lit(number)).otherwise(rank)
    return rank


def _named(ranks: nw.Expr, names: Sequence[str]) -> nw.Expr:
    """Return the grade of a rank."""
    name: nw.Expr = nw.lit(None, dtype=nw.String)
    for number, grade in enumerate(names):
        name = nw.when(ranks == number).then(nw.lit(grade)).otherwise(name)
    return name
