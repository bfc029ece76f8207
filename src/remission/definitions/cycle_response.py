"""Response of each cycle and the best of all, before any other treatment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import narwhals.stable.v2 as nw

from remission.definitions.criteria import Criteria
from remission.definitions.cycles import cycle_spans
from remission.definitions.definition import definition
from remission.definitions.inputs import Lazy, settled, stacked
from remission.definitions.marrow import NEEDS as MARROW_NEEDS
from remission.definitions.marrow import Records
from remission.definitions.response import REMISSIONS, RESPONSES, judged_marrows
from remission.records.column import SOURCE
from remission.records.once import once

KEYS = ("subject_id", "cycle_no")
NEEDS = (*MARROW_NEEDS, "transplant.day", "cell_therapy.kind", "cell_therapy.day",
         "treatment_line.start_day")
BEST_FIRST: Mapping[str, str] = MappingProxyType(
    {"MRD_CR": "complete remission with complete MRD response", **RESPONSES})
"""Codes of the response of a cycle, the best first."""

NO_MARROW = "no evaluable marrow in the window of the cycle"
_NOTHING = nw.lit(None, dtype=nw.String)


@dataclass(frozen=True)
class Therapies:
    """What ends the time in which a response is blinatumomab's own."""

    transplants: Lazy
    cell_therapies: Lazy
    lines: Lazy


def cycle_windows(exposure: Lazy, therapies: Therapies, criteria: Criteria) -> Lazy:
    """Return the window in which each cycle is judged.

    Columns: ``subject_id, cycle_no, cycle_start, opens, closes, comes_late, cycle_row``; both ends
    belong to the window; ``comes_late`` is 1 where another treatment came before the cycle.
    """
    spans = cycle_spans(exposure).rename({SOURCE: "cycle_row"})
    joined = spans.join(_next_therapy(spans, therapies), on=list(KEYS), how="left")
    first_therapy = nw.col("therapy").min().over("subject_id")
    return joined.with_columns(
        opens=nw.col("cycle_start") + criteria["window_opens"] - 1,
        closes=nw.min_horizontal(
            nw.col("infusion_end") + criteria["window_closes"], "next_cycle_start", "therapy"),
        comes_late=nw.when(nw.col("cycle_start") > first_therapy).then(1).otherwise(0),
    ).select(*KEYS, "cycle_start", "opens", "closes", "comes_late", "cycle_row")


def _next_therapy(spans: Lazy, therapies: Therapies) -> Lazy:
    """Return the first other treatment of each cycle: a transplant or CAR-T cells after its start,
    a line of treatment after its infusion.
    """
    infused = therapies.cell_therapies.filter(nw.col("kind") == "CAR_T")
    grafted = stacked([therapies.transplants.select("subject_id", "day"),
                         infused.select("subject_id", "day")])
    begin = nw.col("cycle_start")
    cells = spans.join(grafted, on="subject_id").filter(nw.col("day") > begin)
    drugs = spans.join(
        therapies.lines.select("subject_id", nw.col("start_day").alias("day")), on="subject_id",
    ).filter(nw.col("day") > nw.coalesce("infusion_end", "cycle_start"))
    return stacked([cells.select(*KEYS, "day"), drugs.select(*KEYS, "day")]).group_by(
        *KEYS).agg(nw.col("day").min().alias("therapy"))


def cycles_and_marrows(frames: Sequence[Any], criteria: Criteria) -> tuple[Lazy, Lazy]:
    """Return the windows of all cycles, and the judged marrows that lie in one of them.

    ``frames`` are those of ``NEEDS``, in its order.
    """
    return _cycles_and_marrows(*frames[:8], criteria)


@once
def _cycles_and_marrows(*given: Any) -> tuple[Lazy, Lazy]:
    *frames, criteria = given
    records, therapies = Records(*frames[:5]), Therapies(*frames[5:])
    windows = settled(cycle_windows(records.exposure, therapies, criteria))
    judged = judged_marrows(records, criteria).join(windows, on="subject_id").filter(
        (nw.col("day") >= nw.col("opens")) & (nw.col("day") <= nw.col("closes")))
    is_complete = (nw.col("value") == "CR") & (nw.col("state") == "MRD_CR")
    return windows, settled(judged.with_columns(
        value=nw.when(is_complete).then(nw.lit("MRD_CR")).otherwise(nw.col("value")),
        clear=_mrd_negative_remission()))


def is_remission(value: nw.Expr) -> nw.Expr:
    """Return whether a response of a cycle is a remission."""
    return value.is_in(["MRD_CR", *REMISSIONS]).fill_null(value=False)


def _mrd_negative_remission() -> nw.Expr:
    """Return Y for remission with complete MRD response, N where either is missing for certain."""
    in_remission = is_remission(nw.col("value"))
    is_other = ~nw.col("value").is_null() & ~in_remission
    is_residual = ~nw.col("state").is_null() & (nw.col("state") != "MRD_CR")
    return (
        nw.when(in_remission & (nw.col("state") == "MRD_CR")).then(nw.lit("Y"))
        .when(nw.col("value") == "NE").then(_NOTHING)
        .when(is_other | is_residual).then(nw.lit("N")))


def of_cycles(windows: Lazy, judged: Lazy, column: str) -> Lazy:
    """Return, for every cycle, the last marrow of its window in which a column is known.

    Columns: those of the window, ``told`` (the column), ``day, how, note, row, mrd_row``, and
    ``seen``: 1 where the window holds any marrow that was not called not evaluable.
    """
    worth = judged.filter(nw.col("value").is_null() | (nw.col("value") != "NE"))
    known = worth.filter(~nw.col(column).is_null())
    last = known.filter(nw.col("day") == nw.col("day").max().over(*KEYS)).select(
        *KEYS, nw.col(column).alias("told"), "day", "how", "note", "row", "mrd_row")
    latest = worth.filter(nw.col("day") == nw.col("day").max().over(*KEYS)).select(
        *KEYS, nw.lit(1).alias("seen"), nw.col("note").alias("why"),
        nw.col("row").alias("seen_row"))
    joined = windows.join(last, on=list(KEYS), how="left")
    return joined.join(latest, on=list(KEYS), how="left")


def responses_of_cycles(windows: Lazy, judged: Lazy) -> Lazy:
    """Return ``value`` (a code of ``BEST_FIRST`` or null), day, how, note, source of each cycle."""
    found = of_cycles(windows, judged, "value")
    has_window = ~nw.col("closes").is_null() & ~nw.col("opens").is_null()
    is_empty = has_window & nw.col("seen").is_null()
    return found.select(
        *KEYS, "cycle_start", "comes_late",
        nw.when(is_empty).then(nw.lit("NE")).otherwise(nw.col("told")).alias("value"),
        "day", "how",
        nw.when(~has_window).then(nw.lit("the days of the cycle are not known"))
        .when(is_empty).then(nw.lit(NO_MARROW))
        .when(nw.col("told").is_null()).then(nw.col("why"))
        .otherwise(nw.col("note")).alias("note"),
        nw.coalesce("row", "seen_row", "cycle_row").alias("source"))


@definition(
    label="Response of the cycle", grain="cycle", kind="category", needs=NEEDS,
    criteria="response.category", levels=BEST_FIRST, day_label="Day of the marrow",
    follows="response",
)
def cycle_response(*frames: Any) -> Lazy:
    """Response at the last marrow of the cycle, before the next cycle or other treatment."""
    *tables, criteria = frames
    return responses_of_cycles(*cycles_and_marrows(tables, criteria)).drop(
        "cycle_start", "comes_late")


@definition(
    label="Best response", grain="subject", kind="category", needs=NEEDS,
    criteria="response.category", levels=BEST_FIRST, day_label="Day of best response",
    follows="response",
)
def best_response(*frames: Any) -> Lazy:
    """Best response of all cycles before a transplant, CAR-T cells or another line."""
    *tables, criteria = frames
    return best_of(responses_of_cycles(*cycles_and_marrows(tables, criteria)))


def best_of(cycles: Lazy) -> Lazy:
    """Return the best response of each subject; of equal ones that of the earliest marrow.

    Without a remission, a cycle whose marrow could not be judged leaves the best unknown.
    """
    own = settled(cycles.filter(nw.col("comes_late") == 0).with_columns(rank=_rank()))
    is_open = own.filter(nw.col("value").is_null()).group_by("subject_id").agg(
        nw.col("note").min().alias("open_note"), nw.col("source").min().alias("open_row"))
    highest = own.filter(nw.col("rank") == nw.col("rank").max().over("subject_id"))
    best = _earliest(highest)
    joined = own.select("subject_id").unique().join(best, on="subject_id", how="left").join(
        is_open, on="subject_id", how="left")
    untold = ~nw.col("open_row").is_null()
    stands = ~untold | is_remission(nw.col("value"))
    return joined.select(
        "subject_id",
        nw.when(stands).then(nw.col("value")).alias("value"),
        nw.when(stands).then(nw.col("day")).alias("day"),
        nw.when(stands).then(nw.col("how")).alias("how"),
        nw.when(~stands).then(nw.col("open_note"))
        .when(untold & nw.col("note").is_null())
        .then(nw.lit("the response of another cycle is not known"))
        .otherwise(nw.col("note")).alias("note"),
        nw.when(stands).then(nw.col("source")).otherwise(nw.col("open_row")).alias("source"))


def _rank() -> nw.Expr:
    ranks = [nw.when(nw.col("value") == code).then(nw.lit(rank))
             for rank, code in enumerate(reversed(list(BEST_FIRST)))]
    return nw.coalesce(*ranks)


def _earliest(cycles: Lazy) -> Lazy:
    """Return the cycle with the earliest marrow, of several without a marrow the lowest number."""
    first = nw.col("day").min().over("subject_id")
    dated = cycles.with_columns(first=first).filter(
        nw.col("first").is_null() | (nw.col("day") == nw.col("first")))
    return dated.filter(
        nw.col("cycle_no") == nw.col("cycle_no").min().over("subject_id"))
