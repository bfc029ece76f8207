"""Poor graft function: a graft that took, and is of the donor, but does not do without support."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.absence import with_none_known
from remission.definitions.chimerism import LINEAGES, chimerism_days
from remission.definitions.criteria import Criteria, criteria_sets
from remission.definitions.definition import KEYS, definition
from remission.definitions.graft_failure import NEEDS as GRAFT_NEEDS
from remission.definitions.graft_failure import graft_outcome
from remission.definitions.inputs import Lazy, settled
from remission.definitions.transplant import in_time_of_graft
from remission.definitions.visits import NO_GRAFT_DAY, grafts_with_time
from remission.plan import Plan

_KEYS = list(KEYS["transplant"])
_NOTHING = nw.lit(None, dtype=nw.String)


@definition(
    label="Poor graft function", grain="transplant", kind="yes_no",
    criteria="graft_failure.poor_function", day_label="First day of dependence on transfusions",
    needs=(*GRAFT_NEEDS, *(f"laboratory.{test}" for test in (*LINEAGES, "PLT")),
           "transfusion.product", "disease_episode.phase", "disease_episode.start_day",
           "form_status.status"),
    wants_plan=True,
)
def poor_graft_function(  # noqa: PLR0917 - one frame for each table it reads
    transplants: Lazy, laboratory: Lazy, follow_up: Lazy, transfusions: Lazy, episodes: Lazy,
    forms: Lazy, criteria: Criteria, plan: Plan,
) -> Lazy:
    """Frequent transfusions although the graft took and is fully of the donor."""
    grafts = settled(grafts_with_time(transplants))
    outcome = graft_outcome(
        transplants, laboratory.filter(nw.col("test") == "ANC"), follow_up,
        criteria_sets("graft_failure.primary")[criteria["engraftment"]])
    dependent = settled(_first_dependence(
        in_time_of_graft(transfusions, grafts), criteria))
    joined = grafts.join(
        outcome.select(*_KEYS, nw.col("value").alias("outcome")), on=_KEYS, how="left")
    for part, keys in (
        (dependent, _KEYS), (_chimerism_near(dependent, grafts, laboratory, criteria), _KEYS),
        (_first_relapse(grafts, episodes), _KEYS),
        (_transfusions_known(transplants, transfusions, forms, plan), ["subject_id"]),
        (follow_up.select("subject_id", "death_day", last_known=nw.max_horizontal(
            "last_contact_day", "death_day")), ["subject_id"]),
    ):
        joined = joined.join(part, on=keys, how="left")
    return _verdict(settled(joined), criteria)


def _first_dependence(placed: Lazy, criteria: Criteria) -> Lazy:
    """Return the first and the last day of the first transfusions that come often enough."""
    after = nw.col("after")
    days = settled(placed.filter(
        nw.col("product").is_in(criteria["products"]) & (after > criteria["from_day"])
        & (after <= criteria["watched_until"])).select(*_KEYS, "after").unique())
    last = after.shift(1 - criteria["transfusion_days"]).over(*_KEYS, order_by="after")
    often = days.with_columns(last_of_them=last).filter(
        nw.col("last_of_them") - after < criteria["within"])
    return often.filter(after == after.min().over(*_KEYS)).select(
        *_KEYS, after.alias("depends_on"), "last_of_them")


def _chimerism_near(
    dependent: Lazy, grafts: Lazy, laboratory: Lazy, criteria: Criteria
) -> Lazy:
    """Return state and row of the sample nearest to the first day of dependence.

    Of two as near the earlier.
    """
    states = chimerism_days(
        grafts, laboratory, criteria_sets("chimerism.state")[criteria["chimerism"]])
    away = nw.col("after") - nw.col("depends_on")
    near = states.join(dependent, on=_KEYS).with_columns(
        distance=nw.when(away > 0).then(2 * away + 1).otherwise(-2 * away),
    ).filter(away.abs() <= criteria["chimerism_within"])
    return near.filter(nw.col("distance") == nw.col("distance").min().over(*_KEYS)).select(
        *_KEYS, "state", nw.lit(1).alias("is_sampled"), nw.col("row").alias("chimerism_row"))


def _first_relapse(grafts: Lazy, episodes: Lazy) -> Lazy:
    """Return ``relapsed_on``: days from a graft to the first relapse on its day or later."""
    relapses = episodes.filter(nw.col("phase") == "RELAPSE").select("subject_id", "start_day")
    return grafts.join(relapses, on="subject_id").with_columns(
        relapsed_on=nw.col("start_day") - nw.col("graft"),
    ).filter(nw.col("relapsed_on") >= 0).group_by(*_KEYS).agg(nw.col("relapsed_on").min())


def _transfusions_known(
    transplants: Lazy, transfusions: Lazy, forms: Lazy, plan: Plan
) -> Lazy:
    """Return ``is_told``, 1 where any transfusion, a form or the plan tells of all of them."""
    given = transfusions.select("subject_id").unique().with_columns(given=nw.lit(1))
    grafted = transplants.select("subject_id").unique()
    joined = with_none_known(grafted, forms, "TRANSFUSION", plan).join(
        given, on="subject_id", how="left")
    is_told = nw.col("none_known") | ~nw.col("given").is_null()
    return joined.select("subject_id", is_told=nw.when(is_told).then(1).otherwise(0))


def _verdict(joined: Lazy, criteria: Criteria) -> Lazy:
    from_day, until, graft = criteria["from_day"], criteria["watched_until"], nw.col("graft")
    outcome = nw.col("outcome")
    no_graft = graft.is_null()
    took = (outcome == "ENGRAFTED").fill_null(value=False)
    not_told = (nw.col("is_told") == 0).fill_null(value=True)
    depends = ~nw.col("depends_on").is_null()
    by_relapse = (nw.col("relapsed_on") <= nw.col("last_of_them")).fill_null(value=False)
    full = (nw.col("state") == "FULL").fill_null(value=False)
    ended = nw.min_horizontal("next_graft", "death_day") - graft
    too_short = (ended <= from_day).fill_null(value=False)
    seen = ((ended <= until).fill_null(value=False)) | (
        nw.col("last_known") - graft >= until).fill_null(value=False)
    poor = took & depends & ~by_relapse & full
    other = took & depends & ~by_relapse & ~nw.col("state").is_null() & ~full
    free = took & ~not_told & ~depends & ~too_short & seen
    never_took = ~outcome.is_null() & ~took
    return joined.select(
        *_KEYS,
        nw.when(no_graft).then(_NOTHING).when(poor).then(nw.lit("Y"))
        .when(never_took | other | free).then(nw.lit("N")).alias("value"),
        nw.when(poor).then(nw.col("depends_on")).alias("day"),
        nw.when(no_graft).then(nw.lit(NO_GRAFT_DAY))
        .when(never_took).then(nw.lit("the graft had not taken"))
        .when(outcome.is_null()).then(nw.lit("whether the graft took is not known"))
        .when(poor).then(nw.lit("drugs and infections that may explain it are not judged"))
        .when(by_relapse).then(nw.lit("a relapse may explain the transfusions"))
        .when(other).then(nw.lit("transfusions with chimerism that is not full"))
        .when(depends & nw.col("is_sampled").is_null())
        .then(nw.lit("transfusions, and no chimerism near them"))
        .when(depends).then(nw.lit("transfusions, and chimerism near them that is not known"))
        .when(not_told).then(nw.lit("transfusions are not known to have been recorded"))
        .when(too_short).then(nw.lit(f"death or another graft by day {from_day}"))
        .when(~free).then(nw.lit(f"follow-up ends before day {until}")).alias("note"),
        nw.coalesce("chimerism_row", "graft_row").alias("source"),
    )
