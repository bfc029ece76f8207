"""Age at the anchor and its groups."""

from __future__ import annotations

import math
from typing import Any

import narwhals.stable.v2 as nw

from remission.days import DAYS_PER_MONTH, DAYS_PER_YEAR
from remission.definitions.criteria import Criteria
from remission.definitions.definition import REPORTED, definition
from remission.definitions.inputs import Lazy
from remission.records.column import SOURCE


@definition(
    label="Age", grain="subject", kind="number", unit="years",
    needs=("subject.age_at_index_days", "subject.age_at_index_years_reported"),
    reference="Age on day 0: in years as the centre gives it, else days divided by 365.25.",
)
def age_years(subjects: Lazy) -> Lazy:
    """Age on the anchor day, in years as the centre gives it, else days / 365.25."""
    reported = nw.col("age_at_index_years_reported")
    return subjects.select(
        "subject_id",
        nw.coalesce(reported, nw.col("age_at_index_days") / DAYS_PER_YEAR).alias("value"),
        nw.when(~reported.is_null()).then(nw.lit(REPORTED))
        .when(~nw.col("age_at_index_days").is_null()).then(nw.lit("from days")).alias("how"),
        nw.col(SOURCE).alias("source"),
    )


@definition(
    label="Age", grain="subject", kind="number", unit="months",
    needs=("subject.age_at_index_days",),
    reference="Age on day 0 in completed months: whole multiples of 30.4375 days.",
)
def age_months(subjects: Lazy) -> Lazy:
    """Age on the anchor day in completed months, days / 30.4375."""
    return subjects.filter(~nw.col("age_at_index_days").is_null()).select(
        "subject_id", (nw.col("age_at_index_days") / DAYS_PER_MONTH).floor().alias("value"),
        nw.col(SOURCE).alias("source"))


@definition(
    label="Donor age", grain="transplant", kind="number", unit="years",
    needs=("transplant.donor_age_days",),
    reference="Age of the donor in days divided by 365.25.",
)
def donor_age_years(transplants: Lazy) -> Lazy:
    """Age of the donor at donation, days / 365.25."""
    return transplants.select(
        "subject_id", "transplant_no",
        (nw.col("donor_age_days") / DAYS_PER_YEAR).alias("value"),
        nw.col(SOURCE).alias("source"),
    )


@definition(
    label="Age group", grain="subject", kind="category", criteria="age.group",
    needs=("subject.age_at_index_days", "subject.age_at_index_years_reported"),
)
def age_group(subjects: Lazy, criteria: Criteria) -> Lazy:
    """Group of the age on the anchor day."""
    known = ~nw.col("age_at_index_days").is_null() | ~nw.col(
        "age_at_index_years_reported").is_null()
    *bounded, last = criteria["levels"]
    group: nw.Expr = nw.lit(last["code"])
    for level in reversed(bounded):
        group = nw.when(is_within(level)).then(nw.lit(level["code"])).otherwise(group)
    return subjects.filter(known).select(
        "subject_id", group.alias("value"), nw.col(SOURCE).alias("source"))


def is_within(level: dict[str, Any]) -> nw.Expr:
    """Return whether an age lies below a birthday, or at most on it where that is included.

    ``level`` holds ``below`` or ``at_most`` in years. An age in years is compared as it is given;
    one in days with the birthday's day. Without an age it is null.
    """
    years, days = nw.col("age_at_index_years_reported"), nw.col("age_at_index_days")
    if "below" in level:
        return nw.coalesce(years < level["below"],
                           days < days_of_birthday(level["below"]))
    return nw.coalesce(years <= level["at_most"],
                       days <= math.ceil(level["at_most"] * DAYS_PER_YEAR))


def days_of_birthday(years: float) -> int:
    """Return the day of life on which a birthday can fall at the earliest."""
    return math.floor(years * DAYS_PER_YEAR)


def age_in_days() -> nw.Expr:
    """Return the age on the anchor day in days, from the years reported where it has no days."""
    return nw.coalesce(nw.col("age_at_index_days").cast(nw.Float64),
                       nw.col("age_at_index_years_reported") * DAYS_PER_YEAR)
