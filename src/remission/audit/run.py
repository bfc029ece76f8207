"""Claims → findings: each claim is checked by the file of its kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from remission.audit.claims import Claims
from remission.audit.fields import Claim
from remission.audit.findings import Finding, Judgement, Verdict, finding
from remission.audit.kinds_of_estimates import Strata
from remission.audit.kinds_of_words import Definition, Same, Wording

Progress = Callable[[str], None]
_NOT_SHOWN = frozenset(("id", "where", "words", "note", "kind", "could_be", "tests", "readings"))


@dataclass(frozen=True)
class Audit:
    """All findings about the claims of one paper, in their order."""

    claims: Claims
    findings: tuple[Finding, ...]

    def of(self, verdict: Verdict) -> tuple[Finding, ...]:
        """Return the findings with a verdict."""
        return tuple(found for found in self.findings if found.verdict is verdict)

    @property
    def places(self) -> tuple[str, ...]:
        """Where the claims stand, in the order of the paper."""
        return tuple(dict.fromkeys(found.where for found in self.findings))

    @property
    def has_contradictions(self) -> bool:
        """Whether anything contradicts."""
        return bool(self.of(Verdict.CONTRADICTS))


def audit_claims(claims: Claims, *, progress: Progress = lambda _: None) -> Audit:
    """Return what can be said of each claim; ``progress`` is told the id of each in turn."""
    def found() -> Iterator[Finding]:
        for claim in claims.claims:
            progress(claim.id)
            yield audit_claim(claim, claims)
    return Audit(claims, tuple(found()))


def audit_claim(claim: Any, claims: Claims) -> Finding:
    """Return what can be said of one claim of a paper."""
    from remission.audit.checks.wording import remarks

    kind: str = claim.kind
    check: Callable[[Any, Claims], list[Judgement]] = getattr(
        import_module(f"remission.audit.checks.{_FILES.get(kind, kind)}"), f"check_{kind}")
    return finding(claim, kind, as_written(claim), check(claim, claims), remarks(claim, claims))


_FILES = {"flow": "parts"}


def as_written(claim: Claim) -> str:
    """Return the printed numbers of a claim as they were written down."""
    given = claim.model_dump(exclude_defaults=True)
    parts = [f"{name.replace('_', ' ')} {_plain(value)}" for name, value in given.items()
             if name not in _NOT_SHOWN]
    if isinstance(claim, Wording):
        return claim.text
    if isinstance(claim, Definition):
        return f"{claim.printed}; the paper states: {claim.states}"
    if isinstance(claim, Strata):
        return "; ".join(f"{one.label}: {one.estimate}" for one in (claim.total, *claim.strata))
    if isinstance(claim, Same):
        return "; ".join(f"{mention.where}: {mention.words or mention.value}"
                         for mention in claim.mentions)
    return "; ".join(parts)


def _plain(value: Any) -> str:
    if isinstance(value, dict) and "label" in value:
        rest = {name: inner for name, inner in value.items() if name != "label"}
        return f"{value['label']} ({_plain(rest)})"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_plain(inner)}" for name, inner in value.items())
    if isinstance(value, list | tuple):
        apart = "; " if any(isinstance(inner, dict | list | tuple) for inner in value) else ", "
        return apart.join(map(_plain, value))
    return str(value)
