"""On the way to blinatumomab: the last episode, chemotherapy to reduce and to bridge."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.baseline import first_infusions
from remission.definitions.definition import definition
from remission.definitions.disease_course import latest_episodes
from remission.definitions.inputs import Lazy, settled
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
    begun = settled(lines.join(first_infusions(exposure), on="subject_id").filter(
        nw.col("start_day") < nw.col("first_infusion")))
    asked = begun.filter(nw.col("intent") == intent)
    first = asked.filter(
        nw.col("line_no") == nw.col("line_no").min().over("subject_id")).select(
        "subject_id", nw.col(SOURCE).alias("line_row"))
    told = lines.group_by("subject_id").agg(nw.col(SOURCE).min().alias("any_row"))
    joined = subjects.select("subject_id", nw.col(SOURCE).alias("subject_row")).join(
        first, on="subject_id", how="left").join(told, on="subject_id", how="left")
    is_told = ~nw.col("any_row").is_null()
    return joined.select(
        "subject_id",
        nw.when(~nw.col("line_row").is_null()).then(nw.lit("Y"))
        .when(is_told).then(nw.lit("N")).alias("value"),
        nw.when(~is_told).then(nw.lit(NO_LINES)).alias("note"),
        nw.coalesce("line_row", "any_row", "subject_row").alias("source"))
