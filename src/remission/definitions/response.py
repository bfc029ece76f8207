"""Response of the leukaemia at each marrow: remission, partial, none or progression."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.baseline import first_infusions
from remission.definitions.criteria import Criteria, Threshold
from remission.definitions.definition import REPORTED, definition
from remission.definitions.inputs import Lazy, settled
from remission.definitions.marrow import NEEDS, Records, marrows
from remission.definitions.mrd import NOT_MARROW, state_of
from remission.records.column import SOURCE

RESPONSES = {
    "CR": "complete remission",
    "CRH": "complete remission, partial haematological recovery",
    "CRI": "complete remission, incomplete recovery",
    "MLFS": "marrow free of leukaemia, counts not known",
    "PR": "partial remission",
    "NR": "no response",
    "PD": "progression",
    "NE": "not evaluable",
}
REMISSIONS = ("CR", "CRH", "CRI", "MLFS")
"""Codes of remission: without counts a cleared marrow is one of the first three."""

MEASURED = "derived from the marrow"
"""What ``how`` says of a response that is not the centre's own word."""
NO_INFUSION = "no infusion of blinatumomab is recorded"
_NO_COUNTS = "counts near the marrow are not known"
_NOTHING = nw.lit(None, dtype=nw.String)


def judged_marrows(records: Records, criteria: Criteria) -> Lazy:
    """Return the response of every marrow after the first infusion.

    Columns: ``subject_id, day, value, how, note, state, row, mrd_row, first_infusion``; value is a
    code of ``RESPONSES`` or null, state the MRD state of the marrow or null.
    """
    seen = settled(marrows(records, criteria).filter(
        nw.col("day") > nw.col("first_infusion"))).with_columns(
        state=state_of(nw.col("finding"), criteria))
    left, cleared = _is_left(criteria)
    elsewhere = _is_elsewhere(criteria)
    known = seen.with_columns(left=left | elsewhere, cleared=cleared & ~elsewhere).with_columns(
        counts=_by_counts(criteria), uncleared=_not_cleared(criteria)).with_columns(
        judged=nw.when(nw.col("left")).then(nw.col("uncleared"))
        .when(nw.col("cleared")).then(nw.col("counts")))
    return _with_report(known, criteria).select(
        "subject_id", "day", "value", "how", "note", "state",
        nw.when(nw.col("how") == REPORTED).then(nw.col("reported_row"))
        .otherwise(nw.coalesce("blast_row", "mrd_row", "marrow_row")).alias("row"),
        nw.coalesce("mrd_row", "blast_row", "marrow_row").alias("mrd_row"), "first_infusion")


YesNo = tuple[nw.Expr, nw.Expr]
"""Whether something is so for certain, and whether it is not so for certain; neither: unknown."""


def _certain(condition: nw.Expr) -> YesNo:
    return condition.fill_null(value=False), (~condition).fill_null(value=False)


def _is_left(criteria: Criteria) -> YesNo:
    """Return whether leukaemia is left in the marrow."""
    many, few = _certain(criteria.threshold("blasts_left").met_by(nw.col("blast_percent")))
    if criteria["mrd"] == "none":
        return many, few
    if criteria["mrd"] == "state":
        failed, _ = _certain(nw.col("state") == "FAILURE")
        complete, _ = _certain(nw.col("state") == "MRD_CR")
        return failed | (~complete & many), complete
    over = criteria.threshold("mrd_left").met_by
    high, _ = _certain(over(nw.col("measured")))
    _, low = _certain(over(nw.col("at_most")))
    low = low & ~high
    if criteria["mrd"] == "first":
        return high | (~low & many), low | (~high & few)
    if criteria["mrd_for_morphology"]:
        few = few | (low & nw.col("blast_percent").is_null())
    return many | high, few & ~high


def _is_elsewhere(criteria: Criteria) -> nw.Expr:
    """Return whether leukaemia is known in blood or at another site; False where not recorded."""
    in_blood, _ = _certain(nw.col("blood") > 0)
    if not criteria["cns_disease"]:
        return in_blood & ~in_blood
    return in_blood | ~nw.col("site").is_null()


def _by_counts(criteria: Criteria) -> nw.Expr:
    """Return the kind of remission of a cleared marrow."""
    if not criteria["counts"]:
        return nw.lit("CR")
    full, short = _recovered(criteria)
    if not criteria["partial"]:
        return nw.when(full).then(nw.lit("CR")).when(short).then(nw.lit("CRI")).otherwise(
            nw.lit("MLFS"))
    some, none = _both(*(Threshold(float(given["value"]), given["unit"], bool(given["inclusive"]))
                         for given in map(criteria["partial"].get, ("neutrophils", "platelets"))))
    return (
        nw.when(full).then(nw.lit("CR")).when(none).then(nw.lit("CRI"))
        .when(some & short).then(nw.lit("CRH")).otherwise(nw.lit("MLFS")))


def _recovered(criteria: Criteria) -> YesNo:
    """Return whether the counts are those of CR, and whether they are lower or transfused."""
    transfused = ~nw.col("transfused").is_null()
    enough, low = _both(criteria.threshold("neutrophils"), criteria.threshold("platelets"))
    return enough & ~transfused, low | transfused


def _both(neutrophils: Threshold, platelets: Threshold) -> YesNo:
    """Return whether both counts meet their thresholds, and whether one does not."""
    many, few = _certain(neutrophils.met_by(nw.col("neutrophils")))
    high, low = _certain(platelets.met_by(nw.col("platelets")))
    return many & high, few | low


def _not_cleared(criteria: Criteria) -> nw.Expr:
    """Return PR, NR or PD of a marrow that is not in remission; null where it cannot be told."""
    blasts, before = nw.col("blast_percent"), nw.col("blasts_before")
    had_some = nw.when(before > 0).then(before)
    too_many, few = _certain(criteria.threshold("partial_left").met_by(blasts))
    halved, not_halved = _certain(
        criteria.threshold("fall").met_by((before - blasts) / had_some * 100))
    had_none, _ = _certain(before == 0)
    is_partial = few & halved
    is_less = too_many | not_halved | had_none
    if "partial_needs_counts" in criteria.values:
        full, short = _recovered(criteria)
        is_partial, is_less = is_partial & full, is_less | short
    if not criteria["progression"]:
        return nw.when(is_partial).then(nw.lit("PR")).when(is_less).then(nw.lit("NR"))
    worse, not_worse = _is_worse(criteria)
    return (
        nw.when(worse).then(nw.lit("PD"))
        .when(not_worse & is_partial).then(nw.lit("PR"))
        .when(not_worse & is_less).then(nw.lit("NR")))


def _is_worse(criteria: Criteria) -> YesNo:
    """Return whether blasts have risen or a site is new."""
    rises = criteria.threshold("rise").met_by
    blasts, before = nw.col("blast_percent"), nw.col("blasts_before")
    many, few = _certain(criteria.threshold("blasts_left").met_by(blasts))
    risen, not_risen = _certain(
        rises((blasts - before) / nw.when(before > 0).then(before) * 100))
    had_none, _ = _certain(before == 0)
    blood_before = nw.when(nw.col("blood_before") > 0).then(nw.col("blood_before"))
    in_blood, _ = _certain(rises((nw.col("blood") - blood_before) / blood_before * 100))
    has_site = ~nw.col("site").is_null()
    was_clear, _ = _certain(nw.col("site_before") == 0)
    was_there, _ = _certain(nw.col("site_before") == 1)
    worse = (many & (had_none | risen)) | in_blood | (has_site & was_clear)
    return worse, ~worse & (few | not_risen) & (~has_site | was_there)


def _with_report(judged: Lazy, criteria: Criteria) -> Lazy:
    """Add ``value``, ``how`` and ``note``: the centre's word stands where nothing was measured.

    It also names the kind of remission of a cleared marrow whose counts are not known, and what a
    marrow that is not cleared is, where there is none to compare it with.
    """
    word: nw.Expr = nw.col("reported")
    for code, own in criteria["reported_as"].items():
        word = nw.when(nw.col("reported") == code).then(nw.lit(own)).otherwise(word)
    is_remission = word.is_in(list(REMISSIONS)).fill_null(value=False)
    has_word = ~nw.col("reported").is_null()
    untold = nw.col("judged").is_null()
    without_counts, _ = _certain(nw.col("judged") == "MLFS")
    by_word = has_word & (
        (untold & ~(nw.col("left") & is_remission)) | (without_counts & is_remission))
    differs, _ = _certain(nw.col("word") != nw.col("judged"))
    return judged.with_columns(word=word, by_word=by_word, untold=untold).with_columns(
        value=nw.when(nw.col("by_word")).then(nw.col("word")).otherwise(nw.col("judged")),
        how=nw.when(nw.col("by_word")).then(nw.lit(REPORTED)).when(~nw.col("untold")).then(
            nw.lit(MEASURED)),
        note=nw.when(nw.col("by_word")).then(_NOTHING)
        .when(has_word & (differs | nw.col("untold")))
        .then(_as_the_centre_said())
        .when(nw.col("judged") == "MLFS").then(nw.lit(_NO_COUNTS))
        .when(~nw.col("untold")).then(_NOTHING)
        .when(~nw.col("left")).then(nw.lit(
            "no MRD of this marrow" if criteria["mrd"] == "state" else "no blasts of this marrow"))
        .when(nw.col("blast_percent").is_null()).then(nw.lit("blasts of this marrow not counted"))
        .when(~nw.col("site").is_null() & nw.col("site_before").is_null())
        .then(nw.lit("whether the other site is new is not known"))
        .when(~nw.col("blasts_before").is_null()).then(nw.lit(_NO_COUNTS))
        .otherwise(nw.lit("no marrow before the first infusion to compare with")))


def _as_the_centre_said() -> nw.Expr:
    return nw.coalesce(*(nw.when(nw.col("reported") == code).then(
        nw.lit(f"the centre reported {code}")) for code in RESPONSES))


@definition(
    label="Response", grain="assessment", kind="category", needs=NEEDS,
    criteria="response.category", levels=RESPONSES, day_label="Day of the marrow",
)
def response(  # noqa: PLR0917 - one frame for each table it reads
    exposure: Lazy, assessments: Lazy, laboratory: Lazy, transfusions: Lazy, episodes: Lazy,
    criteria: Criteria,
) -> Lazy:
    """Response of the leukaemia at each marrow after the first infusion."""
    records = Records(exposure, assessments, laboratory, transfusions, episodes)
    judged = judged_marrows(records, criteria).drop("first_infusion")
    started = first_infusions(exposure)
    rows = assessments.select("subject_id", "assessment_no", "day", "specimen", nw.col(SOURCE))
    is_marrow = nw.col("specimen") == "BM"
    return rows.join(judged, on=["subject_id", "day"], how="left").join(
        started, on="subject_id", how="left").select(
        "subject_id", "assessment_no",
        nw.when(is_marrow).then(nw.col("value")).alias("value"),
        "day",
        nw.when(is_marrow).then(nw.col("how")).alias("how"),
        nw.when(nw.col("specimen").is_null()).then(nw.lit("the specimen is not recorded"))
        .when(~is_marrow).then(nw.lit(NOT_MARROW))
        .when(nw.col("day").is_null()).then(nw.lit("the day of the marrow is not known"))
        .when(nw.col("first_infusion").is_null()).then(nw.lit(NO_INFUSION))
        .when(nw.col("day") <= nw.col("first_infusion"))
        .then(nw.lit("before the first infusion: the state at the start"))
        .otherwise(nw.col("note")).alias("note"),
        nw.when(is_marrow).then(nw.coalesce("row", SOURCE)).otherwise(nw.col(SOURCE))
        .alias("source"))
