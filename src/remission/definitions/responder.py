"""Responders: remission reached, complete MRD response with it, and the papers' own success."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from remission.definitions.baseline import baseline_status
from remission.definitions.criteria import Criteria, criteria_sets
from remission.definitions.cycle_response import (
    KEYS,
    NEEDS,
    NO_MARROW,
    best_of,
    cycles_and_marrows,
    is_remission,
    of_cycles,
    responses_of_cycles,
)
from remission.definitions.definition import definition
from remission.definitions.inputs import Lazy, settled

NOT_EVALUABLE = "not evaluable, counted as failure"
"""What ``how`` says of a child without an evaluable marrow: it stays in the denominator."""

NOTHING_TO_RESPOND = "in MRD-negative remission at the start: nothing to respond"
_UNTOLD = "the marrow does not tell: blasts or MRD not known"
_NOTHING = nw.lit(None, dtype=nw.String)


@definition(
    label="Remission reached", grain="subject", kind="yes_no", needs=NEEDS,
    criteria="response.category", day_label="Day of first remission", follows="response",
)
def remission_reached(*frames: Any) -> Lazy:
    """Remission of any kind before other treatment; its day is that of the first such marrow."""
    *tables, criteria = frames
    windows, judged = cycles_and_marrows(tables, criteria)
    return _reached(windows, judged)


def _reached(windows: Lazy, judged: Lazy) -> Lazy:
    first = judged.filter((nw.col("comes_late") == 0) & is_remission(nw.col("value"))).group_by(
        "subject_id").agg(nw.col("day").min()).join(
        judged.select("subject_id", "day", nw.col("row").alias("first_row")).unique(),
        on=["subject_id", "day"])
    best = best_of(responses_of_cycles(windows, judged)).drop("day")
    reached = ~nw.col("first_row").is_null()
    return best.join(first, on="subject_id", how="left").select(
        "subject_id",
        nw.when(reached).then(nw.lit("Y"))
        .when(~nw.col("value").is_null() & (nw.col("value") != "NE")).then(nw.lit("N"))
        .alias("value"),
        "day", "how",
        nw.when(~reached).then(nw.col("note")).alias("note"),
        nw.coalesce("first_row", "source").alias("source"))


@definition(
    label="MRD-negative remission of the cycle", grain="cycle", kind="yes_no", needs=NEEDS,
    criteria="response.category", day_label="Day of the marrow", follows="response",
)
def cycle_mrd_response(*frames: Any) -> Lazy:
    """Remission with complete MRD response at the last marrow of the cycle that tells."""
    *tables, criteria = frames
    return _of_each_cycle(*cycles_and_marrows(tables, criteria), "clear").drop("comes_late")


@definition(
    label="MRD-negative remission", grain="subject", kind="yes_no", needs=NEEDS,
    criteria="response.category", day_label="Day of first MRD-negative remission",
    follows="response",
)
def best_mrd_response(*frames: Any) -> Lazy:
    """Remission with complete MRD response in any cycle before other treatment."""
    *tables, criteria = frames
    return _any_cycle(_of_each_cycle(*cycles_and_marrows(tables, criteria), "clear"))


@definition(
    label="Responder", grain="subject", kind="yes_no", needs=NEEDS,
    criteria="response.responder", day_label="Day of response", follows="response",
)
def responder(*frames: Any) -> Lazy:
    """Success of blinatumomab; a child without an evaluable marrow counts as a failure."""
    *tables, criteria = frames
    category = criteria_sets("response.category")[criteria["category"]]
    windows, judged = cycles_and_marrows(tables, category)
    started = settled(baseline_status(tables[1], tables[0]).select("subject_id", "status"))
    told = judged.join(started, on="subject_id", how="left").with_columns(
        success=_success(criteria))
    cycles = _of_each_cycle(windows, told, "success")
    if criteria.values.get("cycles") == "first":
        cycles = cycles.filter(nw.col("comes_late") == 0).filter(
            nw.col("cycle_no") == nw.col("cycle_no").min().over("subject_id"))
    return _counted(_any_cycle(cycles), started, criteria)


def _success(criteria: Criteria) -> nw.Expr:
    """Return Y or N for a marrow by what the set asks for; null where it does not tell."""
    by_remission = nw.when(is_remission(nw.col("value"))).then(nw.lit("Y")).when(
        ~nw.col("value").is_null() & (nw.col("value") != "NE")).then(nw.lit("N"))
    by_mrd = nw.when(nw.col("state") == "MRD_CR").then(nw.lit("Y")).when(
        ~nw.col("state").is_null()).then(nw.lit("N"))
    if criteria["asks_for"] == "MRD":
        return nw.coalesce(by_mrd, by_remission)
    if criteria["asks_for"] == "by status":
        return nw.when(nw.col("status") == "MRD_POS").then(by_mrd).otherwise(by_remission)
    return by_remission


def _counted(found: Lazy, started: Lazy, criteria: Criteria) -> Lazy:
    """Count children without an evaluable marrow as failures, and leave out who cannot respond."""
    status = nw.col("status")
    applies, why = ~nw.col("subject_id").is_null(), _NOTHING
    if criteria["asks_for"] == "by status":
        applies = status.is_in(["RR", "MRD_POS"]).fill_null(value=False)
        why = (
            nw.when(status == "MRD_NEG").then(nw.lit(NOTHING_TO_RESPOND))
            .when(~applies).then(nw.lit("the disease at the first infusion is not known")))
    is_failure = applies & (nw.col("note") == NO_MARROW).fill_null(value=False)
    return found.join(started, on="subject_id", how="left").with_columns(
        applies=applies, is_failure=is_failure, why=why,
    ).select(
        "subject_id",
        nw.when(nw.col("is_failure")).then(nw.lit("N"))
        .when(nw.col("applies")).then(nw.col("value")).alias("value"),
        nw.when(nw.col("applies")).then(nw.col("day")).alias("day"),
        nw.when(nw.col("is_failure")).then(nw.lit(NOT_EVALUABLE))
        .when(nw.col("applies")).then(nw.col("how")).alias("how"),
        nw.coalesce("why", "note").alias("note"), "source")


def _of_each_cycle(windows: Lazy, judged: Lazy, column: str) -> Lazy:
    """Return a yes/no column of the marrows as value, day, how, note and source of each cycle."""
    return of_cycles(windows, judged, column).select(
        *KEYS, "comes_late", nw.col("told").alias("value"), "day", "how",
        nw.when(nw.col("seen").is_null()).then(nw.lit(NO_MARROW))
        .when(nw.col("told").is_null()).then(nw.lit(_UNTOLD)).alias("note"),
        nw.coalesce("mrd_row", "seen_row", "cycle_row").alias("source"))


def _any_cycle(cycles: Lazy) -> Lazy:
    """Return Y where any cycle has it, N where every cycle with a marrow tells that it has not."""
    own = settled(cycles.filter(nw.col("comes_late") == 0))
    is_untold = nw.col("value").is_null()
    kinds = {"yes": nw.col("value") == "Y", "no": nw.col("value") == "N",
             "open": is_untold & (nw.col("note") != NO_MARROW),
             "empty": is_untold & (nw.col("note") == NO_MARROW)}
    joined = own.select("subject_id").unique()
    for kind, rows in kinds.items():
        joined = joined.join(_first_cycle(own.filter(rows), kind), on="subject_id", how="left")
    yes, no, is_open = (~nw.col(f"{kind}_row").is_null() for kind in ("yes", "no", "open"))
    is_no = no & ~is_open & ~yes
    return joined.select(
        "subject_id",
        nw.when(yes).then(nw.lit("Y")).when(is_no).then(nw.lit("N")).alias("value"),
        *(nw.when(yes).then(nw.col(f"yes_{part}")).when(is_no).then(nw.col(f"no_{part}"))
          .alias(part) for part in ("day", "how")),
        nw.when(yes).then(_NOTHING).when(is_open).then(nw.lit(_UNTOLD))
        .when(~no).then(nw.lit(NO_MARROW)).alias("note"),
        nw.coalesce("yes_row", "open_row", "no_row", "empty_row").alias("source"))


def _first_cycle(cycles: Lazy, kind: str) -> Lazy:
    """Return day, how and row of the first cycle, by its number, of each subject."""
    first = cycles.filter(nw.col("cycle_no") == nw.col("cycle_no").min().over("subject_id"))
    return first.select(
        "subject_id", nw.col("day").alias(f"{kind}_day"), nw.col("how").alias(f"{kind}_how"),
        nw.col("source").alias(f"{kind}_row"))
