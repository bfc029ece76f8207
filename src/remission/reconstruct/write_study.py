"""A reconstruction on disk: tables, and an account of what was met and what was given up."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from remission.files import put_in_place, staging
from remission.reconstruct.conflicts import Conflict
from remission.reconstruct.facts import Unmet
from remission.reconstruct.outcomes import Outcome
from remission.reconstruct.reconstruct import Reconstruction
from remission.reconstruct.survival_conflicts import SurvivalConflict

TABLES, ACCOUNT, ACCOUNT_JSON = "tables", "reconstruction.md", "reconstruction.json"


def write_reconstruction(found: Reconstruction, folder: Path) -> list[Path]:
    """Write tables and account into a study folder, in place of those of an earlier run.

    What else is in the folder stays. Returns what was written; raises
    :class:`~remission.errors.OutputError` where that is not possible.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with staging(folder / TABLES) as scratch:
        staged = scratch / TABLES
        staged.mkdir()
        for name, rows in found.tables.items():
            if len(rows):
                rows.write_csv(staged / f"{name}.csv")
        (scratch / ACCOUNT).write_text(
            "\n".join(account(found)) + "\n", encoding="utf-8", newline="\n")
        (scratch / ACCOUNT_JSON).write_text(
            json.dumps(as_data(found), indent=1, ensure_ascii=False) + "\n", encoding="utf-8",
            newline="\n")
        names = (TABLES, ACCOUNT, ACCOUNT_JSON)
        put_in_place([(scratch / name, folder / name) for name in names], scratch)
    return [folder / name for name in names]


def as_data(found: Reconstruction) -> dict[str, Any]:
    """Return the account as JSON: claims met, claims given up with the conflict of each."""
    return {
        "seed": found.seed, "children": len(found.facts.children),
        "cycles": sum(map(len, found.facts.cycles)),
        "met": [one.id for one in found.facts.met],
        "given_up": [{
            "claim": unmet.claim.id, "where": unmet.claim.claim.where,
            "cannot_hold_with": [one.id for one in unmet.conflict if one is not unmet.claim],
            "why": why(unmet),
            "missed": missed(unmet),
        } for unmet in found.facts.unmet],
        "values": [_outcome(one) for one in numbers(found)],
        "values_that_cannot_be": [str(conflict) for conflict in apart(found)],
    }


def apart(found: Reconstruction) -> list[Conflict | SurvivalConflict]:
    """Return the smallest sets of printed numbers that no values, or no days, have together."""
    of_values = [conflict for searched in found.searched.values()
                 for conflict in searched.conflicts]
    return [*of_values, *(() if found.days is None else found.days.conflicts)]


def missed(unmet: Unmet) -> list[str]:
    """Return what is missed of a claim, in words."""
    ratio = [] if unmet.claim.table is None else ["odds ratio"]
    return [*ratio, *(demand.what for demand in unmet.claim.demands if demand not in unmet.met)]


def numbers(found: Reconstruction) -> list[Outcome]:
    """Return what became of the printed numbers that were searched for."""
    days = () if found.days is None else found.days.days.outcomes
    return [*(one for searched in found.searched.values() for one in searched.outcomes),
            *found.models, *days]


def _outcome(one: Outcome) -> dict[str, Any]:
    return {"of": one.target.name, "part": one.part, "printed": str(one.printed),
            "got": None if math.isnan(one.got) else round(one.got, 6), "met": one.met}


def why(unmet: Unmet) -> str:
    """Return in a sentence why a claim was given up."""
    others = [one for one in unmet.conflict if one is not unmet.claim]
    if not others:
        return "It contradicts itself: no counts print as it does."
    listed = "; ".join(f"{one.claim.where} ({one.id})" for one in others)
    alone = "it" if len(others) == 1 else "these"
    return f"No children can be so that it holds together with {listed}; without {alone} it could."


def account(found: Reconstruction) -> Iterator[str]:
    """Yield the lines of the account for people."""
    facts = found.facts
    total = len(facts.met) + len(facts.unmet)
    yield f"# Reconstructed records: {found.claims.paper.title}"
    yield ""
    yield (f"These are not the records of patients. {len(facts.children)} children and "
           f"{sum(map(len, facts.cycles))} cycles were made so that they print what the paper "
           f"prints (seed {found.seed}). Nobody's data stand behind any row.")
    yield ""
    yield (f"Of {total} claims about counts, {len(facts.met)} are met exactly. "
           f"{len(facts.unmet)} cannot be, whoever the children were, while the others hold:")
    yield ""
    yield "| claim | where | what is missed | why |"
    yield "|---|---|---|---|"
    for unmet in facts.unmet:
        said = ", ".join(missed(unmet))
        yield f"| {unmet.claim.id} | {unmet.claim.claim.where} | {said} | {why(unmet)} |"
    yield from _account_of_numbers(found)


def _account_of_numbers(found: Reconstruction) -> Iterator[str]:
    """Yield the lines about medians, ranges, P values and survival."""
    every = numbers(found)
    unmet = [one for one in every if not one.met]
    yield ""
    yield (f"Of {len(every)} printed medians, limits of ranges, P values and points of survival, "
           f"{len(every) - len(unmet)} are met at the digits printed.")
    conflicts = apart(found)
    if conflicts:
        yield ""
        yield "These cannot be together, whatever the values:"
        yield ""
        yield from (f"- {conflict}" for conflict in conflicts)
    if unmet:
        yield ""
        yield ("These are not met. Where they are not among those above, none were found; that is "
               "no proof that there are none.")
        yield ""
        yield "| claim | what | printed | reconstructed |"
        yield "|---|---|---|---|"
        for one in unmet:
            yield f"| {one.target.name} | {one.part} | {one.printed} | {one.shown} |"
