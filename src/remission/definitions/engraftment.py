"""Engraftment: recovery of neutrophils and platelets after a graft, from counts or as reported.

Daily counts decide where there are any; else the centre's own word and day are taken, and each
value says which. Counts on the day of the graft or before it are not read.
"""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.absence import with_none_known
from remission.definitions.criteria import Criteria
from remission.definitions.definition import DERIVED, REPORTED, definition
from remission.definitions.inputs import Lazy, no_value, settled
from remission.definitions.sequences import in_sequence
from remission.definitions.transplant import with_next_graft
from remission.plan import Plan
from remission.records.column import SOURCE

_KEYS = ("subject_id", "transplant_no")
_ROOM = 1_000_000
"""Days that one transplant may take on the line on which all of them stand one after another."""


@definition(
    label="Neutrophil recovery", grain="transplant", kind="yes_no",
    criteria="engraftment.neutrophil", day_label="Day of neutrophil recovery",
    needs=("transplant.day", "transplant.neutrophil_recovered_reported",
           "transplant.neutrophil_recovery_day_reported", "laboratory.ANC",
           "follow_up.death_day"),
)
def neutrophil_recovery(
    transplants: Lazy, counts: Lazy, follow_up: Lazy, criteria: Criteria
) -> Lazy:
    """First day of the first run of neutrophil counts at the threshold after the nadir."""
    spans = settled(_spans(transplants, follow_up, criteria).with_columns(
        untold=no_value(nw.Int64)))
    counts = settled(_after_graft(counts, spans))
    meets = criteria.threshold("count").met_by(nw.col("value"))
    daily = _lowest_of_the_day(counts).with_columns(meets=meets, is_low=~meets)
    return _recovery(spans, counts, daily, criteria, cell="neutrophil")


@definition(
    label="Platelet recovery", grain="transplant", kind="yes_no",
    criteria="engraftment.platelet", day_label="Day of platelet recovery",
    needs=("transplant.day", "transplant.platelet_recovered_reported",
           "transplant.platelet_recovery_day_reported", "laboratory.PLT",
           "follow_up.death_day", "transfusion.product", "form_status.status"),
    wants_plan=True,
)
def platelet_recovery(  # noqa: PLR0917 - one frame for each table it reads
    transplants: Lazy, counts: Lazy, follow_up: Lazy, transfusions: Lazy, forms: Lazy,
    criteria: Criteria, plan: Plan,
) -> Lazy:
    """First day of the first run of platelet counts at the threshold without transfusion."""
    recorded = _transfusions_known(transplants, transfusions, forms, plan)
    told = recorded.filter(nw.col("transfusions_known")).select("subject_id")
    untold = recorded.filter(~nw.col("transfusions_known")).join(
        counts.select("subject_id").unique(), on="subject_id").select(
        "subject_id", nw.lit(1).alias("untold"))
    spans = settled(_spans(transplants, follow_up, criteria).join(
        untold, on="subject_id", how="left"))
    counts = settled(_after_graft(counts.join(told, on="subject_id"), spans))
    daily = _with_last_transfusion(_lowest_of_the_day(counts), transfusions, spans)
    rested = nw.col("last_transfusion").is_null() | (
        nw.col("after") - nw.col("last_transfusion") >= criteria["days_since_transfusion"])
    high = criteria.threshold("count").met_by(nw.col("value"))
    was_supported = ~rested & (nw.col("last_transfusion") > 0)
    daily = daily.with_columns(meets=high & rested, is_low=~high | was_supported)
    return _recovery(spans, counts, daily, criteria, cell="platelet")


def _spans(transplants: Lazy, follow_up: Lazy, criteria: Criteria) -> Lazy:
    """Return each transplant with its time: the next graft, death and the end of observation.

    ``span`` numbers the transplants, so that many counts are compared by one whole number;
    ``window`` is the last day after the graft that "not recovered" needs counts to.
    """
    end = nw.min_horizontal("next_graft", "death_day") - nw.col("graft")
    return with_next_graft(transplants).rename({"day": "graft", SOURCE: "graft_row"}).join(
        follow_up.select("subject_id", "death_day"), on="subject_id", how="left",
    ).with_row_index("span", order_by=_KEYS).with_columns(
        nw.col("span").cast(nw.Int64),
        window=nw.min_horizontal(end, nw.lit(criteria["observed_until"])))


def _after_graft(counts: Lazy, spans: Lazy) -> Lazy:
    """Return the counts of each transplant's time: where they stand, value and row.

    ``at`` puts the days after all grafts on one line, transplant after transplant: of millions of
    counts, one whole number is compared much faster than two.
    """
    return counts.join(
        spans.select("span", "subject_id", "graft", "next_graft"), on="subject_id",
    ).with_columns(after=nw.col("day") - nw.col("graft")).filter(
        (nw.col("after") > 0)
        & (nw.col("next_graft").is_null() | (nw.col("day") < nw.col("next_graft"))),
    ).select((nw.col("span") * _ROOM + nw.col("after")).alias("at"), "value", SOURCE)


def _lowest_of_the_day(counts: Lazy) -> Lazy:
    return _with_days(counts.group_by("at").agg(nw.col("value").min()))


def _with_days(rows: Lazy) -> Lazy:
    """Add the transplant and the day after its graft that ``at`` stands for."""
    span = (nw.col("at") + _ROOM // 2) // _ROOM
    return rows.with_columns(span=span, after=nw.col("at") - span * _ROOM)


def _with_last_transfusion(daily: Lazy, transfusions: Lazy, spans: Lazy) -> Lazy:
    """Return the counts with the day of the last platelet transfusion up to and on their day."""
    given = transfusions.filter(nw.col("product") == "PLATELET").join(
        spans.select("span", "subject_id", "graft"), on="subject_id",
    ).with_columns(transfused=nw.col("day") - nw.col("graft")).select(
        "transfused", at=nw.col("span") * _ROOM + nw.col("transfused")).unique()
    both = daily.select("at", "value").join(given, on="at", how="full", suffix="_given").select(
        "value", "transfused", at=nw.coalesce("at", "at_given"))
    followed = in_sequence(_with_days(both), key="span", order_by="at",
                           last_known={"last_transfusion": "transfused"})
    return followed.filter(~nw.col("value").is_null())


def _transfusions_known(
    transplants: Lazy, transfusions: Lazy, forms: Lazy, plan: Plan
) -> Lazy:
    """Return ``subject_id, transfusions_known`` of all with a transplant.

    They are known by any row, a complete form, or the plan's word on missing rows.
    """
    given = transfusions.select("subject_id").unique().with_columns(given=nw.lit(1))
    grafted = transplants.select("subject_id").unique()
    joined = with_none_known(grafted, forms, "TRANSFUSION", plan).join(
        given, on="subject_id", how="left")
    return joined.select("subject_id", transfusions_known=(
        nw.col("none_known") | ~nw.col("given").is_null()))


def _recovery(
    spans: Lazy, counts: Lazy, daily: Lazy, criteria: Criteria, *, cell: str
) -> Lazy:
    """Return value, day, how, note and source of one recovery for every transplant."""
    daily = settled(_with_runs(daily, criteria))
    seen = settled(_seen(daily, criteria, spans))
    joined = settled(
        spans.join(seen, on="span", how="left")
        .join(_first_runs(_runs(daily, seen, criteria), criteria), on="span", how="left"))
    wanted = joined.select(
        "span", at=nw.col("span") * _ROOM + nw.coalesce("derived_day", "first_count"))
    joined = joined.join(_rows_on(wanted, counts), on="span", how="left")
    return _verdict(joined, criteria, cell)


def _with_runs(daily: Lazy, criteria: Criteria) -> Lazy:
    """Add ``first``, the first day of the run a count at the threshold stands in, and neighbours.

    ``day_before`` and ``next_count`` are the days of the counts before and after.
    """
    placed = in_sequence(
        daily, key="span", order_by="at", before={"met_before": "meets", "day_before": "after"},
        following={"next_count": "after"})
    goes_on = nw.col("met_before").fill_null(value=False)
    if criteria["run_of"] == "calendar days":
        goes_on = goes_on & (nw.col("after") - nw.col("day_before") == 1)
    return in_sequence(
        placed.with_columns(begun=nw.when(nw.col("meets") & ~goes_on).then(nw.col("after"))),
        key="span", order_by="at", last_known={"first": "begun"})


def _seen(daily: Lazy, criteria: Criteria, spans: Lazy) -> Lazy:
    """Return what the counts of each transplant show: first day, nadir and longest gap.

    The nadir is the first low count; a low count after the span of observation is a later
    failure, not the nadir. Gaps run from the graft to the end of the span of observation (its
    last day, or death or the next graft before it); null when no count lies within it. Losing
    sight of a child shortens nothing: what was not seen is not known.
    """
    after = nw.col("after")
    is_inside = after <= nw.col("window")
    fell = nw.col("is_low") & (after <= criteria["observed_until"])
    return daily.join(spans.select("span", "window"), on="span").with_columns(
        low_day=nw.when(fell).then(after), inside=nw.when(is_inside).then(after),
        gap=nw.when(is_inside).then(after - nw.col("day_before").fill_null(0)),
    ).group_by("span").agg(
        after.min().alias("first_count"), nw.col("low_day").min().alias("nadir"),
        nw.col("gap").max(), nw.col("inside").max(), nw.col("window").max(),
    ).select(
        "span", "first_count", "nadir",
        nw.max_horizontal(nw.col("gap"), nw.col("window") - nw.col("inside")).alias("longest_gap"))


def _runs(daily: Lazy, seen: Lazy, criteria: Criteria) -> Lazy:
    """Return every run of counts at the threshold after the nadir: its first day and length.

    Where counts begin late and high, the nadir was passed unseen and all counts are kept. A run
    is ``open`` when the day after it has no count: under a rule of calendar days a gap hides what
    happened; under one of values only the end of the counts does.
    """
    is_open = nw.col("next_count").is_null()
    if criteria["run_of"] == "calendar days":
        is_open = is_open | (nw.col("next_count") - nw.col("after") > 1)
    unseen = (nw.col("first_count") > criteria["nadir_seen_by"]) & (
        nw.col("nadir").is_null() | (nw.col("nadir") > nw.col("first_count")))
    counted = daily.filter(nw.col("meets")).join(
        seen.select("span", "first_count", "nadir"), on="span",
    ).filter(unseen | (nw.col("after") > nw.col("nadir")))
    return counted.select(
        "span", "first", at=nw.col("span") * _ROOM + nw.col("first"),
        open=nw.when(is_open).then(1).otherwise(0),
    ).group_by("at").agg(nw.col("span").min(), nw.col("first").min(),
                         nw.len().alias("length"), nw.col("open").max())


def _first_runs(runs: Lazy, criteria: Criteria) -> Lazy:
    """Return the day of the first whole run of each transplant, and of the first open one."""
    is_whole = nw.col("length") >= criteria["run"]
    return runs.with_columns(
        whole=nw.when(is_whole).then(nw.col("first")),
        part=nw.when(~is_whole & (nw.col("open") == 1)).then(nw.col("first")),
    ).group_by("span").agg(nw.col("whole").min().alias("derived_day"),
                           nw.col("part").min().alias("open_day"))


def _rows_on(days: Lazy, counts: Lazy) -> Lazy:
    """Return the row of the lowest count on one day of each transplant."""
    on_day = settled(counts.join(days, on="at"))
    lowest = on_day.group_by("span").agg(nw.col("value").min())
    return on_day.join(lowest, on=["span", "value"]).group_by("span").agg(
        nw.col(SOURCE).min().alias("count_row"))


def _verdict(joined: Lazy, criteria: Criteria, cell: str) -> Lazy:
    """Put together what counts and centre say; counts win, disagreements are noted."""
    reported_day = nw.col(f"{cell}_recovery_day_reported") - nw.col("graft")
    reported = nw.col(f"{cell}_recovered_reported")
    died = nw.col("death_day") - nw.col("graft")
    has_day = ~nw.col(f"{cell}_recovery_day_reported").is_null()
    is_reported = ~reported.is_null() | has_day
    has_counts = ~nw.col("first_count").is_null()
    derived = ~nw.col("derived_day").is_null()
    covered = (nw.col("longest_gap") <= criteria["largest_gap"]).fill_null(value=False)
    unseen_nadir = nw.col("derived_day") == nw.col("first_count")
    never_fell = nw.col("nadir").is_null() & (
        nw.col("first_count") <= criteria["nadir_seen_by"]).fill_null(value=False)
    is_open = ~nw.col("open_day").is_null()
    not_recovered = has_counts & ~derived & ~never_fell & ~is_open & covered
    from_counts = derived | not_recovered
    says_yes = (reported == "Y") | (reported.is_null() & has_day)
    unknown = nw.lit(None, dtype=nw.String)
    return joined.select(
        *_KEYS,
        nw.when(derived).then(nw.lit("Y")).when(not_recovered).then(nw.lit("N"))
        .when(has_counts).then(unknown)
        .when(says_yes).then(nw.lit("Y")).when(reported == "N").then(nw.lit("N"))
        .alias("value"),
        nw.when(derived).then(nw.col("derived_day"))
        .when(~has_counts & says_yes).then(reported_day).alias("day"),
        nw.when(from_counts).then(nw.lit(DERIVED))
        .when(~has_counts & is_reported).then(nw.lit(REPORTED)).alias("how"),
        nw.when(derived & (nw.col("open_day") < nw.col("derived_day")))
        .then(nw.lit("an earlier run cannot be excluded: days without a count"))
        .when(derived & (reported_day != nw.col("derived_day")))
        .then(nw.lit("the centre reported another day"))
        .when(derived & unseen_nadir)
        .then(nw.lit("counts begin with the recovery: the nadir was not seen"))
        .when(not_recovered & (died <= criteria["observed_until"]))
        .then(nw.lit("died before recovery"))
        .when(from_counts).then(unknown)
        .when(never_fell).then(nw.lit("counts never fell below the threshold"))
        .when(has_counts & is_open)
        .then(nw.lit("counts stop or skip days before a run is complete"))
        .when(has_counts).then(nw.lit("counts are too far apart or end too early"))
        .when(says_yes & (reported_day > died)).then(nw.lit("the reported day is after death"))
        .when(is_reported).then(unknown)
        .when(~nw.col("untold").is_null())
        .then(nw.lit("platelet counts without a record of transfusions, and no report"))
        .otherwise(nw.lit("no counts and no report")).alias("note"),
        nw.coalesce("count_row", "graft_row").alias("source"),
    )
