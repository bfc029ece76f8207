"""Graft failure: primary, with what competes with it, and secondary.

Counts decide where there are any, read as for neutrophil recovery; else the centre's own word.
"""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.counts_after_graft import (
    course_of_counts,
    first_runs,
    neutrophils_after,
    numbered_grafts,
    place,
    rows_on,
    runs_of_counts,
    seen_in_counts,
    spans_of_grafts,
    with_runs,
)
from remission.definitions.criteria import Criteria
from remission.definitions.definition import DERIVED, KEYS, REPORTED, definition
from remission.definitions.inputs import Lazy, settled
from remission.definitions.visits import NO_GRAFT_DAY
from remission.records.once import once

_KEYS = list(KEYS["transplant"])
NEEDS = ("transplant.day", "transplant.graft", "transplant.donor",
          "transplant.neutrophil_recovered_reported",
          "transplant.neutrophil_recovery_day_reported", "laboratory.ANC",
          "follow_up.death_day", "follow_up.last_contact_day")


@definition(
    label="Outcome of the graft", grain="transplant", kind="category", needs=NEEDS,
    criteria="graft_failure.primary", day_label="Day of engraftment or failure",
    levels={"ENGRAFTED": "engrafted", "FAILED": "primary graft failure",
            "DIED": "died before engraftment", "NEXT_GRAFT": "another graft before engraftment"},
)
def graft_outcome(
    transplants: Lazy, counts: Lazy, follow_up: Lazy, criteria: Criteria
) -> Lazy:
    """What came first: engraftment, death, another graft, or the day by which it had failed."""
    return _outcomes(transplants, counts, follow_up, criteria)


@once
def _outcomes(transplants: Lazy, counts: Lazy, follow_up: Lazy, criteria: Criteria) -> Lazy:
    grafts = numbered_grafts(transplants)
    spans = settled(_limited(transplants, grafts, follow_up, criteria))
    counts, daily = neutrophils_after(grafts, counts, criteria)
    course = course_of_counts(spans, counts, daily, criteria)
    return settled(_verdict(settled(course), criteria))


@definition(
    label="Primary graft failure", grain="transplant", kind="yes_no", needs=NEEDS,
    criteria="graft_failure.primary", day_label="Day of primary graft failure",
)
def primary_graft_failure(
    transplants: Lazy, counts: Lazy, follow_up: Lazy, criteria: Criteria
) -> Lazy:
    """Neutrophils that never recovered by the day set for the source of the cells."""
    outcome = _outcomes(transplants, counts, follow_up, criteria)
    found = nw.col("value")
    return outcome.select(
        *_KEYS,
        nw.when(found == "FAILED").then(nw.lit("Y"))
        .when(found.is_in(["ENGRAFTED", "DIED"])).then(nw.lit("N")).alias("value"),
        nw.when(found == "FAILED").then(nw.col("day")).alias("day"),
        nw.when(found != "NEXT_GRAFT").then(nw.col("how")).alias("how"),
        nw.when(found == "DIED").then(nw.lit("died before recovery: a competing event"))
        .when(found == "NEXT_GRAFT").then(nw.lit("another graft before the day of judgement"))
        .otherwise(nw.col("note")).alias("note"),
        "source",
    )


def _limited(transplants: Lazy, grafts: Lazy, follow_up: Lazy, criteria: Criteria) -> Lazy:
    """Return the spans with the day of judgement by source of cells, and the last day known.

    Where the source is not recorded the earliest day (``until``) stands; ``is_certain`` is then
    false.
    """
    cells = nw.coalesce(
        "graft_cells", nw.when(nw.col("donor") == "CORD").then(nw.lit("CORD")))
    limit: nw.Expr = nw.lit(min(criteria["by_day"].values()))
    for code, by_day in criteria["by_day"].items():
        limit = nw.when(cells == code).then(nw.lit(by_day)).otherwise(limit)
    spans = spans_of_grafts(
        transplants.rename({"graft": "graft_cells"}), grafts, follow_up, limit)
    known = follow_up.select(
        "subject_id", nw.max_horizontal("last_contact_day", "death_day").alias("last_known"))
    return spans.join(known, on="subject_id", how="left").with_columns(
        is_certain=~cells.is_null())


def _verdict(course: Lazy, criteria: Criteria) -> Lazy:
    """Put together what counts, report, death and the next graft say by the day of judgement."""
    graft, limit = nw.col("graft"), nw.col("until")
    died, regrafted = nw.col("death_day") - graft, nw.col("next_graft") - graft
    has_counts = ~nw.col("first_count").is_null()
    recovered = nw.col("derived_day") <= limit
    covered = (nw.col("longest_gap") <= criteria["largest_gap"]).fill_null(value=False)
    may_run_on = (nw.col("open_day") <= limit).fill_null(value=False)
    fell = ~nw.col("nadir").is_null() | (
        nw.col("first_count") > criteria["nadir_seen_by"]).fill_null(value=False)
    not_recovered = has_counts & covered & fell & ~may_run_on
    reported_day = nw.col("neutrophil_recovery_day_reported") - graft
    word = nw.col("neutrophil_recovered_reported")
    says_no = (word == "N").fill_null(value=False)
    says_yes = ~says_no & (~word.is_null() | ~reported_day.is_null())
    seen_until = nw.when(says_no).then(nw.col("last_known") - graft).when(
        says_yes).then(reported_day - 1)
    absent = nw.when(has_counts).then(not_recovered).otherwise(says_no)
    outcome = (
        nw.when(has_counts & recovered).then(nw.lit("ENGRAFTED"))
        .when(~has_counts & says_yes & (reported_day <= limit)).then(nw.lit("ENGRAFTED"))
        .when(~nw.col("is_certain")).then(nw.lit(None, dtype=nw.String))
        .when(absent & (regrafted <= limit) & (died.is_null() | (regrafted <= died)))
        .then(nw.lit("NEXT_GRAFT"))
        .when(absent & (died <= limit)).then(nw.lit("DIED"))
        .when(has_counts & not_recovered).then(nw.lit("FAILED"))
        .when(~has_counts & (seen_until >= limit)).then(nw.lit("FAILED"))
    )
    why = (
        nw.when(graft.is_null()).then(nw.lit(NO_GRAFT_DAY))
        .when(~has_counts & ~says_yes & ~says_no).then(nw.lit("no counts and no report"))
        .when(~nw.col("is_certain")).then(nw.lit("the source of the cells is not recorded"))
        .when(has_counts & ~fell).then(nw.lit("counts never fell below the threshold"))
        .when(has_counts & may_run_on).then(nw.lit("counts stop before a run is complete"))
        .when(has_counts).then(nw.lit("counts are too far apart or end too early"))
        .when(says_yes).then(nw.lit("recovery reported without its day"))
        .otherwise(nw.lit("follow-up ends before the day of judgement"))
    )
    found = nw.col("outcome")
    return course.with_columns(outcome=outcome, why=why).select(
        *_KEYS, found.alias("value"),
        nw.when(found == "ENGRAFTED").then(nw.coalesce("derived_day", reported_day))
        .when(found == "NEXT_GRAFT").then(regrafted).when(found == "DIED").then(died)
        .when(found == "FAILED").then(limit).alias("day"),
        nw.when(found.is_null()).then(nw.lit(None, dtype=nw.String))
        .when(has_counts).then(nw.lit(DERIVED)).otherwise(nw.lit(REPORTED)).alias("how"),
        nw.when(found.is_null()).then(nw.col("why"))
        .when((found == "ENGRAFTED") & (nw.col("open_day") < nw.col("derived_day")))
        .then(nw.lit("an earlier run cannot be excluded: days without a count")).alias("note"),
        nw.coalesce("count_row", "graft_row").alias("source"),
    )


@definition(
    label="Secondary graft failure", grain="transplant", kind="yes_no",
    criteria="graft_failure.secondary", day_label="Day of secondary graft failure",
    needs=("transplant.day", "laboratory.ANC", "follow_up.death_day", "disease_episode.phase",
           "disease_episode.start_day"),
)
def secondary_graft_failure(
    transplants: Lazy, counts: Lazy, follow_up: Lazy, episodes: Lazy, criteria: Criteria
) -> Lazy:
    """Neutrophils that fell below the threshold again after they had recovered."""
    grafts = numbered_grafts(transplants)
    spans = settled(spans_of_grafts(
        transplants, grafts, follow_up, nw.lit(criteria["observed_until"])))
    counts, daily = neutrophils_after(grafts, counts, criteria)
    recovered = settled(course_of_counts(spans, counts, daily, criteria))
    joined = recovered.select(*_KEYS, "span", "graft_row", "derived_day", "count_row")
    for part in (_falls(recovered, counts, daily, criteria), _first_relapse(spans, episodes)):
        joined = joined.join(part, on="span", how="left")
    return _verdict_on_fall(settled(joined), criteria)


def _falls(recovered: Lazy, counts: Lazy, daily: Lazy, criteria: Criteria) -> Lazy:
    """Return what the counts after recovery show: a run below the threshold, and gaps.

    Columns: ``span, fell_on, fell_row, open_day`` (days after the graft) and ``longest_gap``.
    """
    end = nw.min_horizontal("next_graft", "death_day") - nw.col("graft")
    until = nw.lit(criteria["watched_until"])
    windows = settled(recovered.filter(~nw.col("derived_day").is_null()).select(
        "span", until.alias("until"), nw.min_horizontal(end, until).alias("window"),
        begin=nw.col("derived_day")))
    later = settled(with_runs(daily.join(windows.select("span", "begin"), on="span").filter(
        nw.col("after") > nw.col("begin")).with_columns(
        meets=~nw.col("meets")).select("at", "span", "after", "meets", "is_low"),
        criteria["run_of"]))
    gaps = seen_in_counts(later, windows).select("span", "longest_gap")
    lows = first_runs(runs_of_counts(later, criteria), criteria).select(
        "span", "open_day",
        fell_on=nw.when(nw.col("derived_day") <= criteria["watched_until"]).then(
            nw.col("derived_day")))
    falls = settled(gaps.join(lows, on="span", how="left"))
    rows = rows_on(falls.select("span", at=place(nw.col("fell_on"))), counts).rename(
        {"count_row": "fell_row"})
    return falls.join(rows, on="span", how="left")


def _first_relapse(spans: Lazy, episodes: Lazy) -> Lazy:
    """Return ``span, relapsed_on``: days from a graft to the first relapse on its day or later."""
    relapses = episodes.filter(nw.col("phase") == "RELAPSE").select("subject_id", "start_day")
    return spans.select("span", "subject_id", "graft").join(relapses, on="subject_id").with_columns(
        relapsed_on=nw.col("start_day") - nw.col("graft"),
    ).filter(nw.col("relapsed_on") >= 0).group_by("span").agg(nw.col("relapsed_on").min())


def _verdict_on_fall(joined: Lazy, criteria: Criteria) -> Lazy:
    """Return whether and when the counts fell again, or why it cannot be told."""
    fell = ~nw.col("fell_on").is_null()
    by_relapse = fell & (nw.col("relapsed_on") <= nw.col("fell_on")).fill_null(value=False)
    may_fall = ~fell & (nw.col("open_day") <= criteria["watched_until"]).fill_null(value=False)
    covered = (nw.col("longest_gap") <= criteria["watched_gap"]).fill_null(value=False)
    recovered = ~nw.col("derived_day").is_null()
    failed, stayed = fell & ~by_relapse, ~fell & ~may_fall & covered
    return joined.select(
        *_KEYS,
        nw.when(failed).then(nw.lit("Y")).when(stayed).then(nw.lit("N")).alias("value"),
        nw.when(failed).then(nw.col("fell_on")).alias("day"),
        nw.when(failed | stayed).then(nw.lit(DERIVED)).alias("how"),
        nw.when(failed | stayed).then(nw.lit(None, dtype=nw.String))
        .when(~recovered).then(nw.lit("no recovery that counts show"))
        .when(by_relapse).then(nw.lit("counts fell after a relapse, which may explain them"))
        .when(may_fall).then(nw.lit("counts end while they are low"))
        .otherwise(nw.lit("counts after recovery are too far apart or end too early"))
        .alias("note"),
        nw.coalesce(
            "fell_row", nw.when(recovered).then(nw.col("count_row")), "graft_row").alias("source"),
    )
