"""Wordings that nobody can check, and what could be written instead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from remission.audit.claims import Claims
from remission.audit.fields import Claim
from remission.audit.findings import Judgement, agrees, agrees_if, cannot_tell
from remission.audit.kinds_of_estimates import Curve, Survival
from remission.audit.kinds_of_words import Wording


@dataclass(frozen=True)
class _Flaw:
    """A wording: how it is found, what is unclear, what to write instead.

    ``unless`` are words that make it clear; ``reading`` is what is probably meant.
    """

    pattern: str
    says: str
    reading: str = ""
    unless: str = ""


_SMALL_P = r"\b[pP]\s*(?:-?\s*value)?\s*"
_FLAWS = (
    _Flaw(_SMALL_P + r"=\s*0?\.0+(?!\d)",
          "A P value is never 0.", "P below the last digit printed, such as P < 0.001"),
    _Flaw(_SMALL_P + r"[>≥]\s*0?\.0(?:0\d*|1)\b",
          "P above so small a number says almost nothing.", "P below that number"),
    _Flaw(_SMALL_P + r"[<>=≤≥]\s*0?\.\d+\s*%",
          "A P value carries no percent sign.", "the same number without the sign"),
    _Flaw(r"\b(?:NS|n\.s\.)(?![A-Za-z])",
          "NS hides the P value; the exact one is needed to check it.",
          unless=_SMALL_P + r"[<>=≤≥]?\s*0?\.\d"),
    _Flaw(r"\b(?:CI|confidence interval)\b",
          "A confidence interval is printed without its level.", unless=r"\d\d(?:\.\d)?\s*%?\s*-?"
          r"\s*(?:CI|confidence)|level"),
    _Flaw(r"\d\s*%?\s*(?:±|\\pm|\+/-)\s*\d",
          "What follows ± is not named: standard deviation, standard error, or an interval.",
          unless=r"\b(?:SD|SE|SEM|s\.d\.|s\.e\.|standard (?:deviation|error))\b"),
)
_DERIVED = re.compile(r"\b(?:not printed|derived|calculated|inferred)\b", re.IGNORECASE)
_PERCENT = re.compile(r"\d\s*%")
_BASE = re.compile(
    r"\d+\s*/\s*\d+|\bn\s*=?\s*\d|\bof\s+(?:the\s+)?(?:total\s+)?\w|\d+\s*\(\s*\d|"
    r"\d\s*%\s*\(\s*n?\s*=?\s*\d|±|\bCI\b|\b(?:EFS|OS|survival|range|level)\b", re.IGNORECASE)


def check_wording(claim: Wording, claims: Claims) -> list[Judgement]:
    """Return what is unclear in the words of a claim."""
    del claims
    judged = [agrees_if(flaw.says, "", [flaw.reading]) if flaw.reading else cannot_tell(flaw.says)
              for flaw in _flaws(claim.text)]
    if _is_bare_percentage(claim.text):
        judged.append(cannot_tell("A percentage is printed without its count or its base."))
    return judged or [agrees("Nothing in these words is unclear.")]


def remarks(claim: Claim, claims: Claims) -> list[str]:
    """Return what is unclear in the words of any claim, without judging them.

    A size that is not printed is told with the note that says how it was derived.
    """
    if isinstance(claim, Curve):  # what ± is does not change P
        return []
    flaws = [flaw.says for flaw in _flaws(claim.words)]
    if isinstance(claim, Survival) and claim.n and _DERIVED.search(claim.note):
        note = claim.note.rstrip(".")
        flaws.insert(0, f"Note on n = {claims.size(claim.n)}: {note[0].lower()}{note[1:]}.")
    return flaws


def _flaws(words: str) -> Iterator[_Flaw]:
    for flaw in _FLAWS:
        if re.search(flaw.pattern, words) and not (
                flaw.unless and re.search(flaw.unless, words, re.IGNORECASE)):
            yield flaw


def _is_bare_percentage(words: str) -> bool:
    return bool(_PERCENT.search(words)) and not _BASE.search(words)
