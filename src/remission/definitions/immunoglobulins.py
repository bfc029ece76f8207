"""Immunoglobulins before and after blinatumomab, with the flag of those given to the child."""

from __future__ import annotations

from collections.abc import Iterable

import narwhals.stable.v2 as nw

from remission.definitions.criteria import Criteria, Threshold
from remission.definitions.definition import ITEM, Item, definition
from remission.definitions.detection import (
    ABOVE,
    BELOW,
    caution,
    change_of_pairs,
    paired,
    with_flags,
)
from remission.definitions.inputs import Lazy, settled
from remission.definitions.visits import (
    NO_END,
    NO_INFUSION,
    NO_SAMPLE,
    VISIT,
    at_visits,
    first_of_day,
    for_each_item,
    infusions,
    visit_labels,
    visits_of,
)
from remission.plan import Plan
from remission.records.column import SOURCE

_CLASSES = {"igg": "IgG", "iga": "IgA", "igm": "IgM"}
_VISITS = visits_of("around_blinatumomab")["visits"]
_NEEDS = ("subject.subject_id", "exposure.start_day", "exposure.end_day",
          *(f"laboratory.{name.upper()}" for name in _CLASSES), "drug_dose.purpose",
          "drug_dose.start_day", "drug_dose.end_day")
GIVEN = "under 28 days after intravenous immunoglobulin: not the child's own alone"


@definition(
    label="Immunoglobulins", grain="subject", kind="number", needs=_NEEDS,
    criteria="immune.immunoglobulin", wants_plan=True,
    items={f"{name}_{visit}": Item(f"{label} {words}", "g/L") for name, label in _CLASSES.items()
           for visit, words in visit_labels(_VISITS).items()},
)
def immunoglobulins(  # noqa: PLR0917 - one frame for each table it reads
    subjects: Lazy, exposure: Lazy, laboratory: Lazy, doses: Lazy, criteria: Criteria, plan: Plan
) -> Lazy:
    """Immunoglobulins before blinatumomab and after its last cycle."""
    begun = settled(infusions(subjects, exposure, plan))
    seen = settled(_seen(begun, laboratory, doses, criteria))
    items = [f"{name}_{visit['code']}" for name in _CLASSES for visit in _VISITS]
    return _at_items(begun, items, seen, nw.col("value"), caution(nw.col("flag")))


def _at_items(
    begun: Lazy, items: Iterable[str], seen: Lazy, value: nw.Expr, why: nw.Expr
) -> Lazy:
    """Return what is said of the sample of each item, or why there is none."""
    found = seen.select("subject_id", ITEM, value.alias("value"), nw.col("after").alias("day"),
                        why.alias("why"), "given", "row")
    is_missing = nw.col("row").is_null()
    return for_each_item(begun, items).join(found, on=["subject_id", ITEM], how="left").select(
        "subject_id", ITEM, "value", "day",
        nw.when(is_missing & nw.col("began").is_null())
        .then(nw.lit(NO_INFUSION))
        .when(is_missing & nw.col(ITEM).str.ends_with("after") & nw.col("last_ended").is_null())
        .then(nw.lit(NO_END))
        .when(is_missing).then(nw.lit(NO_SAMPLE))
        .otherwise(_both(nw.col("given") > 0, nw.col("why"))).alias("note"),
        nw.coalesce("row", "subject_row").alias("source"),
    )


@definition(
    label="IgG at the level of replacement", grain="subject", kind="yes_no",
    needs=tuple(need for need in _NEEDS if need not in ("laboratory.IGA", "laboratory.IGM")),
    criteria="immune.igg_replacement", wants_plan=True,
    items={code: Item(f"IgG at the level of replacement {words}")
           for code, words in visit_labels(_VISITS).items()},
)
def igg_replacement_level(  # noqa: PLR0917 - one frame for each table it reads
    subjects: Lazy, exposure: Lazy, laboratory: Lazy, doses: Lazy, criteria: Criteria, plan: Plan
) -> Lazy:
    """Whether IgG lies under the level of replacement before and after blinatumomab."""
    begun = settled(infusions(subjects, exposure, plan))
    seen = _seen(begun, laboratory, doses, criteria).with_columns(item=nw.col(VISIT))
    is_low = _is_under(criteria.threshold("below"))
    why = nw.when(is_low.is_null()).then(nw.lit("the value is a limit that does not decide"))
    return _at_items(begun, visit_labels(_VISITS), settled(seen), is_low, why)


def _is_under(level: Threshold) -> nw.Expr:
    """Return whether a value, or all that the limit it is given as allows, lies under a level."""
    value, flag = nw.col("value"), nw.col("flag")
    on_it = Threshold(level.value, level.unit, inclusive=True).undercut_by(value)
    under = level.undercut_by(value)
    return (
        nw.when(flag == BELOW).then(nw.when(on_it).then(nw.lit("Y")))
        .when(flag == ABOVE).then(nw.when(~under).then(nw.lit("N")))
        .when(under).then(nw.lit("Y")).otherwise(nw.lit("N")))


@definition(
    label="Change of immunoglobulins", grain="subject", kind="number", needs=_NEEDS,
    criteria="immune.immunoglobulin", wants_plan=True,
    items={name: Item(f"{label}, change under blinatumomab", "g/L")
           for name, label in _CLASSES.items()},
)
def immunoglobulin_change(  # noqa: PLR0917 - one frame for each table it reads
    subjects: Lazy, exposure: Lazy, laboratory: Lazy, doses: Lazy, criteria: Criteria, plan: Plan
) -> Lazy:
    """Immunoglobulins after the last cycle less those before blinatumomab."""
    begun = settled(infusions(subjects, exposure, plan))
    seen = settled(_seen(begun, laboratory, doses, criteria)).with_columns(item=nw.col("measure"))
    keys = ["subject_id", ITEM]
    members = {code: seen.filter(nw.col(VISIT) == code) for code in ("before", "after")}
    change, why = change_of_pairs()
    pairs = paired(members["before"], members["after"], *keys).with_columns(change=change, why=why)
    joined = for_each_item(begun, _CLASSES).join(pairs, on=keys, how="left")
    for code, rows in members.items():
        joined = joined.join(rows.select(*keys, nw.col("given").alias(f"given_{code}"),
                                         nw.col("row").alias(f"{code}_row")), on=keys, how="left")
    return joined.select(
        *keys, nw.col("change").alias("value"),
        nw.when(nw.col("after_row").is_null()).then(nw.lit("no value after"))
        .when(nw.col("before_row").is_null()).then(nw.lit("no value before"))
        .otherwise(_both((nw.col("given_before").fill_null(0) > 0)
                         | (nw.col("given_after").fill_null(0) > 0), nw.col("why")))
        .alias("note"),
        nw.coalesce("after_row", "before_row", "subject_row").alias("source"),
    )


def _both(was_given: nw.Expr, caution_of_value: nw.Expr) -> nw.Expr:
    """Return what has to be said: of immunoglobulin given shortly before, of the value, of both."""
    given = nw.when(was_given).then(nw.lit(GIVEN))
    return nw.coalesce(nw.concat_str(given, caution_of_value, separator="; "), given,
                       caution_of_value)


def _seen(begun: Lazy, laboratory: Lazy, doses: Lazy, criteria: Criteria) -> Lazy:
    """Return the value of each class and visit, and how many doses were given shortly before."""
    values = with_flags(first_of_day(laboratory, "subject_id", "test")).select(
        "subject_id", "day", nw.col("test").str.to_lowercase().alias("measure"), "value", "flag",
        "limit", nw.col(SOURCE).alias("row"),
    ).join(begun.select("subject_id", "began", "last_ended"), on="subject_id").with_columns(
        after=nw.col("day") - nw.col("began"))
    seen = settled(at_visits(settled(values), _VISITS, "subject_id", "measure"))
    given = doses.filter(nw.col("purpose") == "IMMUNOGLOBULIN").select(
        "subject_id", "start_day", nw.coalesce("end_day", "start_day").alias("given_until"))
    days = seen.select("subject_id", "day").unique().join(given, on="subject_id")
    near = days.filter((nw.col("start_day") <= nw.col("day")) & (
        nw.col("day") - nw.col("given_until") < criteria["flagged_days"])).group_by(
        "subject_id", "day").agg(nw.len().alias("given"))
    return seen.join(near, on=["subject_id", "day"], how="left").with_columns(
        item=nw.concat_str("measure", VISIT, separator="_"))
