"""A reproduction as the end of a report: its parts, and ``reproduction.json``."""

from __future__ import annotations

import json
from typing import Any

from remission.report.parts import Ending
from remission.reproduction.compare import ComparedClaim, Reproduction, Status
from remission.reproduction.parts import parts_of_reproduction, summary

FILE = "reproduction.json"


def ending_of(found: Reproduction) -> Ending:
    """Return what a report ends with: the parts of a reproduction, and its file."""
    return Ending(parts_of_reproduction(found), {FILE: reproduction_json(found)})


def reproduction_json(found: Reproduction) -> str:
    """Return a reproduction as JSON: the counts, then every claim with each of its numbers."""
    whole = {"summary": summary(found),
             "counts": {str(status): found.count(status) for status in Status},
             "claims": [_as_dict(claim) for claim in found.claims]}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def _as_dict(claim: ComparedClaim) -> dict[str, Any]:
    return {"id": claim.id, "where": claim.where, "printed": claim.printed,
            "status": str(claim.status), "why": claim.why, "numbers": [{
                "field": number.field, "printed": number.printed,
                "ours": None if number.ours is None else number.ours.value,
                "results": None if number.ours is None else number.ours.address,
                "status": str(number.status), "says": number.says,
            } for number in claim.numbers]}
