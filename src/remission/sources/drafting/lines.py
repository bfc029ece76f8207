"""The lines that one column gives: its cell with codes, nulls, unit and layout of dates."""

from __future__ import annotations

from collections.abc import Iterable

from remission.records.column import MOST_DAYS, Column
from remission.sources.drafting.assigning import Assigned
from remission.sources.drafting.codes import CodeMatch, null_reason
from remission.sources.drafting.draft import CellValue, Line
from remission.sources.drafting.header import TIME_UNITS
from remission.sources.drafting.kinds import is_same_unit
from remission.sources.drafting.profile import Profile, limit_of

_NAMED = 6
_UNSURE = 0.55
_FEWEST_HLA = 5


def lines_of(one: Assigned) -> dict[str, Line]:
    """Return column → line for one assigned column; MRD and recoveries give more than one."""
    column = one.target.column
    if column.name == "mrd_percent":
        return _mrd(one)
    line = line_of(one)
    lines = {column.name: line}
    if column.name in ("neutrophil_recovery_day_reported", "platelet_recovery_day_reported"):
        lines = {**_recovered(one, line), **lines}
    if column.name == "hla_matched" and one.profile.looks != "number":
        lines = _matched(one)
    return lines


def line_of(one: Assigned) -> Line:
    """Return the line of one assigned column."""
    profile, column = one.profile, one.target.column
    cell: dict[str, CellValue] = {"field": profile.name}
    notes: list[str] = []
    if column.kind in ("code", "codes"):
        notes.extend(_add_codes(cell, one.fit.codes or CodeMatch(), profile))
    elif profile.looks == "date":
        notes.extend(add_date(cell, profile))
    else:
        notes.extend(_add_number(cell, profile, column))
    if column.name in ("death_day", "cause_of_death"):
        cell["blank"] = "NOT_APPLICABLE"
    sure = one.fit.score
    if column.kind == "code" and one.fit.codes is not None and profile.counts:
        sure = min(sure, max(one.fit.codes.sureness, _UNSURE))
    return Line(cell, _rounded(sure, notes), "; ".join([one.fit.why, *notes]), _instead(one))


def add_date(cell: dict[str, CellValue], profile: Profile) -> list[str]:
    """Write the layout of dates into a cell; return what has to be said of it."""
    notes = []
    layout = profile.layouts[0] if profile.layouts else "%Y-%m-%d"
    cell["date"] = layout
    if len(profile.layouts) > 1:
        others = ", ".join(profile.layouts[1:])
        notes.append(f"day and month are not decided by the values, perhaps {others}")
    notes.extend(_add_nulls(cell, profile, profile.strangers, what="no date"))
    return notes


def _add_codes(
    cell: dict[str, CellValue], match: CodeMatch, profile: Profile
) -> list[str]:
    notes = []
    if not match.is_as_ours or (match.codes and match.unnamed):
        cell["codes"] = {value: code for value, (code, _) in match.codes.items()}
    if match.nulls:
        cell["null"] = dict(match.nulls)
    if cell.get("codes") == {}:
        del cell["codes"]
    unsure = [f"{value} = {code} {sure:.2f}" for value, (code, sure) in match.codes.items()
              if sure < 0.8]
    if unsure:
        notes.append(f"check {', '.join(unsure[:_NAMED])}")
    if match.unnamed:
        shown = [f"{value!r} ({profile.counts.get(value, 0)} rows)"
                 for value in match.unnamed[:_NAMED]]
        notes.append(f"name under codes or null: {', '.join(shown)}")
    return notes


def _add_number(
    cell: dict[str, CellValue], profile: Profile, column: Column
) -> list[str]:
    notes = []
    unit = profile.unit
    if column.is_percent:
        cell["unit"], said = _percent_unit(profile)
        notes.extend(said)
    elif column.unit in ("days", "years") and column.kind in ("day", "integer", "number"):
        notes.extend(_add_time_unit(cell, profile, column))
    elif unit and not is_same_unit(unit, column):
        notes.append(f"the column says {unit}, it is kept in {column.unit}")
    if column.name == "hla_matched" and max(profile.numbers, default=_FEWEST_HLA) < _FEWEST_HLA:
        notes.append("so few: does it count mismatches?")
    notes.extend(_add_nulls(cell, profile, profile.strangers, what="no number"))
    notes.extend(_add_impossible(cell, profile, column))
    return notes


def _add_time_unit(
    cell: dict[str, CellValue], profile: Profile, column: Column
) -> list[str]:
    if column.unit == "years":
        return []
    unit = profile.unit if profile.unit in TIME_UNITS else None
    if unit is not None and unit != "days":
        cell["unit"] = unit
        return []
    if unit is None and column.name == "donor_age_days" and max(profile.numbers, default=0) <= 100:
        cell["unit"] = "years"
        return ["values look like years"]
    if unit is None and profile.numbers and not profile.is_whole:
        cell["unit"] = "years" if max(profile.numbers) < 40 else "months"
        return [f"values look like {cell['unit']}; say days, months or years"]
    return [] if unit else ["taken as days from day 0"]


def _percent_unit(profile: Profile) -> tuple[str, list[str]]:
    if profile.unit in ("%", "fraction"):
        return str(profile.unit), []
    largest = max(profile.numbers, default=0)
    if largest > 1:
        return "%", []
    return "%", ["percent or fraction? no value is above 1; perhaps unit = \"fraction\""]


def _add_impossible(
    cell: dict[str, CellValue], profile: Profile, column: Column
) -> list[str]:
    """Name as null the values that stand for missing: -99, 999, 1000000."""
    most = MOST_DAYS if column.kind == "day" else column.maximum
    least = -MOST_DAYS if column.kind == "day" else column.minimum
    beyond = [value for value in profile.counts
              if value not in profile.strangers and value not in profile.field.missing
              and (number := _as_number(value)) is not None
              and ((most is not None and number > most) or (least is not None and number < least))]
    known = [value for value in beyond if null_reason(value) is not None or (
        column.kind == "day")]
    if not known or len(known) > 3:
        return []
    nulls = cell.setdefault("null", {})
    assert isinstance(nulls, dict)
    nulls.update(dict.fromkeys(known, "NOT_APPLICABLE" if column.kind == "day" else "UNKNOWN"))
    return [f"{', '.join(known)} cannot be a value"]


def _as_number(value: str) -> float | None:
    try:
        return float(value.replace(",", "."))
    except ValueError:
        return None


def _add_nulls(
    cell: dict[str, CellValue], profile: Profile, strangers: Iterable[str], *, what: str,
    measured: bool = False,
) -> list[str]:
    """Name as null what is no value; return a note for what stays without a reason."""
    nulls: dict[str, CellValue] = {}
    unknown = []
    for value in (*profile.field.missing, *strangers):
        reason = null_reason(profile.field.missing.get(value, value), measured=measured)
        if value in profile.field.missing:
            reason = reason or "UNKNOWN"
        if reason is None:
            unknown.append(value)
        else:
            nulls[value] = reason
    if nulls:
        cell["null"] = nulls
    shown = ", ".join(map(repr, unknown[:_NAMED]))
    return [f"{what}, name under null: {shown}"] if unknown else []


def _mrd(one: Assigned) -> dict[str, Line]:
    """Return value and sign of MRD: ``neg`` is not detected, ``<0.01`` is below that value."""
    profile = one.profile
    unit, notes = _percent_unit(profile)
    cell: dict[str, CellValue] = {"field": profile.name, "unit": unit}
    texts = [value for value in profile.counts if _as_number(value) is None]
    limits = {value: limit for value in texts if (limit := limit_of(value)) is not None}
    words = [value for value in texts if value not in limits]
    notes.extend(_add_nulls(cell, profile, words, what="no number", measured=True))
    nulls = cell.get("null", {})
    assert isinstance(nulls, dict)
    if limits:
        cell["null"] = {**nulls, **dict.fromkeys(limits, "BELOW_LOD")}
        cell["otherwise"] = {
            "field": profile.name, "when": {"field": profile.name, "is": list(limits)},
            "codes": dict(limits), "unit": unit}
    below = [value for value, reason in nulls.items() if reason == "BELOW_LOD"]
    missing = {value: reason for value, reason in nulls.items() if reason != "BELOW_LOD"}
    sign: dict[str, CellValue] = {
        "field": profile.name,
        "codes": {**dict.fromkeys(below, "ND"), **dict.fromkeys(limits, "<"), "*": "="}}
    if missing:
        sign["null"] = missing
    sure = _rounded(one.fit.score, notes)
    return {
        "mrd_percent": Line(cell, sure, "; ".join([one.fit.why, *notes]), _instead(one)),
        "mrd_sign": Line(sign, sure, "from the same column"),
    }


def _recovered(one: Assigned, line: Line) -> dict[str, Line]:
    """Return whether cells recovered, where a word or an impossible day says they did not."""
    cell = line.cell
    assert isinstance(cell, dict)
    nulls = cell.get("null", {})
    assert isinstance(nulls, dict)
    never = [value for value, reason in nulls.items() if reason == "NOT_APPLICABLE"]
    name = one.target.column.name.replace("recovery_day", "recovered")
    unknown = {value: reason for value, reason in nulls.items() if value not in never}
    said: dict[str, CellValue] = {
        "field": one.profile.name, "codes": {**dict.fromkeys(never, "N"), "*": "Y"},
        "blank": "NOT_ASKED"}
    if unknown:
        said["null"] = unknown
    cell["blank"] = "NOT_ASKED"
    why = f"{', '.join(never)} taken as never" if never else "where a day is given"
    return {name: Line(said, min(line.sure, 0.8), why)}


def _matched(one: Assigned) -> dict[str, Line]:
    """Return matched and compared HLA from ``7/10``."""
    pairs = {value: value.split("/") for value in one.profile.counts}
    whole = {value: parts for value, parts in pairs.items()
             if len(parts) == 2 and all(part.strip().isdigit() for part in parts)}
    lines = {}
    for position, name in enumerate(("hla_matched", "hla_of")):
        cell: dict[str, CellValue] = {"field": one.profile.name, "codes": {
            value: int(parts[position]) for value, parts in whole.items()}}
        lines[name] = Line(cell, one.fit.score, f"{one.fit.why}; cut at the stroke",
                           _instead(one) if position == 0 else ())
    return lines


def _instead(one: Assigned) -> tuple[str, ...]:
    return (*(f"perhaps {target} instead" for target in one.instead),
            *(f"perhaps from {name!r} instead" for name in one.rivals))


def _rounded(sure: float, notes: list[str]) -> float:
    """Return a score that is lower where something has to be looked at."""
    return round(sure * (0.85 if notes else 1.0), 2)
