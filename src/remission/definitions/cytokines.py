"""Cytokines before blinatumomab, at the onset of CRS and ICANS, and at the end of the infusion.

Kits differ in what they detect. A pair is compared after both members were raised to the higher
of their limits of detection; what is left of a difference is real, and its sign is known. Serum
and spinal fluid are never paired.
"""

from __future__ import annotations

from collections.abc import Mapping

import narwhals.stable.v2 as nw

from remission.definitions.criteria import Criteria
from remission.definitions.definition import ITEM, Item, definition
from remission.definitions.detection import (
    DOWN,
    LIMITS_DIFFER,
    RAISED,
    SIZE_NOT_KNOWN,
    TIE,
    UP,
    caution,
    paired,
    with_flags,
)
from remission.definitions.inputs import Lazy, settled, stacked
from remission.definitions.visits import (
    NO_END,
    NO_INFUSION,
    NO_SAMPLE,
    VISIT,
    at_visits,
    first_of_day,
    for_each_item,
    infusions,
    visit_labels,
    visits_of,
)
from remission.plan import Plan
from remission.records.column import SOURCE
from remission.records.once import once

_ANALYTES: Mapping[str, str] = {
    "il1b": "IL-1β", "il2": "IL-2", "il4": "IL-4", "il5": "IL-5", "il6": "IL-6", "il8": "IL-8",
    "il10": "IL-10", "il12": "IL-12p70", "il17": "IL-17", "ifng": "IFN-γ", "tnfa": "TNF-α",
    "ifna": "IFN-α",
}
_SET = visits_of("cytokines")
_VISITS = visit_labels([*_SET["visits"], *_SET["spinal_fluid"]])
_CONTRASTS = {"crs": "onset of CRS", "icans": "onset of ICANS", "end": "end of infusion"}
_NEEDS = ("subject.subject_id", "exposure.start_day", "exposure.end_day",
          "adverse_event.group", "adverse_event.start_day",
          *(f"laboratory.{analyte.upper()}" for analyte in _ANALYTES))
_SERUM, _SPINAL_FLUID = ("SERUM", "BLOOD"), ("CSF",)
_NO_LIMIT = "no limit of detection is recorded"


def _pair_items(words: str, unit: str | None = None) -> dict[str, Item]:
    return {f"{analyte}_{contrast}": Item(f"{label}, before and {at}{words}", unit)
            for analyte, label in _ANALYTES.items() for contrast, at in _CONTRASTS.items()}


_PAIRS = _pair_items("")
_VALUES = {f"{analyte}_{visit}": Item(f"{label} {words}", "pg/mL")
           for analyte, label in _ANALYTES.items() for visit, words in _VISITS.items()}


@definition(
    label="Cytokines", grain="subject", kind="number", needs=_NEEDS, items=_VALUES,
    criteria="visits.cytokines", wants_plan=True,
)
def cytokines(  # noqa: PLR0917 - one frame for each table it reads
    subjects: Lazy, exposure: Lazy, events: Lazy, laboratory: Lazy, criteria: Criteria, plan: Plan
) -> Lazy:
    """Concentration of each cytokine at each moment, in serum and apart from it in spinal fluid."""
    begun = settled(_moments(subjects, exposure, events, plan))
    seen = settled(_seen(begun, laboratory, criteria)).with_columns(
        item=nw.concat_str("measure", VISIT, separator="_"))
    found = seen.select("subject_id", ITEM, "value", "after", "flag", "row")
    is_missing = nw.col("row").is_null()
    return for_each_item(begun, _VALUES).join(found, on=["subject_id", ITEM], how="left").select(
        "subject_id", ITEM, "value", nw.col("after").alias("day"),
        nw.when(is_missing).then(nw.coalesce(_no_moment(), nw.lit(NO_SAMPLE)))
        .otherwise(caution(nw.col("flag"))).alias("note"),
        nw.coalesce("row", "subject_row").alias("source"),
    )


@definition(
    label="Cytokines before, paired", grain="subject", kind="number", needs=_NEEDS,
    items=_pair_items(": before", "pg/mL"), criteria="visits.cytokines", wants_plan=True,
)
def cytokine_pair_before(  # noqa: PLR0917 - one frame for each table it reads
    subjects: Lazy, exposure: Lazy, events: Lazy, laboratory: Lazy, criteria: Criteria, plan: Plan
) -> Lazy:
    """Serum value before blinatumomab, raised to the pair's higher limit of detection."""
    pairs = _pairs(subjects, exposure, events, laboratory, criteria, plan)
    return _part(pairs, nw.col("before"))


@definition(
    label="Cytokines after, paired", grain="subject", kind="number", needs=_NEEDS,
    items=_pair_items(": after", "pg/mL"), criteria="visits.cytokines", wants_plan=True,
)
def cytokine_pair_after(  # noqa: PLR0917 - one frame for each table it reads
    subjects: Lazy, exposure: Lazy, events: Lazy, laboratory: Lazy, criteria: Criteria, plan: Plan
) -> Lazy:
    """Serum value at the later moment, raised to the pair's higher limit of detection."""
    pairs = _pairs(subjects, exposure, events, laboratory, criteria, plan)
    return _part(pairs, nw.col("after"))


@definition(
    label="Direction of cytokines", grain="subject", kind="category", needs=_NEEDS,
    items=_PAIRS, levels={UP: "up", TIE: "no difference", DOWN: "down"},
    criteria="visits.cytokines", wants_plan=True,
)
def cytokine_direction(  # noqa: PLR0917 - one frame for each table it reads
    subjects: Lazy, exposure: Lazy, events: Lazy, laboratory: Lazy, criteria: Criteria, plan: Plan
) -> Lazy:
    """Whether a cytokine rose or fell from before blinatumomab, at the higher detection limit."""
    pairs = _pairs(subjects, exposure, events, laboratory, criteria, plan)
    return _part(pairs, nw.col("direction"))


@definition(
    label="Cytokine pairs with a limit", grain="subject", kind="yes_no", needs=_NEEDS,
    items=_pair_items(": a value is a limit"), criteria="visits.cytokines", wants_plan=True,
)
def cytokine_pair_censored(  # noqa: PLR0917 - one frame for each table it reads
    subjects: Lazy, exposure: Lazy, events: Lazy, laboratory: Lazy, criteria: Criteria, plan: Plan
) -> Lazy:
    """Whether a member of the pair is only known as a limit, so that the size is not known."""
    pairs = _pairs(subjects, exposure, events, laboratory, criteria, plan)
    return _part(pairs, nw.when(nw.col("is_censored")).then(nw.lit("Y")).when(
        ~nw.col("is_censored")).then(nw.lit("N")))


def _no_moment() -> nw.Expr:
    """Return why the moment of an item has no day."""
    item = nw.col(ITEM)
    of_icans = item.str.ends_with("_icans") | item.str.ends_with("_icans_csf")
    return (
        nw.when(nw.col("began").is_null()).then(nw.lit(NO_INFUSION))
        .when(item.str.ends_with("_crs") & nw.col("onset_crs").is_null())
        .then(nw.lit("no day of onset of CRS is recorded"))
        .when(of_icans & nw.col("onset_icans").is_null())
        .then(nw.lit("no day of onset of ICANS is recorded"))
        .when(item.str.ends_with("_end") & nw.col("ended").is_null()).then(nw.lit(NO_END))
    )


def _moments(subjects: Lazy, exposure: Lazy, events: Lazy, plan: Plan) -> Lazy:
    """Return the infusions with the first day of CRS and of ICANS since the first one."""
    begun = infusions(subjects, exposure, plan)
    for group in ("CRS", "ICANS"):
        onset = f"onset_{group.lower()}"
        since = events.filter(nw.col("group") == group).select("subject_id", "start_day").join(
            begun.select("subject_id", "began"), on="subject_id").filter(
            nw.col("start_day") >= nw.col("began"))
        begun = begun.join(since.group_by("subject_id").agg(
            nw.col("start_day").min().alias(onset)), on="subject_id", how="left")
    return begun


def _seen(begun: Lazy, laboratory: Lazy, criteria: Criteria) -> Lazy:
    """Return the serum and the spinal fluid that stand for each moment, one row a cytokine."""
    keys = ("subject_id", "measure")
    return stacked([
        at_visits(settled(_of_matrix(begun, laboratory, matrix)), visits, *keys)
        for matrix, visits in ((_SERUM, criteria["visits"]),
                               (_SPINAL_FLUID, criteria["spinal_fluid"]))])


def _of_matrix(begun: Lazy, laboratory: Lazy, matrix: tuple[str, ...]) -> Lazy:
    """Return one flagged value a day and cytokine of serum, or of spinal fluid."""
    rows = laboratory.filter(nw.col("specimen").is_in(list(matrix)))
    return with_flags(first_of_day(rows, "subject_id", "test")).select(
        "subject_id", "day", nw.col("test").str.to_lowercase().alias("measure"), "value", "flag",
        "limit", nw.col(SOURCE).alias("row"),
    ).join(begun.select("subject_id", "began", "ended", "onset_crs", "onset_icans"),
           on="subject_id").with_columns(after=nw.col("day") - nw.col("began"))


@once
def _pairs(  # noqa: PLR0917 - one frame for each table it reads
    subjects: Lazy, exposure: Lazy, events: Lazy, laboratory: Lazy, criteria: Criteria, plan: Plan
) -> Lazy:
    """Return every subject and item with its pair, or which of its members is missing."""
    begun = settled(_moments(subjects, exposure, events, plan))
    seen = settled(_seen(begun, laboratory, criteria).filter(
        nw.col(VISIT).is_in(["before", *_CONTRASTS])))
    later = seen.filter(nw.col(VISIT) != "before").with_columns(
        item=nw.concat_str("measure", VISIT, separator="_"))
    earlier = seen.filter(nw.col(VISIT) == "before")
    before = later.select("subject_id", "measure", ITEM).join(
        earlier, on=["subject_id", "measure"])
    found = paired(before, later, "subject_id", ITEM)
    wanted = for_each_item(begun.select("subject_id", "subject_row"), _PAIRS)
    return settled(wanted.join(found, on=["subject_id", ITEM], how="left").join(
        later.select("subject_id", ITEM, nw.col("row").alias("later_row")),
        on=["subject_id", ITEM], how="left"))


def _part(pairs: Lazy, value: nw.Expr) -> Lazy:
    """Return one part of the pairs as the value, with what has to be said of the pair."""
    return pairs.select(
        "subject_id", ITEM, value.alias("value"),
        nw.when(nw.col("row_after").is_null() & nw.col("later_row").is_null())
        .then(nw.lit("no value after")).when(nw.col("row_after").is_null())
        .then(nw.lit("no value before"))
        .when(nw.col("direction").is_null()).then(nw.lit(LIMITS_DIFFER))
        .when(nw.col("is_raised")).then(nw.lit(RAISED))
        .when(nw.col("is_censored")).then(nw.lit(SIZE_NOT_KNOWN))
        .when(nw.col("common").is_null()).then(nw.lit(_NO_LIMIT)).alias("note"),
        nw.coalesce("row_after", "later_row", "subject_row").alias("source"),
    )
