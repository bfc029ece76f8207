"""How well the values of a column are of the kind that a column of ours holds."""

from __future__ import annotations

from remission.records.column import Column
from remission.sources.drafting.codes import CodeMatch, null_reason
from remission.sources.drafting.header import TIME_UNITS
from remission.sources.drafting.profile import Profile, limit_of, number_of
from remission.units import TEST_UNITS, canonical_unit

_FEW = 5
_NO_VALUES = 0.8


def by_values(profile: Profile, column: Column, codes: CodeMatch | None) -> float:
    """Return how well the values are of the column's kind, 0 to 1."""
    if column.name in _OF_THEIR_OWN:
        return _OF_THEIR_OWN[column.name](profile)
    if profile.looks == "empty":
        return _NO_VALUES
    if column.kind == "day":
        return _as_day(profile)
    if column.kind in ("code", "codes"):
        return _as_code(profile, codes)
    return _as_text(profile) if column.kind == "text" else _as_number(profile, column)


def is_same_unit(unit: str | None, column: Column) -> bool:
    """Return whether a unit is that of a column, perhaps written otherwise: 10³/µL is 10⁹/L."""
    known = TEST_UNITS["WBC"] if column.unit == canonical_unit("WBC") else {}
    return unit is None or column.unit is None or unit == column.unit or known.get(unit) == (1, 1)


def _as_text(profile: Profile) -> float:
    return {"date": 0.0, "number": 0.2}.get(profile.looks, 1.0)


def _as_day(profile: Profile) -> float:
    if profile.looks == "date":
        return 1.0
    if profile.looks != "number" or profile.field.kind == "date":
        return 0.05
    says_time = profile.unit in TIME_UNITS or {"time", "date"} & {
        *profile.words, *profile.label_words}
    is_yes_no = len(set(profile.numbers)) <= 2
    if is_yes_no:
        return 0.1
    if profile.is_whole:
        return 0.9 if says_time else 0.8
    return 0.85 if says_time else 0.35


def _as_code(profile: Profile, codes: CodeMatch | None) -> float:
    if codes is None or profile.looks == "date":
        return 0.02
    share = codes.share()
    if profile.looks == "text":
        return share if share > 0.5 else 0.1
    if profile.looks == "number":
        return 0.7 + 0.2 * share if profile.is_whole else 0.02
    return 0.55 + 0.45 * share


def _as_number(profile: Profile, column: Column) -> float:
    if profile.looks != "number":
        return {"date": 0.0, "code": 0.15, "text": 0.1, "empty": 0.8}[profile.looks]
    if column.kind == "integer" and not profile.is_whole:
        return 0.3
    is_coded = profile.is_whole and len(profile.counts) <= _FEW and profile.filled > 2 * _FEW
    if column.name == "value" and is_coded:
        return 0.3
    is_converted = column.is_percent or column.unit in TIME_UNITS
    if not is_converted and not is_same_unit(profile.unit, column):
        return 0.4
    inside = [number for number in profile.numbers
              if (column.minimum is None or number >= column.minimum)
              and (column.maximum is None or number <= column.maximum)]
    return 0.5 + 0.5 * len(inside) / len(profile.numbers) if profile.numbers else 0.5


def _as_age_in_days(profile: Profile) -> float:
    says_birth = "birth" in (*profile.words, *profile.label_words)
    if profile.looks == "date" or (says_birth and profile.looks == "empty"):
        return 1.0 if says_birth else 0.0
    if profile.looks != "number":
        return 0.0
    is_in_days = profile.unit in ("days", "weeks", "months") or max(profile.numbers) > 120
    return 1.0 if is_in_days and not says_birth else 0.3


def _as_age_in_years(profile: Profile) -> float:
    is_in_years = profile.looks == "number" and profile.unit in (None, "years") and (
        max(profile.numbers) <= 100)
    return 1.0 if is_in_years else 0.0


def _as_donor_age(profile: Profile) -> float:
    return 1.0 if profile.looks == "number" and min(profile.numbers) >= 0 else 0.0


def _as_year(profile: Profile) -> float:
    is_year = profile.looks == "number" and all(
        1960 <= number <= 2100 for number in profile.numbers)
    return 1.0 if is_year else 0.0


def _as_matched(profile: Profile) -> float:
    if profile.looks == "number":
        return 1.0 if max(profile.numbers) <= 14 else 0.0
    return 0.95 if all("/" in value for value in profile.counts) and profile.counts else 0.1


def _as_mrd(profile: Profile) -> float:
    """Return whether values are amounts, which ``neg`` and ``<0.01`` may stand among."""
    if profile.looks == "number":
        return 1.0 if max(profile.numbers) <= 100 else 0.3
    if profile.looks in ("code", "text"):
        words = [value for value in profile.counts
                 if number_of(value, ",") is None and limit_of(value) is None]
        named = [value for value in words if null_reason(value, measured=True)]
        return 0.95 if profile.numbers or (words and named == words) else 0.15
    return 0.0


def _as_sign(profile: Profile) -> float:
    """Return whether a column gives the sign alone: else it is read from that of MRD itself."""
    return 1.0 if "sign" in (*profile.words, *profile.label_words) else 0.0


_OF_THEIR_OWN = {
    "mrd_sign": _as_sign,
    "age_at_index_days": _as_age_in_days,
    "age_at_index_years_reported": _as_age_in_years,
    "donor_age_days": _as_donor_age,
    "index_year": _as_year,
    "hla_matched": _as_matched,
    "mrd_percent": _as_mrd,
}
