"""Daily signs and reported events together: which of them decides, and where they differ.

Signs decide for the days they cover; the centre's grade stands where there are none.
"""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.absence import NOT_ASKED
from remission.definitions.cycles import CYCLE
from remission.definitions.grades import DEATH, OBSERVATION, first, first_of_worst, of_cycles
from remission.definitions.inputs import Lazy, settled, stacked
from remission.definitions.reported_events import Reported
from remission.definitions.sequences import different
from remission.records.column import SOURCE

FROM_SIGNS = "derived from daily signs"
BY_REPORT = "the signs alone do not decide the grade: as the centre reported it"
ANOTHER_GRADE = "the centre reported another grade"
NONE_REPORTED = "the centre reported none"
_EARLIER = "an earlier beginning cannot be excluded"


def signs_and_events(windows: Lazy, signs: Lazy, reported: Reported) -> Lazy:
    """Return every cycle with its grade from daily signs and reported events.

    ``signs`` are observations, one a day that says something. Where the signs leave the grade
    open, the centre's own grade decides if it is not below what they show.
    """
    rows = settled(stacked([
        signs, _uncovered(signs, reported.placed), reported.in_any_cycle(windows)]))
    return _decided(with_the_centre(of_cycles(windows, rows), reported))


def with_the_centre(cycles: Lazy, reported: Reported) -> Lazy:
    """Add what the centre says of each cycle: ``centre_grade, centre_day, centre_row``.

    They are of its worst event with a grade; ``any_event`` is 1 where there is any event at all,
    ``none_known`` tells whether having none means none.
    """
    centre = first_of_worst(reported.placed, CYCLE).select(
        *CYCLE, nw.col("least").alias("centre_grade"), nw.col("day").alias("centre_day"),
        nw.col("row").alias("centre_row"))
    events = reported.placed.group_by(*CYCLE).agg(nw.col("row").min().alias("event_row"))
    said = events.with_columns(any_event=nw.lit(1)).join(centre, on=list(CYCLE), how="left")
    return reported.with_none_known(cycles).join(said, on=list(CYCLE), how="left")


def _uncovered(signs: Lazy, placed: Lazy) -> Lazy:
    """Return the events on whose days no signs were recorded, and deaths."""
    days = signs.select(*CYCLE, nw.col("day").alias("sign_day"))
    within = (nw.col("sign_day") >= nw.col("day")) & (
        nw.col("sign_day") <= nw.coalesce("end_day", "day"))
    covered = placed.join(days, on=list(CYCLE)).filter(
        (nw.col("day").is_null() | within) & (nw.col("least") != DEATH),
    ).select(*CYCLE, "number")
    is_covered = different(covered).with_columns(covered=nw.lit(1))
    return placed.join(is_covered, on=[*CYCLE, "number"], how="left").filter(
        nw.col("covered").is_null()).select(*OBSERVATION)


def _decided(cycles: Lazy) -> Lazy:
    """Fill in the centre's grade where nothing else decides, and say where the two differ."""
    grade, centre = nw.col("grade"), nw.col("centre_grade")
    unseen = nw.col("most").is_null()
    by_report = grade.is_null() & (centre >= nw.col("least")).fill_null(value=False)
    by_absence = unseen & nw.col("none_known")
    derived = ~grade.is_null() & (nw.col("reported") == 0).fill_null(value=False)
    none_reported = derived & (grade >= 1) & nw.col("any_event").is_null() & nw.col("none_known")
    return cycles.with_columns(
        grade=nw.when(by_report).then(centre).when(by_absence).then(nw.lit(0)).otherwise(grade),
        least=nw.when(by_report).then(centre).otherwise(nw.col("least")),
        most=nw.when(by_report).then(centre).when(by_absence).then(nw.lit(0))
        .otherwise(nw.col("most")),
        day=nw.when(by_report).then(nw.col("centre_day")).otherwise(nw.col("day")),
        reported=nw.when(by_report | by_absence).then(nw.lit(1)).otherwise(nw.col("reported")),
        row=nw.when(by_report).then(nw.col("centre_row")).otherwise(nw.col("row")),
        note=nw.when(by_report).then(nw.lit(BY_REPORT))
        .when(by_absence).then(nw.lit(None, dtype=nw.String))
        .when(unseen).then(nw.lit(NOT_ASKED))
        .when(derived & (centre != grade).fill_null(value=False)).then(nw.lit(ANOTHER_GRADE))
        .when(none_reported).then(nw.lit(NONE_REPORTED))
        .otherwise(nw.col("note")),
    )


def onset(windows: Lazy, signs: Lazy, reported: Reported) -> Lazy:
    """Return the first day of each cycle with a grade of 1 or more, counted from its start."""
    rows = settled(stacked([signs, _uncovered(signs, reported.placed)]))
    begun = first(rows.filter((nw.col("least") >= 1) & ~nw.col("day").is_null()), CYCLE).select(
        *CYCLE, nw.col("day").alias("onset_day"), "row")
    open_day = rows.filter((nw.col("least") == 0) & (nw.col("most") >= 1)).group_by(*CYCLE).agg(
        nw.col("day").min().alias("open_day"))
    joined = windows.join(begun, on=list(CYCLE), how="left").join(
        open_day, on=list(CYCLE), how="left")
    has_begun = ~nw.col("onset_day").is_null()
    return joined.filter(nw.col("fault").is_null()).select(
        *CYCLE,
        nw.when(has_begun).then(nw.col("onset_day") - nw.col("cycle_start")).alias("value"),
        nw.when(has_begun & (nw.col("open_day") < nw.col("onset_day"))).then(nw.lit(_EARLIER))
        .alias("note"),
        nw.coalesce("row", SOURCE).alias("source"),
    )
