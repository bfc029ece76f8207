"""Surveillance after a transplant: samples expected by the schedule, and samples taken."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.chimerism import LINEAGES
from remission.definitions.criteria import Criteria
from remission.definitions.definition import ITEM, KEYS, Item, definition
from remission.definitions.inputs import Lazy, settled, stacked
from remission.definitions.sequences import different
from remission.definitions.transplant import in_time_of_graft
from remission.definitions.visits import (
    at_visits,
    for_each_item,
    grafts_with_time,
    visits_of,
)
from remission.records.once import once

_KEYS = list(KEYS["transplant"])
_SUBSETS = ("CD3", "CD4", "CD8", "CD19", "NK")
_AT_VISITS = {
    "chimerism": LINEAGES,
    "lymphocyte_subsets": (*_SUBSETS, *(f"{name}_PERCENT" for name in _SUBSETS)),
}
_IN_PHASES = {"cmv": ("CMV",), "ebv": ("EBV",)}
_TESTS = {**_AT_VISITS, **_IN_PHASES}
_LABELS = {"chimerism": "chimerism", "lymphocyte_subsets": "lymphocyte subsets",
           "cmv": "cytomegalovirus", "ebv": "Epstein–Barr virus"}
_VISITS = visits_of("after_graft")["visits"]
_NEEDS = ("transplant.day",
          *(f"laboratory.{test}" for tests in _TESTS.values() for test in tests),
          "follow_up.death_day", "follow_up.last_contact_day")


def _items(words: str, unit: str) -> dict[str, Item]:
    return {name: Item(f"{words}: {label}", unit) for name, label in _LABELS.items()}


@definition(
    label="Surveillance samples expected", grain="transplant", kind="number", needs=_NEEDS,
    criteria="surveillance.schedule", items=_items("Samples expected", "samples"),
)
def surveillance_expected(
    transplants: Lazy, laboratory: Lazy, follow_up: Lazy, criteria: Criteria
) -> Lazy:
    """Number of samples that the schedule asks for until death, last contact or the next graft."""
    counted = _counted(transplants, laboratory, follow_up, criteria)
    return counted.select(*_KEYS, ITEM, nw.col("expected").alias("value"), *_parts())


@definition(
    label="Surveillance samples taken", grain="transplant", kind="number", needs=_NEEDS,
    criteria="surveillance.schedule", items=_items("Samples taken", "samples"),
)
def surveillance_observed(
    transplants: Lazy, laboratory: Lazy, follow_up: Lazy, criteria: Criteria
) -> Lazy:
    """Number of visits that were due and have a sample, or of days with a sample of a virus."""
    counted = _counted(transplants, laboratory, follow_up, criteria)
    return counted.select(*_KEYS, ITEM, nw.col("observed").alias("value"), *_parts("observed"))


@definition(
    label="Surveillance kept", grain="transplant", kind="number", unit="%", needs=_NEEDS,
    criteria="surveillance.schedule", items=_items("Samples taken of those expected", "%"),
)
def surveillance_fraction(
    transplants: Lazy, laboratory: Lazy, follow_up: Lazy, criteria: Criteria
) -> Lazy:
    """Samples taken as a percentage of those expected; over 100 where more were taken."""
    counted = _counted(transplants, laboratory, follow_up, criteria)
    share = nw.col("observed") * 100.0 / nw.col("expected")
    return counted.select(
        *_KEYS, ITEM, nw.when(nw.col("expected") > 0).then(share).alias("value"),
        *_parts("observed", "expected"))


@once
def _counted(
    transplants: Lazy, laboratory: Lazy, follow_up: Lazy, criteria: Criteria
) -> Lazy:
    """Return ``expected, observed, followed, graft_row`` of every graft and item."""
    last_known = follow_up.select(
        "subject_id", nw.max_horizontal("last_contact_day", "death_day").alias("last_known"))
    end = nw.min_horizontal("last_known", nw.col("next_graft") - 1)
    followed = nw.when(~nw.col("last_known").is_null()).then(end - nw.col("graft"))
    grafts = settled(grafts_with_time(transplants).join(
        last_known, on="subject_id", how="left").with_columns(followed=followed).with_columns(
        followed=nw.when(nw.col("followed") >= 0).then(nw.col("followed"))))
    sampled = settled(_sample_days(in_time_of_graft(laboratory, grafts)).join(
        grafts.select(*_KEYS, "graft", "followed"), on=_KEYS))
    taken = sampled.group_by(*_KEYS, ITEM).agg(nw.len().alias("sampled"))
    expected = nw.when(nw.col(ITEM).is_in(list(_AT_VISITS))).then(_visits_due()).otherwise(
        _samples_due(criteria))
    return settled(
        for_each_item(grafts.select(*_KEYS, "followed", "graft_row"), _TESTS)
        .with_columns(expected=expected)
        .join(taken, on=[*_KEYS, ITEM], how="left")
        .join(settled(_observed(sampled)), on=[*_KEYS, ITEM], how="left")
        .with_columns(observed=nw.when(
            ~nw.col("sampled").is_null() & ~nw.col("followed").is_null(),
        ).then(nw.col("kept").fill_null(0)))
    )


def _sample_days(placed: Lazy) -> Lazy:
    """Return one row an item and day on which a sample of it was taken."""
    days = [placed.filter(nw.col("test").is_in(list(tests))).select(*_KEYS, "day", "after")
            .with_columns(item=nw.lit(item)) for item, tests in _TESTS.items()]
    return different(stacked(days))


def _observed(sampled: Lazy) -> Lazy:
    """Return how many due visits, or days under follow-up, have a sample: ``kept``."""
    at_all = at_visits(sampled.filter(nw.col(ITEM).is_in(list(_AT_VISITS))), _VISITS,
                       *_KEYS, ITEM)
    due: nw.Expr = nw.lit(False)
    for visit in _VISITS:
        due = nw.when(nw.col("visit") == visit["code"]).then(
            nw.col("followed") >= visit["day"]).otherwise(due)
    visits = at_all.filter(due).select(*_KEYS, ITEM)
    days = sampled.filter(nw.col(ITEM).is_in(list(_IN_PHASES))
                          & (nw.col("after") <= nw.col("followed"))).select(*_KEYS, ITEM)
    return stacked([visits, days]).group_by(*_KEYS, ITEM).agg(nw.len().alias("kept"))


def _visits_due() -> nw.Expr:
    return nw.when(~nw.col("followed").is_null()).then(nw.sum_horizontal(*(
        nw.when(nw.col("followed") >= visit["day"]).then(1).otherwise(0) for visit in _VISITS)))


def _samples_due(criteria: Criteria) -> nw.Expr:
    """Return how many samples the phases of the schedule ask for."""
    due, start = [], 0
    for phase in criteria["virus"]:
        days, parts = float(phase["every"]).as_integer_ratio()
        until = nw.min_horizontal(nw.col("followed"), nw.lit(phase["until"])) if (
            "until" in phase) else nw.col("followed")
        asked = (until - start) * parts // days
        due.append(nw.when(nw.col("followed") > start).then(asked).otherwise(0))
        start = phase.get("until", start)
    return nw.when(~nw.col("followed").is_null()).then(nw.sum_horizontal(*due))


def _parts(*wanted: str) -> list[nw.Expr]:
    """Return the note and the source; ``wanted`` names what the value needs besides follow-up."""
    note = nw.when(nw.col("followed").is_null()).then(
        nw.lit("the day of the graft, or how long it was followed, is not known"))
    if "observed" in wanted:
        note = note.when(nw.col("sampled").is_null()).then(
            nw.lit("no sample is recorded: not taken, or not collected"))
    if "expected" in wanted:
        note = note.when(nw.col("expected") == 0).then(nw.lit("no sample was due yet"))
    return [note.alias("note"), nw.col("graft_row").alias("source")]
