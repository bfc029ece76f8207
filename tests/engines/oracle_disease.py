"""A slow reference of the definitions about the disease: relapse, fluid, genetics, eligibility.

Written from the brief of the chapter and sections 1, 3 and 12 of the definitions, by someone who
has not read the implementation; see ``oracle.py`` for why that matters and for the conventions.
Where a rule asks for what another rule said, it is asked here too, each time anew.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from tests.engines.oracle import (
    DAYS_PER_YEAR,
    Result,
    Row,
    day_in,
    number_in,
    required_number,
    rows_of,
)
from tests.engines.oracle_marrow import (
    BLASTS_OF_DISEASE,
    FAILURE,
    above,
    at_least,
    baseline_status,
    below,
    days_of,
    finding_of_row,
    first_infusion,
    highest,
    in_order_of_days,
    known_numbers,
    of_day,
    of_specimen,
)
from tests.engines.oracle_marrow_relapse import marrow_relapse

DAYS_PER_MONTH = 30.4375
WEEK = 7

MRD_OF_DISEASE = 1
"""Percent of MRD from which a marrow is not in remission; Ponte di Legno, definitions 1.1."""

DISEASE = ("INITIAL_DIAGNOSIS", "RELAPSE", "REFRACTORY")
"""The phases that are disease; a recurrence of MRD alone is none."""


@dataclass
class Tables:
    """The tables of a study as rows.

    ``own_days`` is not a table: so many days before a relapse a sign of disease is taken for the
    relapse itself and not read. The brief knows no such days.
    """

    own_days: int = 0
    subject: list[Row] = field(default_factory=list)
    disease_episode: list[Row] = field(default_factory=list)
    assessment: list[Row] = field(default_factory=list)
    treatment_line: list[Row] = field(default_factory=list)
    transplant: list[Row] = field(default_factory=list)
    exposure: list[Row] = field(default_factory=list)
    laboratory: list[Row] = field(default_factory=list)
    genetics: list[Row] = field(default_factory=list)


def nothing() -> Result:
    """Give the answer of what is not known."""
    return {"value": None, "day": None}


def days_in_months(months: float) -> int:
    """Give the whole days of some months."""
    return math.floor(months * DAYS_PER_MONTH)


def key_of(episode: Row) -> tuple[object, object]:
    """Give the key of an episode: its child and its number."""
    return episode["subject_id"], episode["episode_no"]


def with_phase(episodes: list[Row], *phases: str) -> list[Row]:
    """Give the episodes of some phases."""
    return [row for row in episodes if row.get("phase") in phases]


# A. The order of episodes, and the remission between them ------------------------------------


def episodes_in_order(tables: Tables, subject_id: object) -> list[Row]:
    """Give a child's episodes by day and number if each has a day; else by number."""
    episodes = rows_of(tables.disease_episode, subject_id)
    dated = in_order_of_days(episodes, "start_day", "episode_no")
    if len(dated) == len(episodes):
        return dated
    return sorted(episodes, key=lambda row: required_number(row, "episode_no"))


def initial_diagnosis(tables: Tables, subject_id: object) -> Row | None:
    """Give the initial diagnosis of a child; of several the one with the lowest number."""
    lowest: Row | None = None
    for row in with_phase(rows_of(tables.disease_episode, subject_id), "INITIAL_DIAGNOSIS"):
        if lowest is None or (
                required_number(row, "episode_no") < required_number(lowest, "episode_no")):
            lowest = row
    return lowest


def usable_mrd(row: Row) -> float | None:
    """Give the MRD a row tells: a value, or 0 for "not detected"; None when it tells none.

    "Less than" a value that is 1 % or more says nothing about the 1 % that matters here.
    """
    value = number_in(row, "mrd_percent")
    if row.get("mrd_sign") == "ND":
        return 0.0
    if value is None:
        return None
    if row.get("mrd_sign") == "<":
        return 0.0 if below(value, MRD_OF_DISEASE) else None
    return value


def marrow_in_remission(row: Row) -> bool | None:
    """Judge one marrow row: by MRD if it has any, else by blasts; None when it has neither."""
    mrd = usable_mrd(row)
    if mrd is not None:
        return below(mrd, MRD_OF_DISEASE)
    blasts = number_in(row, "blast_percent")
    if blasts is not None:
        return below(blasts, BLASTS_OF_DISEASE)
    return None


def readings_between(
    tables: Tables, subject_id: object, after: int, before: int
) -> list[bool]:
    """Give every reading strictly between two days: whether it was a remission."""
    found: list[bool] = []

    def between(row: Row, name: str) -> bool:
        day = day_in(row, name)
        return day is not None and after < day < before

    def take(row: Row, name: str, remission: bool) -> None:
        if between(row, name) and (
                remission or before - required_number(row, name) > tables.own_days):
            found.append(remission)

    for row in of_specimen(rows_of(tables.assessment, subject_id), "BM"):
        remission = marrow_in_remission(row)
        if remission is not None:
            take(row, "day", remission)
    for row in rows_of(tables.treatment_line, subject_id):
        blasts = number_in(row, "blast_percent_after")
        if blasts is not None:
            take(row, "end_day", below(blasts, BLASTS_OF_DISEASE))
    for row in rows_of(tables.transplant, subject_id):
        status = row.get("status_at_transplant")
        if status is not None:
            take(row, "day", status != "ACTIVE")
    return found


def remission_before(tables: Tables, episode: Row) -> str:
    """Say whether a remission came before an episode: REMITTED, PERSISTENT or UNDOCUMENTED."""
    previous: Row | None = None
    for row in episodes_in_order(tables, episode["subject_id"]):
        if row["episode_no"] == episode["episode_no"]:
            break
        if row.get("phase") in DISEASE:
            previous = row
    day = day_in(episode, "start_day")
    previous_day = day_in(previous, "start_day") if previous is not None else None
    if day is None or previous_day is None:
        return "UNDOCUMENTED"
    readings = readings_between(tables, episode["subject_id"], previous_day, day)
    if not readings:
        return "UNDOCUMENTED"
    return "REMITTED" if any(readings) else "PERSISTENT"


# A1. Number of the relapse -------------------------------------------------------------------


def episode_counts(tables: Tables, episode: Row, criteria: str) -> bool | None:
    """Say whether an episode counts as a relapse; None when that is undecided."""
    before = remission_before(tables, episode)
    if before == "PERSISTENT":
        return False
    if criteria == "documented_remission" and before == "UNDOCUMENTED":
        return None
    return True


def number_of_relapse(tables: Tables, episode: Row, criteria: str = "recorded") -> int | None:
    """Give the number of an episode among the child's relapses; None when it has none."""
    number = 0
    for row in with_phase(episodes_in_order(tables, episode["subject_id"]), "RELAPSE"):
        counts = episode_counts(tables, row, criteria)
        if counts:
            number += 1
        if row["episode_no"] == episode["episode_no"]:
            return number if counts else None
        if counts is None:
            return None
    return None


def relapse_number(tables: Tables, criteria: str) -> dict[object, Result]:
    """Number the relapses of each child; brief, A1."""
    return {key_of(row): {"value": number_of_relapse(tables, row, criteria), "day": None}
            for row in with_phase(tables.disease_episode, "RELAPSE")}


# A2. Relapse after a transplant --------------------------------------------------------------


def after_transplant(tables: Tables, episode: Row) -> Result:
    """Say whether a graft came before a relapse, and how many days before; brief, A2."""
    grafts = rows_of(tables.transplant, episode["subject_id"])
    day = day_in(episode, "start_day")
    last_before: int | None = None
    undated = False
    for graft in grafts:
        graft_day = day_in(graft, "day")
        if graft_day is None:
            undated = True
        elif day is not None and graft_day < day and (
                last_before is None or graft_day > last_before):
            last_before = graft_day
    if day is not None and last_before is not None:
        return {"value": "Y", "day": day - last_before}
    if not grafts or (day is not None and not undated):
        return {"value": "N", "day": None}
    return nothing()


def post_transplant_relapse(tables: Tables) -> dict[object, Result]:
    """Say of each relapse whether it came after a transplant."""
    return {key_of(row): after_transplant(tables, row)
            for row in with_phase(tables.disease_episode, "RELAPSE")}


# A3. Site of the relapse ---------------------------------------------------------------------

ISOLATED_EXTRAMEDULLARY = (
    "ISOLATED_CNS", "ISOLATED_TESTIS", "ISOLATED_OTHER", "SEVERAL_EXTRAMEDULLARY")


def sex_of(tables: Tables, subject_id: object) -> object:
    """Give the sex of a child."""
    for row in rows_of(tables.subject, subject_id):
        return row.get("sex")
    return None


def extramedullary_sites(tables: Tables, episode: Row) -> list[str]:
    """Give the codes of the sites outside the marrow that an episode has.

    A testis in a girl contradicts itself, and says nothing.
    """
    sites = []
    if episode.get("cns") == "Y":
        sites.append("ISOLATED_CNS")
    if episode.get("testis") == "Y" and sex_of(tables, episode["subject_id"]) != "F":
        sites.append("ISOLATED_TESTIS")
    if episode.get("other_site") is not None:
        sites.append("ISOLATED_OTHER")
    return sites


def extramedullary_known_absent(tables: Tables, episode: Row) -> bool:
    """Say whether no site outside the marrow is known: no testis is none for a girl.

    Unless one is recorded as involved.
    """
    girl = sex_of(tables, episode["subject_id"]) == "F" and episode.get("testis") != "Y"
    return (episode.get("cns") == "N" and (episode.get("testis") == "N" or girl)
            and episode.get("other_site") is None)


def marrow_involved(episode: Row) -> bool | None:
    """Say whether the marrow is involved: from 5 % blasts, else by the word of the record."""
    blasts = number_in(episode, "marrow_blast_percent")
    if blasts is not None:
        return at_least(blasts, 5)
    return {"Y": True, "N": False}.get(str(episode.get("marrow")))


def consensus_sees_relapse(tables: Tables, episode: Row) -> bool:
    """Say whether a marrow within a week of an episode is a relapse by the consensus."""
    judged_of = marrow_relapse(rows_of(tables.assessment, episode["subject_id"]))
    day = day_in(episode, "start_day")
    for row in rows_of(tables.assessment, episode["subject_id"]):
        examined = day_in(row, "day")
        if day is not None and examined is not None and abs(examined - day) <= WEEK and (
                judged_of[row["subject_id"], row["assessment_no"]]["value"] == "RELAPSE"):
            return True
    return False


def site_of_relapse(tables: Tables, episode: Row) -> str | None:
    """Give the site of one relapse; brief, A3; definitions 1.3."""
    sites = extramedullary_sites(tables, episode)
    involved = marrow_involved(episode)
    blasts = number_in(episode, "marrow_blast_percent")
    if involved and sites:
        return "COMBINED"
    if involved and extramedullary_known_absent(tables, episode):
        if blasts is None or at_least(blasts, 25):
            return "ISOLATED_MARROW"
        return "ISOLATED_MARROW" if consensus_sees_relapse(tables, episode) else None
    if involved is False and len(sites) == 1:
        return sites[0]
    if involved is False and sites:
        return "SEVERAL_EXTRAMEDULLARY"
    return None


def relapse_site(tables: Tables) -> dict[object, Result]:
    """Give the site of each relapse."""
    return {key_of(row): {"value": site_of_relapse(tables, row), "day": None}
            for row in with_phase(tables.disease_episode, "RELAPSE")}


# A4. Timing of the first relapse -------------------------------------------------------------


def sooner_than(
    months: float, reported: float | None, days: int | None
) -> bool | None:
    """Say whether a time is shorter than some months: as reported, else in days."""
    if reported is not None:
        return below(reported, months)
    if days is None:
        return None
    return days < days_in_months(months)


def days_since_diagnosis(tables: Tables, episode: Row) -> int | None:
    """Give the days from the initial diagnosis to an episode; None unless there are some."""
    diagnosis = initial_diagnosis(tables, episode["subject_id"])
    day = day_in(episode, "start_day")
    begun = day_in(diagnosis, "start_day") if diagnosis is not None else None
    if day is None or begun is None or day <= begun:
        return None
    return day - begun


def sooner_after_diagnosis(tables: Tables, episode: Row, months: float) -> bool | None:
    """Say whether an episode came earlier than some months after the initial diagnosis."""
    reported = number_in(episode, "months_since_diagnosis_reported")
    return sooner_than(months, reported, days_since_diagnosis(tables, episode))


def end_of_frontline(tables: Tables, episode: Row) -> int | None:
    """Give the last day of frontline therapy, with the maintenance begun before the episode."""
    day = day_in(episode, "start_day")
    ends: list[int] = []
    frontline = False
    for row in rows_of(tables.treatment_line, episode["subject_id"]):
        start = day_in(row, "start_day")
        maintenance = (row.get("intent") == "MAINTENANCE" and day is not None
                       and start is not None and start < day)
        if row.get("intent") != "FRONTLINE" and not maintenance:
            continue
        if row.get("intent") == "FRONTLINE":
            frontline = True
        end = day_in(row, "end_day")
        if end is None:
            return None
        ends.append(end)
    return max(ends) if frontline else None


def sooner_after_frontline(tables: Tables, episode: Row, months: float) -> bool | None:
    """Say whether an episode came earlier than some months after the end of frontline."""
    reported = number_in(episode, "months_since_frontline_end_reported")
    day = day_in(episode, "start_day")
    end = end_of_frontline(tables, episode)
    days = day - end if day is not None and end is not None else None
    return sooner_than(months, reported, days)


def timing_by_diagnosis_and_therapy(tables: Tables, episode: Row) -> str | None:
    """Give the timing of a relapse by months from diagnosis and from the end of frontline."""
    very_early = sooner_after_diagnosis(tables, episode, 18)
    if very_early is None:
        return None
    if very_early:
        return "VERY_EARLY"
    early = sooner_after_frontline(tables, episode, 6)
    if early is None:
        return None
    return "EARLY" if early else "LATE"


def timing_by_diagnosis(tables: Tables, episode: Row) -> str | None:
    """Give the timing of a relapse by months from diagnosis; the limit depends on its site."""
    before_18 = sooner_after_diagnosis(tables, episode, 18)
    before_36 = sooner_after_diagnosis(tables, episode, 36)
    if before_18 is None or before_36 is None:
        return None
    site = site_of_relapse(tables, episode)
    if site in ("ISOLATED_MARROW", "COMBINED"):
        return "EARLY" if before_36 else "LATE"
    if site in ISOLATED_EXTRAMEDULLARY:
        return "EARLY" if before_18 else "LATE"
    if before_18:
        return "EARLY"
    return None if before_36 else "LATE"


def timing_of_relapse(tables: Tables, episode: Row, criteria: str) -> str | None:
    """Give the timing of a first relapse; None for any other; brief, A4."""
    if number_of_relapse(tables, episode) != 1:
        return None
    if criteria == "cog":
        return timing_by_diagnosis(tables, episode)
    return timing_by_diagnosis_and_therapy(tables, episode)


def relapse_timing(tables: Tables, criteria: str) -> dict[object, Result]:
    """Give the timing of each child's first relapse."""
    return {key_of(row): {"value": timing_of_relapse(tables, row, criteria), "day": None}
            for row in with_phase(tables.disease_episode, "RELAPSE")}


# A5, A6. Strategic group, high risk ----------------------------------------------------------

GROUPS_OF_B = {
    ("COMBINED", "VERY_EARLY"): "S4", ("COMBINED", "EARLY"): "S2", ("COMBINED", "LATE"): "S2",
    ("ISOLATED_MARROW", "VERY_EARLY"): "S4", ("ISOLATED_MARROW", "EARLY"): "S3",
    ("ISOLATED_MARROW", "LATE"): "S2",
}


def lineage_of(tables: Tables, subject_id: object) -> str | None:
    """Give B or T, the lineage of the initial diagnosis; None when it is neither or unknown."""
    diagnosis = initial_diagnosis(tables, subject_id)
    if diagnosis is None:
        return None
    return {"B_ALL": "B", "T_ALL": "T"}.get(str(diagnosis.get("diagnosis")))


def group_of_relapse(tables: Tables, episode: Row) -> str | None:  # noqa: PLR0911 - a rule a line
    """Give the BFM strategic group of a first relapse; brief, A5; definitions 1.3."""
    if number_of_relapse(tables, episode) != 1:
        return None
    site = site_of_relapse(tables, episode)
    timing = timing_of_relapse(tables, episode, "bfm")
    lineage = lineage_of(tables, episode["subject_id"])
    if site in ISOLATED_EXTRAMEDULLARY:
        return {"VERY_EARLY": "S2", "EARLY": "S2", "LATE": "S1"}.get(str(timing))
    if site not in ("COMBINED", "ISOLATED_MARROW"):
        return None
    if lineage == "T" or timing == "VERY_EARLY":
        return "S4"
    if lineage is None:
        return None
    if timing is None:
        from_18_months = sooner_after_diagnosis(tables, episode, 18) is False
        return "S2" if site == "COMBINED" and from_18_months else None
    return GROUPS_OF_B[site, timing]


def bfm_strategic_group(tables: Tables) -> dict[object, Result]:
    """Give the strategic group of each child's first relapse."""
    return {key_of(row): {"value": group_of_relapse(tables, row), "day": None}
            for row in with_phase(tables.disease_episode, "RELAPSE")}


def high_risk_of(tables: Tables, episode: Row, criteria: str) -> str | None:
    """Say whether a first relapse is of high risk."""
    if criteria == "bfm":
        group = group_of_relapse(tables, episode)
        return {"S1": "N", "S2": "N", "S3": "Y", "S4": "Y"}.get(str(group))
    lineage = lineage_of(tables, episode["subject_id"])
    timing = timing_of_relapse(tables, episode, "cog")
    if lineage == "T" or timing == "EARLY":
        return "Y"
    return "N" if timing == "LATE" and lineage == "B" else None


def high_risk_first_relapse(tables: Tables, criteria: str) -> dict[object, Result]:
    """Say of each child whether its first relapse is of high risk; brief, A6."""
    results: dict[object, Result] = {}
    for subject in tables.subject:
        subject_id = subject["subject_id"]
        results[subject_id] = nothing()
        for row in with_phase(rows_of(tables.disease_episode, subject_id), "RELAPSE"):
            if number_of_relapse(tables, row) == 1:
                results[subject_id] = {
                    "value": high_risk_of(tables, row, criteria), "day": None}
    return results


# A7. Refractory disease ----------------------------------------------------------------------

FAILURE_DAY = 84
"""Days after diagnosis until which a remission may come; brief, A7; definitions 1.1."""


def lowest_salvage(tables: Tables, subject_id: object) -> Row | None:
    """Give the second-line induction: the lowest salvage line not begun with the infusion or after.

    A line without its first day may have begun before.
    """
    first = first_infusion(tables.exposure, subject_id)
    lowest: Row | None = None
    for row in rows_of(tables.treatment_line, subject_id):
        begun = day_in(row, "start_day")
        if first is not None and begun is not None and begun >= first:
            continue
        if row.get("intent") == "SALVAGE" and (
                lowest is None
                or required_number(row, "line_no") < required_number(lowest, "line_no")):
            lowest = row
    return lowest


def up_to(day: int | None, first: int | None) -> bool:
    """Say whether a known day is not after the first infusion; without one every day counts."""
    return day is not None and (first is None or day <= first)


def refractory_by_second_line(tables: Tables, subject_id: object) -> str | None:
    """Say whether the disease resisted the second induction; brief, A7, olaya_2025."""
    first = first_infusion(tables.exposure, subject_id)
    line = lowest_salvage(tables, subject_id)
    end = day_in(line, "end_day") if line is not None else None
    if end is not None and up_to(end, first):
        readable = []
        for row in of_specimen(rows_of(tables.assessment, subject_id), "BM"):
            day = day_in(row, "day")
            if row.get("mrd_method") == "FCM" and usable_mrd(row) is not None and (
                    up_to(day, first) and day is not None and day >= end):
                readable.append(row)
        days = days_of(readable)
        if days:
            values = []
            for row in of_day(readable, days[0]):
                mrd = usable_mrd(row)
                if mrd is not None:
                    values.append(mrd)
            return "Y" if at_least(max(values), MRD_OF_DISEASE) else "N"
    last = last_episode(tables, subject_id, first)
    if last is None:
        return None
    if last.get("phase") == "REFRACTORY":
        return "Y"
    return "N" if last.get("phase") == "RELAPSE" and line is None else None


def last_episode(tables: Tables, subject_id: object, until: int | None) -> Row | None:
    """Give the child's last episode with a day up to some day, by day and number."""
    dated = in_order_of_days(
        rows_of(tables.disease_episode, subject_id), "start_day", "episode_no")
    last: Row | None = None
    for row in dated:
        if up_to(day_in(row, "start_day"), until):
            last = row
    return last


def refractory_by_time(tables: Tables, subject_id: object) -> str | None:
    """Say whether the first remission did not come in time; brief, A7, pdl_2022."""
    first = first_infusion(tables.exposure, subject_id)
    diagnosis = initial_diagnosis(tables, subject_id)
    begun = day_in(diagnosis, "start_day") if diagnosis is not None else None
    if begun is not None:
        read = []
        for row in of_specimen(rows_of(tables.assessment, subject_id), "BM"):
            day = day_in(row, "day")
            if up_to(day, first) and day is not None and day > begun and (
                    marrow_in_remission(row) is not None):
                read.append(row)
        late_read = False
        for day in days_of(read):
            for row in of_day(read, day):
                if marrow_in_remission(row):
                    return "N"
            if day - begun >= FAILURE_DAY:
                late_read = True
                break
        if late_read:
            return "Y"
    return refractory_as_recorded(tables, subject_id, diagnosis)


def refractory_as_recorded(
    tables: Tables, subject_id: object, diagnosis: Row | None
) -> str | None:
    """Read the episode that follows the initial diagnosis: a relapse needs a remission.

    Where the initial diagnosis has no row, every episode follows it.
    """
    order = episodes_in_order(tables, subject_id)
    follows = 0 if diagnosis is None else order.index(diagnosis) + 1
    if follows == len(order):
        return None
    return {"REFRACTORY": "Y", "RELAPSE": "N"}.get(str(order[follows].get("phase")))


def refractory(tables: Tables, criteria: str) -> dict[object, Result]:
    """Say of each child whether its disease was refractory at the first infusion; brief, A7."""
    rule = refractory_by_second_line if criteria == "olaya_2025" else refractory_by_time
    return {subject["subject_id"]: {"value": rule(tables, subject["subject_id"]), "day": None}
            for subject in tables.subject}


# B. Spinal fluid -----------------------------------------------------------------------------


def count_of_day(
    laboratory: list[Row], subject_id: object, test: str, unit: str, day: int | None
) -> float | None:
    """Give the highest value of a test on a day; None without one in its canonical unit."""
    found = []
    for row in rows_of(laboratory, subject_id):
        if row["test"] == test and row.get("unit") == unit and day is not None and (
                day_in(row, "day") == day):
            found.append(row)  # noqa: PERF401 - a plain loop, on purpose
    return highest(known_numbers(found, "value"))


def fluid_by_counts(tables: Tables, row: Row) -> str | None:  # noqa: PLR0911 - a rule a line
    """Judge one examination of the spinal fluid by cells, blasts and signs; brief, B."""

    def count(test: str, unit: str) -> float | None:
        return count_of_day(
            tables.laboratory, row["subject_id"], test, unit, day_in(row, "day"))

    blasts = number_in(row, "blast_percent")
    white, red = count("CSF_WBC", "/uL"), count("CSF_RBC", "/uL")
    if row.get("cns_signs") == "Y":
        return "CNS3C"
    if blasts is None:
        return None
    if blasts == 0:
        return "CNS1"
    if white is None:
        return None
    if below(white, 5):
        if red is None:
            return "CNS2"
        return "CNS2A" if below(red, 10) else "CNS2B"
    if red is None:
        return None
    if below(red, 10):
        return "CNS3A"
    blood_white, blood_red = count("WBC", "10*9/L"), count("RBC", "10*12/L")
    if blood_white is None or blood_red is None:
        return None
    blood_ratio = (blood_white * 1e9) / (blood_red * 1e12)
    return "CNS3B" if at_least(white / red, 2 * blood_ratio) else "CNS2C"


def cns_status(tables: Tables) -> dict[object, Result]:
    """Judge each examination of the spinal fluid; else give the recorded status."""
    results: dict[object, Result] = {}
    for row in of_specimen(tables.assessment, "CSF"):
        value = fluid_by_counts(tables, row)
        reported = value is None and row.get("cns_status") is not None
        results[row["subject_id"], row["assessment_no"]] = {
            "value": row.get("cns_status") if reported else value, "day": None,
            "how": "reported by the centre" if reported else None}
    return results


# C. Genetics ---------------------------------------------------------------------------------

LESIONS = ("BCR_ABL1", "KMT2A_R", "TCF3_HLF", "ETV6_RUNX1", "TCF3_PBX1", "ZNF384_R", "PAX5_R",
           "PAX5_P80R", "MEF2D_R", "IKZF1_PLUS", "PH_LIKE", "HYPERDIPLOID", "HYPODIPLOID",
           "IAMP21")

SEEN_IN_A_KARYOTYPE = (
    "BCR_ABL1", "KMT2A_R", "TCF3_HLF", "TCF3_PBX1", "HYPERDIPLOID", "HYPODIPLOID")

NEGATION_WORDS = ("no", "not", "non", "without", "negative", "neg", "absent", "none")

CHROMOSOMES = {"HYPERDIPLOID": (51, 65), "HYPODIPLOID": (24, 43)}
"""The numbers of chromosomes that are a lesion; brief, C1; definitions 3."""

ALIASES: Mapping[str, tuple[str, ...]] = {
    "BCR_ABL1": ("t(9;22)", "ph+", "philadelphia", "bcr::abl1", "bcr-abl1", "bcr/abl"),
    "KMT2A_R": ("t(4;11)", "t(6;11)", "t(9;11)", "t(10;11)", "t(11;19)", "t(v;11q23)",
                "kmt2a::", "kmt2a-r", "mll-r"),
    "TCF3_HLF": ("t(17;19)", "tcf3::hlf", "e2a-hlf"),
    "ETV6_RUNX1": ("t(12;21)", "etv6::runx1", "tel-aml1"),
    "TCF3_PBX1": ("t(1;19)", "tcf3::pbx1", "e2a/pbx1"),
    "ZNF384_R": ("znf384::",),
    "PAX5_R": ("pax5-r",),
    "PAX5_P80R": ("pax5 p80r", "pax5 p.pro80arg"),
    "MEF2D_R": ("mef2d-r", "mef2d::"),
    "IKZF1_PLUS": ("ikzf1plus", "ikzf1 plus"),
    "PH_LIKE": ("bcr::abl1-like", "ph-like"),
    "HYPERDIPLOID": ("hyperdiploid",),
    "HYPODIPLOID": ("hypodiploid", "near-haploid"),
    "IAMP21": ("iamp21", "amp(21)"),
}


def text_of(row: Row) -> str | None:
    """Give the karyotype as written, in small letters; None when it is empty."""
    text = row.get("iscn")
    if text is None or not str(text).strip():
        return None
    return str(text).strip().lower()


def text_doubts(text: str) -> bool:
    """Say whether a text carries a negation word or a question mark."""
    return "?" in text or any(word in NEGATION_WORDS for word in re.findall(r"[a-z]+", text))


def chromosome_numbers(text: str) -> list[int]:
    """Give the number of chromosomes that each clone of a text begins with."""
    found = []
    for clone in text.split("/"):
        begins = re.match(r"\s*(\d\d)(?=[,~<\[-]|\s*chr|\s*$)", clone)
        if begins:
            found.append(int(begins.group(1)))
    return found


def begins_with_number(text: str) -> bool:
    """Say whether a text begins with a number of chromosomes, as a karyotype does."""
    return re.match(r"\s*\d\d([,~<\[-]|\s*chr|\s*$)", text) is not None


def text_reads_as(text: str, lesion: str) -> bool:
    """Say whether a text names a lesion by one of its aliases or its chromosomes."""
    if lesion == "BCR_ABL1":
        for like in ALIASES["PH_LIKE"]:
            text = text.replace(like, "")
    if lesion == "KMT2A_R" and re.fullmatch(r"(.*[\s,;])?11q23([\s,;].*)?", text):
        return True
    if any(alias in text for alias in ALIASES[lesion]):
        return True
    if lesion in CHROMOSOMES:
        lowest, most = CHROMOSOMES[lesion]
        return any(lowest <= number <= most for number in chromosome_numbers(text))
    if lesion == "IAMP21":
        signals = re.search(r"(\d+) runx1 signals", text)
        extra = re.search(r"(\d+) extra copies of runx1 on one chromosome", text)
        return (signals is not None and int(signals.group(1)) >= 5) or (
            extra is not None and int(extra.group(1)) >= 3)
    return False


def row_finds(row: Row, lesion: str) -> bool:
    """Say whether a row finds a lesion: by its code, or by its text."""
    if row.get("status") == "PRESENT" and row.get("alteration") == lesion:
        return True
    text = text_of(row)
    if row.get("status") not in ("PRESENT", None) or text is None or text_doubts(text):
        return False
    return text_reads_as(text, lesion)


def row_excludes(row: Row, lesion: str) -> bool:
    """Say whether a row says that a lesion was looked for and is not there."""
    return row.get("status") == "ABSENT" and row.get("alteration") == lesion


def karyotype_seen(row: Row) -> bool:
    """Say whether a row holds a karyotype that was read."""
    text = text_of(row)
    return (row.get("status") in ("PRESENT", "ABSENT", None) and text is not None
            and begins_with_number(text))


def clear_karyotype_seen(rows: list[Row]) -> bool:
    """Say whether a karyotype was seen whose text carries neither negation nor doubt."""
    return any(karyotype_seen(row) and not text_doubts(text_of(row) or "") for row in rows)


def state_of_lesion(rows: list[Row], lesion: str) -> str | None:
    """Say whether a child has a lesion; brief, C2."""
    if any(row_finds(row, lesion) for row in rows):
        return "Y"
    if any(row_excludes(row, lesion) for row in rows):
        return "N"
    if lesion in SEEN_IN_A_KARYOTYPE and clear_karyotype_seen(rows):
        return "N"
    return None


def one_lesion(tables: Tables, lesion: str) -> dict[object, Result]:
    """Say of each child whether it has a lesion."""
    results: dict[object, Result] = {}
    for subject in tables.subject:
        rows = rows_of(tables.genetics, subject["subject_id"])
        results[subject["subject_id"]] = {"value": state_of_lesion(rows, lesion), "day": None}
    return results


GOOD = ("ETV6_RUNX1", "TCF3_PBX1", "ZNF384_R", "PAX5_R", "PAX5_P80R", "PH_LIKE", "MEF2D_R",
        "IKZF1_PLUS", "HYPERDIPLOID", "HYPODIPLOID", "IAMP21")
TWO_LEVELS = (("POOR", ("KMT2A_R", "BCR_ABL1", "TCF3_HLF")), ("GOOD", GOOD))

RISK_LEVELS: Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "cccg_all_2015": TWO_LEVELS,
    "zhang_2025": TWO_LEVELS,
    "cog_like": (
        ("POOR", ("KMT2A_R", "TCF3_HLF", "HYPODIPLOID", "IAMP21", "PH_LIKE", "ZNF384_R",
                  "PAX5_R", "MEF2D_R", "IKZF1_PLUS")),
        ("PH_POSITIVE", ("BCR_ABL1",)),
        ("STANDARD", ("TCF3_PBX1", "PAX5_P80R")),
        ("FAVOURABLE", ("ETV6_RUNX1", "HYPERDIPLOID")),
    ),
}
"""The levels of each set, the worst first, with the lesions of each; brief, C3."""

RISK_OF_NOTHING = {"cccg_all_2015": "GOOD", "zhang_2025": "GOOD", "cog_like": "STANDARD"}


def risk_of(rows: list[Row], criteria: str) -> str | None:
    """Give the cytogenetic risk of one child; brief, C3; definitions 3."""
    for level, lesions in RISK_LEVELS[criteria]:
        for lesion in lesions:
            if any(row_finds(row, lesion) for row in rows):
                return level
    if criteria == "zhang_2025" or clear_karyotype_seen(rows):
        return RISK_OF_NOTHING[criteria]
    for level, lesions in RISK_LEVELS[criteria]:
        if level == RISK_OF_NOTHING[criteria]:
            break
        for lesion in lesions:
            if not any(row_excludes(row, lesion) for row in rows):
                return None
    return RISK_OF_NOTHING[criteria]


def cytogenetic_risk(tables: Tables, criteria: str) -> dict[object, Result]:
    """Give the cytogenetic risk of each child."""
    return {subject["subject_id"]: {
        "value": risk_of(rows_of(tables.genetics, subject["subject_id"]), criteria),
        "day": None} for subject in tables.subject}


PLOIDY = (("NEAR_HAPLOID", 24, 31), ("LOW_HYPODIPLOID", 32, 39), ("HIGH_HYPODIPLOID", 40, 43),
          ("HYPERDIPLOID", 51, 65), ("NEAR_DIPLOID", 44, 50), ("OVER_65", 66, 99))
"""The classes by number of chromosomes, in their order of precedence; brief, C4."""


def ploidy_of(rows: list[Row]) -> str | None:
    """Give the ploidy of one child: by the numbers in the texts, else by the codes.

    A text with a negation word or a question mark is not read for its number either.
    """
    numbers: list[int] = []
    for row in rows:
        text = text_of(row)
        if karyotype_seen(row) and text is not None and not text_doubts(text):
            numbers.extend(chromosome_numbers(text))
    for code, lowest, most in PLOIDY:
        if any(lowest <= number <= most for number in numbers):
            return code
    present = [row.get("alteration") for row in rows if row.get("status") == "PRESENT"]
    if "HYPODIPLOID" in present:
        return None
    return "HYPERDIPLOID" if "HYPERDIPLOID" in present else None


def ploidy(tables: Tables) -> dict[object, Result]:
    """Give the ploidy of each child."""
    return {subject["subject_id"]: {
        "value": ploidy_of(rows_of(tables.genetics, subject["subject_id"])), "day": None}
        for subject in tables.subject}


# D. Status -----------------------------------------------------------------------------------

MRD_OF_STATUS = {"zhang_2025": 0.01, "fda_label": 0.1}
"""Percent of MRD from which a remission is MRD positive; brief, D1; definitions 1.2, 5.1."""


def with_fluid_judged(tables: Tables) -> list[Row]:
    """Give the examinations, those of the fluid with the class that B gives them; brief, D."""
    told = {key: answer["value"] for key, answer in cns_status(tables).items()}
    judged: list[Row] = []
    for row in tables.assessment:
        status = told.get((row["subject_id"], row["assessment_no"]))
        judged.append(row if status is None else {**row, "cns_status": str(status)[:4]})
    return judged


def status_at_first_infusion(tables: Tables, criteria: str) -> dict[object, Result]:
    """Give the state of each child before the first infusion."""
    examined = with_fluid_judged(tables)
    return {subject["subject_id"]: {
        "value": baseline_status(examined, tables.exposure, subject["subject_id"],
                                 MRD_OF_STATUS[criteria]),
        "day": None} for subject in tables.subject}


def has_episode(
    tables: Tables, subject_id: object, phases: Collection[str], until: int | None
) -> bool:
    """Say whether a child has an episode of some phases with a day up to some known day."""
    for row in rows_of(tables.disease_episode, subject_id):
        day = day_in(row, "start_day")
        if row.get("phase") in phases and day is not None and until is not None and day <= until:
            return True
    return False


def class_of(tables: Tables, subject: Row) -> str | None:
    """Give the class a child began with: by why it was given, its episodes, its marrow."""
    subject_id = subject["subject_id"]
    cohort = subject.get("cohort")
    first = first_infusion(tables.exposure, subject_id)
    status = baseline_status(with_fluid_judged(tables), tables.exposure, subject_id)
    if cohort in ("RR", "MRD_POS"):
        return str(cohort)
    if cohort != "CHEMO_INTOLERANT":
        if has_episode(tables, subject_id, ("RELAPSE", "REFRACTORY"), first):
            return "RR"
        if has_episode(tables, subject_id, ("MRD_RECURRENCE",), first):
            return "MRD_POS"
    return None if status == "CR_MRD_UNKNOWN" else status


def initial_class(tables: Tables) -> dict[object, Result]:
    """Give the class each child began with; brief, D2; definitions 1.2."""
    return {subject["subject_id"]: {"value": class_of(tables, subject), "day": None}
            for subject in tables.subject}


# E. Eligibility ------------------------------------------------------------------------------

AGE_LIMITS: Mapping[str, tuple[str, float]] = {
    "olaya_2025": ("below", 19), "olaya_2025_decimal": ("at_most", 18),
    "zhang_2025": ("at_most", 18), "zhang_2025_completed_years": ("below", 19),
}
"""How old a child may be; brief, E; definitions 12."""

ENROLLED = (datetime.date(2021, 9, 1), datetime.date(2024, 6, 30))
ASSENTS_FROM = 9
"""Years from which a child gives its own assent."""


def judged(answer: bool | None) -> str | None:
    """Give the word of a criterion for yes, no or unknown."""
    if answer is None:
        return None
    return "MET" if answer else "NOT_MET"


def all_of(*answers: bool | None) -> bool | None:
    """Join answers by "and": any no is no, else any unknown is unknown."""
    if False in answers:
        return False
    return None if None in answers else True


def start_of(tables: Tables, subject_id: object) -> int:
    """Give the day a child is judged on: the first infusion, else the anchor."""
    first = first_infusion(tables.exposure, subject_id)
    return 0 if first is None else first


def age_fits(years: float | None, days: int | None, kind: str, limit: float) -> bool | None:
    """Say whether an age is within a limit: by the years if given, else by the days.

    Both are compared as they are, without a tolerance, as in the age groups.
    """
    if years is not None:
        return years < limit if kind == "below" else years <= limit
    if days is None:
        return None
    if kind == "below":
        return days < math.floor(limit * DAYS_PER_YEAR)
    return days <= math.ceil(limit * DAYS_PER_YEAR)


def age_at_start(tables: Tables, subject: Row) -> tuple[float | None, int | None]:
    """Give a child's age at the start, in years as reported and in days."""
    start = start_of(tables, subject["subject_id"])
    years = number_in(subject, "age_at_index_years_reported")
    days = day_in(subject, "age_at_index_days")
    return (None if years is None else years + start / DAYS_PER_YEAR,
            None if days is None else days + start)


def eligible_age(tables: Tables, subject: Row, criteria: str) -> str | None:
    """Judge the age of a child."""
    years, days = age_at_start(tables, subject)
    return judged(age_fits(years, days, *AGE_LIMITS[criteria]))


def relapsed_or_refractory(tables: Tables, subject: Row) -> bool | None:
    """Say whether a child was relapsed or refractory at the start."""
    start = start_of(tables, subject["subject_id"])
    if subject.get("cohort") == "RR" or has_episode(
            tables, subject["subject_id"], ("RELAPSE", "REFRACTORY"), start):
        return True
    return None if subject.get("cohort") is None else False


def mrd_found_until(tables: Tables, subject_id: object, day: int) -> bool:
    """Say whether a marrow up to a day had 0.01 % MRD or more."""
    for row in rows_of(tables.assessment, subject_id):
        examined = day_in(row, "day")
        if examined is not None and examined <= day and (
                finding_of_row(row, (), {}, 0.01) == FAILURE):
            return True
    return False


def eligible_disease(tables: Tables, subject: Row, criteria: str) -> str | None:
    """Judge the disease of a child: lineage, and why blinatumomab was given."""
    subject_id = subject["subject_id"]
    start = start_of(tables, subject_id)
    diagnosis = initial_diagnosis(tables, subject_id)
    disease = diagnosis.get("diagnosis") if diagnosis is not None else None
    lineage: bool | None = disease == "B_ALL"
    if disease in ("ALL", None):
        lineage = None
    reason = relapsed_or_refractory(tables, subject)
    if criteria == "zhang_2025":
        known = (
            reason is True
            or mrd_found_until(tables, subject_id, start)
            or subject.get("cohort") in ("MRD_POS", "CHEMO_INTOLERANT")
            or has_episode(tables, subject_id, ("MRD_RECURRENCE",), start)
            or subject.get("severe_infection") == "Y")
        none = subject.get("cohort") == "OTHER" and subject.get("severe_infection") == "N"
        reason = True if known else False if none else None
    return judged(all_of(lineage, reason))


def eligible_cd19(tables: Tables, subject: Row) -> str | None:
    """Judge CD19 at the last episode before the start."""
    last = last_episode(
        tables, subject["subject_id"], start_of(tables, subject["subject_id"]))
    if last is None:
        return None
    return {"POS": "MET", "DIM": "MET", "NEG": "NOT_MET"}.get(str(last.get("cd19")))


def eligible_performance(tables: Tables, subject: Row) -> str | None:
    """Judge the performance score: above 80; none is asked of a child under one year."""
    years, days = age_at_start(tables, subject)
    score = number_in(subject, "performance_score")
    if age_fits(years, days, "below", 1):
        return "NOT_APPLICABLE"
    if score is None or score % 10 != 0 or subject.get("performance_scale") == "NA":
        return None
    return judged(score > 80)


def eligible_site(tables: Tables, subject: Row) -> str | None:
    """Judge the site of the last relapse or refractory state: not outside the marrow alone."""
    subject_id = subject["subject_id"]
    start = start_of(tables, subject_id)
    last: Row | None = None
    for row in in_order_of_days(
            with_phase(rows_of(tables.disease_episode, subject_id), "RELAPSE", "REFRACTORY"),
            "start_day", "episode_no"):
        if up_to(day_in(row, "start_day"), start):
            last = row
    if last is None:
        return None
    if last.get("phase") == "REFRACTORY" or marrow_involved(last) or (
            extramedullary_known_absent(tables, last)):
        return "MET"
    if marrow_involved(last) is False and extramedullary_sites(tables, last):
        return "NOT_MET"
    return None


def eligible_frailty(subject: Row) -> str | None:
    """Judge frailty: infection, insufficiency and a short life expected, all three."""
    answers = [subject.get(name) for name in (
        "severe_infection", "organ_insufficiency", "expected_survival_under_3_months")]
    if "N" in answers:
        return "MET"
    return "NOT_MET" if answers == ["Y", "Y", "Y"] else None


def eligible_exposure(tables: Tables, subject: Row) -> str | None:
    """Judge the days with an infusion: seven or more."""
    infused: set[int] = set()
    unknown = False
    rows = rows_of(tables.exposure, subject["subject_id"])
    for row in rows:
        start, end = day_in(row, "start_day"), day_in(row, "end_day")
        if start is None or end is None:
            unknown = True
        else:
            infused.update(range(start, end + 1))
    if not rows:
        return None
    if len(infused) >= 7:
        return "MET"
    return None if unknown else "NOT_MET"


def eligible_enrolment(tables: Tables, subject: Row) -> str | None:
    """Judge the day of the first infusion; the year of day 0 tells only its bounds."""
    year = day_in(subject, "index_year")
    if year is None:
        return None
    after = datetime.timedelta(days=start_of(tables, subject["subject_id"]))
    earliest = datetime.date(year, 1, 1) + after
    latest = datetime.date(year, 12, 31) + after
    if latest < ENROLLED[0] or earliest > ENROLLED[1]:
        return "NOT_MET"
    return "MET" if ENROLLED[0] <= earliest and latest <= ENROLLED[1] else None


def eligible_consent(tables: Tables, subject: Row) -> str | None:
    """Judge consent and, from nine years on, assent."""
    said = {"Y": True, "N": False}
    years, days = age_at_start(tables, subject)
    is_young = age_fits(years, days, "below", ASSENTS_FROM)
    assents = said.get(str(subject.get("assent")))
    needs_no_more = True if is_young or assents else None if is_young is None else assents
    return judged(all_of(said.get(str(subject.get("consent"))), needs_no_more))


def criteria_of(tables: Tables, subject: Row, criteria: str) -> dict[str, str | None]:
    """Give the answer to each criterion of one paper."""
    paper = criteria.removesuffix("_with_consent").removesuffix("_with_period")
    answers = {"eligible_age": eligible_age(tables, subject, paper)}
    if criteria.endswith("_with_consent"):
        answers["eligible_consent"] = eligible_consent(tables, subject)
    if criteria.endswith("_with_period"):
        answers["eligible_enrolment"] = eligible_enrolment(tables, subject)
    if criteria.startswith("olaya"):
        answers["eligible_disease"] = eligible_disease(tables, subject, "olaya_2025")
        answers["eligible_cd19"] = eligible_cd19(tables, subject)
        answers["eligible_performance"] = eligible_performance(tables, subject)
        answers["eligible_site"] = eligible_site(tables, subject)
    else:
        answers["eligible_disease"] = eligible_disease(tables, subject, "zhang_2025")
        answers["eligible_frailty"] = eligible_frailty(subject)
        answers["eligible_exposure"] = eligible_exposure(tables, subject)
    return answers


def eligibility(tables: Tables, criteria: str) -> dict[object, Result]:
    """Give the verdict on each child; brief, E."""
    results: dict[object, Result] = {}
    for subject in tables.subject:
        answers = criteria_of(tables, subject, criteria).values()
        value = "ELIGIBLE"
        if "NOT_MET" in answers:
            value = "NOT_ELIGIBLE"
        results[subject["subject_id"]] = {
            "value": None if value == "ELIGIBLE" and None in answers else value, "day": None}
    return results


# F. White cells ------------------------------------------------------------------------------


def group_of_white_cells(count: float | None) -> str | None:
    """Give the group of a count; both limits are in the middle one."""
    if count is None:
        return None
    if below(count, 10):
        return "UNDER_10"
    return "OVER_50" if above(count, 50) else "FROM_10_TO_50"


def white_cell_group(tables: Tables) -> dict[object, Result]:
    """Group each child by the white cells at the initial diagnosis; brief, F."""
    results: dict[object, Result] = {}
    for subject in tables.subject:
        diagnosis = initial_diagnosis(tables, subject["subject_id"])
        count = number_in(diagnosis, "wbc") if diagnosis is not None else None
        results[subject["subject_id"]] = {"value": group_of_white_cells(count), "day": None}
    return results


def white_cell_group_at_start(tables: Tables) -> dict[object, Result]:
    """Group each child by the last white cells in the week up to the first infusion."""
    results: dict[object, Result] = {}
    for subject in tables.subject:
        subject_id = subject["subject_id"]
        first = first_infusion(tables.exposure, subject_id)
        considered = []
        for row in rows_of(tables.laboratory, subject_id):
            day = day_in(row, "day")
            if row["test"] == "WBC" and row.get("unit") == "10*9/L" and (
                    first is not None and day is not None and 0 <= first - day <= 7
                    and number_in(row, "value") is not None):
                considered.append(row)
        days = days_of(considered)
        last = of_day(considered, days[-1]) if days else []
        count = highest(known_numbers(last, "value"))
        results[subject_id] = {"value": group_of_white_cells(count), "day": None}
    return results
