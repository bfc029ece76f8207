"""Are printed numbers true: claims, checks, the search for what would reconcile, verdicts.

    from remission.audit import audit_claims, read_claims

    found = audit_claims(read_claims("claims.toml"))
    for finding in found.findings:
        print(finding.id, finding.verdict, finding.explanation)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from remission.audit.claims import Claims, read_claims
    from remission.audit.findings import Finding, Verdict
    from remission.audit.own_report import read_report
    from remission.audit.run import Audit, audit_claim, audit_claims
    from remission.audit.write import write_html, write_word

__all__ = ["Audit", "Claims", "Finding", "Verdict", "audit_claim", "audit_claims", "read_claims",
           "read_report", "write_html", "write_word"]

_WORDS = {
    "claims": ("Claims", "read_claims"), "findings": ("Finding", "Verdict"),
    "own_report": ("read_report",), "run": ("Audit", "audit_claim", "audit_claims"),
    "write": ("write_html", "write_word"),
}
_HOME = {name: module for module, names in _WORDS.items() for name in names}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used."""
    if name not in _HOME:
        raise AttributeError(f"remission.audit has no {name!r}; it has {', '.join(__all__)}.")
    return getattr(import_module(f"remission.audit.{_HOME[name]}"), name)
