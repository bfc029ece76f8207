"""Findings: the verdict on a claim, with the arithmetic in sentences its authors can follow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from remission.audit.fields import Claim


class Verdict(StrEnum):
    """What can be said of a claim, from its own numbers and those printed beside it."""

    AGREES = "agrees"
    READING = "agrees under another reading"
    CONTRADICTS = "contradicts"
    UNKNOWN = "cannot tell"


_GRAVEST = (Verdict.CONTRADICTS, Verdict.READING, Verdict.AGREES, Verdict.UNKNOWN)


@dataclass(frozen=True)
class Judgement:
    """The outcome of one check: ``says`` in one or two sentences.

    ``recomputed`` is the number or the numbers that were found; ``alternatives`` are what would
    print as it is printed.
    """

    verdict: Verdict
    says: str
    recomputed: str = ""
    alternatives: tuple[str, ...] = ()


def agrees(says: str, recomputed: str = "") -> Judgement:
    """Return that the numbers agree as they stand."""
    return Judgement(Verdict.AGREES, says, recomputed)


def agrees_if(says: str, recomputed: str, readings: Iterable[str]) -> Judgement:
    """Return that the numbers agree under other readings than the printed one."""
    return Judgement(Verdict.READING, says, recomputed, tuple(readings))


def contradicts(
    says: str, recomputed: str = "", alternatives: Iterable[str] = ()
) -> Judgement:
    """Return that the numbers cannot all stand; ``alternatives`` would reconcile them."""
    return Judgement(Verdict.CONTRADICTS, says, recomputed, tuple(alternatives))


def cannot_tell(
    says: str, recomputed: str = "", alternatives: Iterable[str] = ()
) -> Judgement:
    """Return that too little is printed to judge."""
    return Judgement(Verdict.UNKNOWN, says, recomputed, tuple(alternatives))


@dataclass(frozen=True)
class Finding:
    """A claim with its verdict; ``printed`` is the print, in words or as it was written down."""

    id: str
    where: str
    kind: str
    verdict: Verdict
    printed: str
    recomputed: str
    alternatives: tuple[str, ...]
    explanation: str
    note: str = ""

    @property
    def remark(self) -> str:
        """The note, unless the explanation repeats it."""
        note = self.note.rstrip(".").lower()
        return "" if note in self.explanation.lower() else self.note

    def as_dict(self) -> dict[str, object]:
        """Return the finding with the fields of ``--json``, in their order."""
        return {
            "id": self.id, "where": self.where, "kind": self.kind, "verdict": str(self.verdict),
            "printed": self.printed, "recomputed": self.recomputed,
            "alternatives": list(self.alternatives), "explanation": self.explanation,
            "note": self.note,
        }


def _quoted(words: str) -> str:
    """Return words of a paper; a bracket that is cut off is shown to go on."""
    return f"{words} …)" if words.count("(") > words.count(")") else words


def finding(
    claim: Claim, kind: str, shown: str, judgements: Sequence[Judgement],
    remarks: Sequence[str] = (),
) -> Finding:
    """Return one finding from all checks of a claim: the gravest verdict, its sentences first.

    What agrees or cannot be told is not repeated beside something graver. ``remarks`` on the
    wording stand last and do not change the verdict.
    """
    verdict = next((grave for grave in _GRAVEST
                    if any(judged.verdict is grave for judged in judgements)), Verdict.UNKNOWN)
    order = [judged for grave in _GRAVEST for judged in judgements if judged.verdict is grave]
    told = [judged for judged in order if judged.verdict is verdict
            or judged.verdict in (Verdict.CONTRADICTS, Verdict.READING)] or order
    return Finding(
        claim.id, claim.where, kind, verdict, _quoted(claim.words) or shown,
        "; ".join(dict.fromkeys(judged.recomputed for judged in order if judged.recomputed)),
        tuple(dict.fromkeys(words for judged in told for words in judged.alternatives)),
        " ".join(dict.fromkeys((*(judged.says for judged in told), *remarks))),
        claim.note,
    )
