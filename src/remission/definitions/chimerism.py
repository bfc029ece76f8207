"""Chimerism after a transplant: its state at planned visits, and whether it falls."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.criteria import Criteria, Threshold
from remission.definitions.definition import ITEM, KEYS, Item, definition
from remission.definitions.inputs import OUTSIDE, Lazy, is_share, settled, stacked
from remission.definitions.sequences import different
from remission.definitions.transplant import in_time_of_graft
from remission.definitions.visits import (
    NO_GRAFT_DAY,
    NO_SAMPLE,
    VISIT,
    at_visits,
    for_each_item,
    grafts_with_time,
    visit_labels,
    visits_of,
)
from remission.records.column import SOURCE

_KEYS = list(KEYS["transplant"])
LINEAGES = ("CHIMERISM_WB", "CHIMERISM_CD3")
LATEST = "latest"
_VISITS = visits_of("after_graft")["visits"]
_ITEMS = {code: Item(f"Chimerism, {label}") for code, label in
          {**visit_labels(_VISITS), LATEST: "latest sample"}.items()}
_NOT_MET, _UNDECIDED, _MET = 0, 1, 2
_UNKNOWN = nw.lit(None, dtype=nw.String)


@definition(
    label="Chimerism", grain="transplant", kind="category", criteria="chimerism.state",
    needs=("transplant.day", *(f"laboratory.{test}" for test in (*LINEAGES, "ANC", "PLT"))),
    levels={"FULL": "full donor", "MIXED": "mixed", "REJECTION": "rejection",
            "RECIPIENT": "under 5 % donor without cytopenia"},
    items=_ITEMS,
)
def chimerism(transplants: Lazy, laboratory: Lazy, criteria: Criteria) -> Lazy:
    """State of the chimerism on the sample day nearest to each visit, and on the last one."""
    grafts = settled(grafts_with_time(transplants))
    days = settled(chimerism_days(grafts, laboratory, criteria).join(
        grafts.select(*_KEYS, "graft"), on=_KEYS).with_columns(
        day=nw.col("after") + nw.col("graft")))
    last = days.filter(nw.col("after") == nw.col("after").max().over(*_KEYS)).with_columns(
        visit=nw.lit(LATEST))
    visits = stacked([at_visits(days, _VISITS, *_KEYS), last]).rename({VISIT: ITEM})
    wanted = for_each_item(grafts.select(*_KEYS, "graft", "graft_row"), _ITEMS)
    state = nw.col("state")
    return wanted.join(visits.drop("graft"), on=[*_KEYS, ITEM], how="left").select(
        *_KEYS, ITEM, state.alias("value"), nw.col("after").alias("day"),
        nw.when(nw.col("graft").is_null()).then(nw.lit(NO_GRAFT_DAY))
        .when(nw.col("after").is_null()).then(nw.lit(NO_SAMPLE))
        .when(state.is_null()).then(nw.col("why")).alias("note"),
        nw.coalesce("row", "graft_row").alias("source"),
    )


def chimerism_days(grafts: Lazy, laboratory: Lazy, criteria: Criteria) -> Lazy:
    """Return ``after, state, why, row`` of every day after each graft with a sample."""
    # of the counts only those of children with a sample matter: most have none
    sampled = settled(different(
        laboratory.filter(nw.col("test").is_in(LINEAGES)).select("subject_id")))
    placed = settled(in_time_of_graft(laboratory.join(sampled, on="subject_id"), grafts))
    full, mixed = criteria.threshold("full"), criteria.threshold("mixed")
    samples = placed.filter(nw.col("test").is_in(LINEAGES)).with_columns(
        full=_judged(full), mixed=_judged(mixed),
        outside=nw.when(is_share(nw.col("value"))).then(0).otherwise(1))
    by_day = [*_KEYS, "after"]
    lineages = samples.group_by(*by_day, "test").agg(
        nw.col("full", "mixed").min(), nw.col("outside").max())
    days = lineages.group_by(*by_day).agg(
        nw.col("full").min().alias("least"), nw.col("mixed").max().alias("most"),
        nw.len().alias("lineages"), nw.col("outside").max())
    rows = samples.join(days, on=by_day).filter(nw.col("full") == nw.col("least")).group_by(
        *by_day).agg(nw.col(SOURCE).min().alias("row"))
    joined = days.join(rows, on=by_day, how="left").join(
        _cytopenia(days.select(*by_day), placed, criteria), on=by_day, how="left")
    return joined.with_columns(state=_state(criteria), why=_why(criteria))


def _judged(threshold: Threshold) -> nw.Expr:
    """Return whether a value, or the limit it is given as, meets a threshold, or may meet it."""
    value, sign = nw.col("value"), nw.col("sign")
    on_it = Threshold(threshold.value, threshold.unit, inclusive=True).met_by(value)
    above_it = Threshold(threshold.value, threshold.unit, inclusive=False).met_by(value)
    return (
        nw.when(sign == ">").then(nw.when(on_it).then(_MET).otherwise(_UNDECIDED))
        .when(sign == "<").then(nw.when(above_it).then(_UNDECIDED).otherwise(_NOT_MET))
        .when(threshold.met_by(value)).then(_MET).otherwise(_NOT_MET)
    )


def _cytopenia(days: Lazy, placed: Lazy, criteria: Criteria) -> Lazy:
    """Return the sample days with how many counts near them are low, and how many of each kind."""
    counts = placed.filter(nw.col("test").is_in(["ANC", "PLT"]))
    is_neutrophils = nw.col("test") == "ANC"
    enough = nw.when(is_neutrophils).then(
        criteria.threshold("neutrophils").met_by(nw.col("value"))).otherwise(
        criteria.threshold("platelets").met_by(nw.col("value")))
    near = days.join(
        counts.select(*_KEYS, "test", nw.col("after").alias("counted"), enough.alias("enough")),
        on=_KEYS,
    ).filter((nw.col("counted") - nw.col("after")).abs() <= criteria["counted_within"])
    return near.with_columns(
        low=nw.when(nw.col("enough")).then(0).otherwise(1),
        neutrophils=nw.when(is_neutrophils).then(1).otherwise(0),
        platelets=nw.when(is_neutrophils).then(0).otherwise(1),
    ).group_by(*_KEYS, "after").agg(
        nw.col("low").sum(), nw.col("neutrophils").sum(), nw.col("platelets").sum())


def _state(criteria: Criteria) -> nw.Expr:
    least, most = nw.col("least"), nw.col("most")
    is_recipient = (least == _NOT_MET) & (most == _NOT_MET)
    counted = (nw.col("neutrophils") > 0) & (nw.col("platelets") > 0)
    return (
        nw.when(nw.col("outside") == 1).then(_UNKNOWN)
        .when(is_recipient & (nw.col("low") > 0)).then(nw.lit("REJECTION"))
        .when(is_recipient & counted).then(nw.lit("RECIPIENT"))
        .when((least == _NOT_MET) & (most == _MET)).then(nw.lit("MIXED"))
        .when((least == _MET) & (nw.col("lineages") >= criteria["lineages"]))
        .then(nw.lit("FULL"))
    )


def _why(criteria: Criteria) -> nw.Expr:
    """Return why a day with a sample has no state."""
    near = criteria["counted_within"]
    return (
        nw.when(nw.col("outside") == 1).then(nw.lit(OUTSIDE))
        .when((nw.col("least") == _NOT_MET) & (nw.col("most") == _NOT_MET))
        .then(nw.lit(f"under 5 % donor; neutrophils and platelets within {near} days do not tell "
                     "whether there is cytopenia"))
        .when(nw.col("least") == _MET).then(nw.lit("only one lineage was examined on that day"))
        .otherwise(nw.lit("the value is given as a limit that does not decide"))
    )


@definition(
    label="Falling chimerism", grain="transplant", kind="yes_no", criteria="chimerism.falling",
    needs=("transplant.day", *(f"laboratory.{test}" for test in LINEAGES)),
    day_label="Day of falling chimerism",
)
def falling_chimerism(transplants: Lazy, laboratory: Lazy, criteria: Criteria) -> Lazy:
    """Donor cells fewer than in the sample of the same lineage before it."""
    grafts = settled(grafts_with_time(transplants))
    pairs = settled(_pairs(in_time_of_graft(laboratory, grafts), criteria.threshold("fall")))
    judged = pairs.group_by(*_KEYS).agg(nw.col("fell").max().alias("worst"))
    rows = pairs.filter(nw.col("fell") == _MET).filter(
        nw.col("after") == nw.col("after").min().over(*_KEYS),
    ).group_by(*_KEYS).agg(nw.col("after").min().alias("fell_on"), nw.col("row").min())
    worst = nw.col("worst")
    return grafts.join(judged, on=_KEYS, how="left").join(rows, on=_KEYS, how="left").select(
        *_KEYS,
        nw.when(worst == _MET).then(nw.lit("Y")).when(worst == _NOT_MET).then(nw.lit("N"))
        .alias("value"),
        nw.col("fell_on").alias("day"),
        nw.when(worst.is_null()).then(nw.lit("fewer than two samples of one lineage"))
        .when(worst == _UNDECIDED).then(nw.lit("values are given as limits that do not decide"))
        .otherwise(_UNKNOWN).alias("note"),
        nw.coalesce("row", "graft_row").alias("source"),
    )


def _pairs(samples: Lazy, fall: Threshold) -> Lazy:
    """Return each sample with whether the lineage fell since the one before: ``after, fell, row``.

    Of several values on a day the lowest is taken. A value given as a limit stands for all the
    values it allows, from 0 to 100 %.
    """
    value, sign, lineage = nw.col("value"), nw.col("sign"), (*_KEYS, "test")
    rank = nw.when(sign == "<").then(0).when(sign == ">").then(2).otherwise(1)
    lowest = samples.filter(value == value.min().over(*lineage, "after")).with_columns(
        rank=rank).group_by(*lineage, "after").agg(
        value.min(), nw.col("rank").min(), nw.col(SOURCE).min().alias("row"))
    bounds = lowest.with_columns(
        low=nw.when(nw.col("rank") == 0).then(0.0).otherwise(value),
        high=nw.when(nw.col("rank") == 2).then(100.0).otherwise(value))
    before = {f"{name}_before": nw.col(name).shift(1).over(*lineage, order_by="after")
              for name in ("low", "high", "rank")}
    pairs = bounds.with_columns(**before).filter(~nw.col("low_before").is_null())
    at_least = nw.col("low_before") - nw.col("high")
    at_most = nw.col("high_before") - nw.col("low")
    is_open = (nw.col("rank") == 2) | (nw.col("rank_before") == 0)
    beyond = Threshold(fall.value, fall.unit, inclusive=False)
    may_fall = nw.when(is_open).then(beyond.met_by(at_most)).otherwise(fall.met_by(at_most))
    return pairs.with_columns(
        fell=nw.when(fall.met_by(at_least)).then(_MET).when(may_fall).then(_UNDECIDED)
        .otherwise(_NOT_MET))
