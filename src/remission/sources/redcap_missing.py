"""Missing-data codes: the marks by which a REDCap project says why a value is not there."""

from __future__ import annotations

from collections.abc import Mapping

from remission.sources.redcap_dictionary import RedcapField

OFFERED = {
    "NI": "No information", "INV": "Invalid", "UNK": "Unknown", "NASK": "Not asked",
    "ASKU": "Asked but unknown", "NAV": "Temporarily unavailable", "MSK": "Masked",
    "NA": "Not applicable", "NAVU": "Not available", "NP": "Not present",
    "QS": "Sufficient quantity", "QI": "Insufficient quantity", "TRC": "Trace",
    "UNC": "Unencoded", "DER": "Derived", "PINF": "Positive infinity",
    "NINF": "Negative infinity", "OTH": "Other",
}
"""The codes that REDCap offers for a project's own list, with its labels."""

_REASONS = (
    ("NOT_APPLICABLE", ("not applicable", "no aplica", "n/a")),
    ("NOT_ASKED", ("not asked", "not collected", "never asked", "no preguntado")),
    ("NOT_DONE", ("not done", "not performed", "insufficient quantity", "no realizado",
                  "not tested", "no hecho")),
    ("BELOW_LOD", ("trace", "below the limit", "below limit", "below detection", "undetectable",
                   "not detected")),
    ("PENDING", ("temporarily unavailable", "pending", "not yet", "pendiente")),
)
"""Words in the label of a code that tell its reason; any other code says UNKNOWN."""


def reason_of(label: str) -> str:
    """Return the reason (a code of ``null_reason``) that the label of a missing-data code tells."""
    said = label.casefold()
    return next((reason for reason, words in _REASONS if any(word in said for word in words)),
                "UNKNOWN")


def codes_for(entry: RedcapField, declared: Mapping[str, str]) -> Mapping[str, str]:
    """Return the missing-data codes that can stand in the cells of a field.

    Those of the project where it declares some. Else those that REDCap offers are assumed, but
    only where the field lets nothing else be typed: in free text "NA" may be a child's initials.
    """
    is_closed = entry.is_coded or entry.is_number or entry.is_date
    codes = declared or (OFFERED if is_closed else {})
    return {code: label for code, label in codes.items() if code not in entry.choices}
