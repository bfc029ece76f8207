"""On the way to blinatumomab: the last episode, chemotherapy to reduce and to bridge."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.baseline import first_infusions
from remission.definitions.definition import definition
from remission.definitions.disease_course import latest_episodes
from remission.definitions.earlier_treatment import (
    NO_INFUSION,
    UNCLEAR_LINE,
    begun_before,
    of_infused,
)
from remission.definitions.inputs import Lazy
from remission.records.column import SOURCE
from remission.records.disease import DISEASE_EPISODE

_NEEDS = ("subject.subject_id", "treatment_line.intent", "treatment_line.start_day",
          "exposure.start_day")
_REFERENCE = (
    "As recorded by the centre (treatment_line.intent {intent}, begun before the first infusion); "
    "without any line recorded it is not known. Of what it holds: Zhang 2025, Front Immunol "
    "16:1607138, Methods, treatment strategy.")
NO_LINES = "no line of treatment is recorded"


@definition(
    label="Chemotherapy to reduce the leukaemia before blinatumomab", grain="subject",
    kind="yes_no", needs=_NEEDS, reference=_REFERENCE.format(intent="DEBULKING"),
)
def debulked(subjects: Lazy, lines: Lazy, exposure: Lazy) -> Lazy:
    """A line to reduce the leukaemia, begun before the first infusion."""
    return _had("DEBULKING", subjects, lines, exposure)


@definition(
    label="Bridging chemotherapy before blinatumomab", grain="subject", kind="yes_no",
    needs=_NEEDS, reference=_REFERENCE.format(intent="BRIDGING"),
)
def bridged(subjects: Lazy, lines: Lazy, exposure: Lazy) -> Lazy:
    """A line to bridge the time to blinatumomab, begun before the first infusion."""
    return _had("BRIDGING", subjects, lines, exposure)


@definition(
    label="Last episode before blinatumomab", grain="subject", kind="category",
    day_label="Day of the last episode before blinatumomab",
    levels=DISEASE_EPISODE.by_name["phase"].codes,
    needs=("disease_episode.phase", "disease_episode.start_day", "exposure.start_day"),
    reference="As recorded by the centre (disease_episode.phase), the last one begun up to the "
              "first infusion; the marrow behind it is not judged here.",
)
def last_episode(episodes: Lazy, exposure: Lazy) -> Lazy:
    """The phase of the last episode up to the first infusion, as the centre recorded it."""
    until = episodes.join(first_infusions(exposure), on="subject_id").filter(
        nw.col("start_day") <= nw.col("first_infusion"))
    return latest_episodes(until).select(
        "subject_id", nw.col("phase").alias("value"), nw.col("start_day").alias("day"),
        nw.col(SOURCE).alias("source"))


def _had(intent: str, subjects: Lazy, lines: Lazy, exposure: Lazy) -> Lazy:
    """Return Y where a line of the intent began before the first infusion, N where others did."""
    found = begun_before(lines, exposure, "intent", (intent,), day_included=False)
    joined = of_infused(subjects, exposure, found)
    counted, unclear = nw.col("counted"), nw.col("unclear")
    return joined.select(
        "subject_id",
        nw.when(counted > 0).then(nw.lit("Y")).when(unclear == 0).then(nw.lit("N")).alias("value"),
        nw.when(nw.col("first_infusion").is_null()).then(nw.lit(NO_INFUSION))
        .when(unclear.is_null()).then(nw.lit(NO_LINES))
        .when((unclear == 1) & (counted == 0)).then(nw.lit(UNCLEAR_LINE)).alias("note"),
        nw.coalesce("counted_row", "row", "subject_row").alias("source"))
