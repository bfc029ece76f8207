"""A milestone of immune reconstitution: CD4 cells above a level in two samples in a row."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.criteria import Criteria, Threshold
from remission.definitions.definition import KEYS, definition
from remission.definitions.detection import ABOVE, BELOW
from remission.definitions.inputs import Lazy, settled
from remission.definitions.lymphocyte_values import lymphocyte_values
from remission.definitions.transplant import in_time_of_graft
from remission.definitions.visits import NO_GRAFT_DAY, grafts_with_time

_KEYS = list(KEYS["transplant"])
_NOT_MET, _UNDECIDED, _MET = 0, 1, 2
_NOTHING = nw.lit(None, dtype=nw.String)


@definition(
    label="CD4⁺ milestone", grain="transplant", kind="yes_no", criteria="immune.cd4_milestone",
    needs=("transplant.day", "laboratory.ALC", "laboratory.CD4", "laboratory.CD4_PERCENT",
           "follow_up.death_day"),
    day_label="Day of the CD4⁺ milestone",
)
def cd4_milestone(
    transplants: Lazy, laboratory: Lazy, follow_up: Lazy, criteria: Criteria
) -> Lazy:
    """CD4 cells above a level in two consecutive samples by a day after the graft."""
    grafts = settled(grafts_with_time(transplants))
    samples = settled(_samples(grafts, laboratory, criteria))
    joined = grafts.join(follow_up.select("subject_id", "death_day"), on="subject_id", how="left")
    for part in (
        samples.group_by(*_KEYS).agg(nw.col("together").max(), nw.col("after").max()),
        _first_pair(samples), _last_sample(samples),
    ):
        joined = joined.join(part, on=_KEYS, how="left")
    return _verdict(joined, criteria)


def _samples(grafts: Lazy, laboratory: Lazy, criteria: Criteria) -> Lazy:
    """Return the samples by the day, each with what it and the one before show ``together``."""
    counts = lymphocyte_values(laboratory).filter(
        (nw.col("measure") == "cd4") & ~nw.col("value").is_null())
    placed = in_time_of_graft(counts, grafts).filter(
        nw.col("after") <= criteria["by_day"]).with_columns(
        state=_state(criteria.threshold("count")))
    before = {f"{name}_before": nw.col(name).shift(1).over(*_KEYS, order_by="after")
              for name in ("state", "after", "row")}
    return placed.with_columns(**before).with_columns(
        together=nw.when(nw.col("state_before") < nw.col("state")).then(nw.col("state_before"))
        .when(~nw.col("state_before").is_null()).then(nw.col("state")))


def _state(count: Threshold) -> nw.Expr:
    """Return whether a value, or all that the limit it is given as allows, is above the level."""
    value, flag = nw.col("value"), nw.col("flag")
    on_it = Threshold(count.value, count.unit, inclusive=True).met_by(value)
    above = count.met_by(value)
    return (
        nw.when(flag == BELOW).then(nw.when(above).then(_UNDECIDED).otherwise(_NOT_MET))
        .when(flag == ABOVE).then(nw.when(on_it).then(_MET).otherwise(_UNDECIDED))
        .when(above).then(_MET).otherwise(_NOT_MET))


def _first_pair(samples: Lazy) -> Lazy:
    """Return day and row of the first sample of the first pair above the level."""
    pairs = samples.filter(nw.col("together") == _MET)
    first = pairs.filter(nw.col("after") == nw.col("after").min().over(*_KEYS))
    return first.select(*_KEYS, nw.col("after_before").alias("reached_on"),
                        nw.col("row_before").alias("reached_row"))


def _last_sample(samples: Lazy) -> Lazy:
    last = samples.filter(nw.col("after") == nw.col("after").max().over(*_KEYS))
    return last.select(*_KEYS, nw.col("state").alias("last_state"), nw.col("row").alias("last_row"))


def _verdict(joined: Lazy, criteria: Criteria) -> Lazy:
    by_day, together = criteria["by_day"], nw.col("together")
    reached = (together == _MET).fill_null(value=False)
    open_ = (together == _UNDECIDED).fill_null(value=False)
    died = (nw.col("death_day") - nw.col("graft") <= by_day).fill_null(value=False)
    regrafted = (nw.col("next_graft") - nw.col("graft") <= by_day).fill_null(value=False)
    is_low = (nw.col("last_state") == _NOT_MET).fill_null(value=False)
    looked = (nw.col("after") >= by_day - criteria["looked_within"]).fill_null(value=False)
    missed = ~open_ & ~regrafted & (died | (is_low & looked))
    return joined.select(
        *_KEYS,
        nw.when(nw.col("graft").is_null()).then(_NOTHING)
        .when(reached).then(nw.lit("Y")).when(missed).then(nw.lit("N")).alias("value"),
        nw.when(reached).then(nw.col("reached_on")).alias("day"),
        nw.when(nw.col("graft").is_null()).then(nw.lit(NO_GRAFT_DAY))
        .when(reached).then(_NOTHING)
        .when(open_).then(nw.lit("values are given as limits that do not decide"))
        .when(regrafted).then(nw.lit(f"another graft by day {by_day}"))
        .when(died).then(nw.lit("died before it"))
        .when(nw.col("after").is_null()).then(nw.lit(f"no CD4⁺ count by day {by_day}"))
        .when(~is_low).then(nw.lit(f"no sample by day {by_day} confirms the last one"))
        .when(~looked).then(nw.lit(f"the last sample is too early to tell of day {by_day}"))
        .alias("note"),
        nw.coalesce("reached_row", "last_row", "graft_row").alias("source"),
    )
