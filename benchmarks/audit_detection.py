"""How many planted errors the audit finds, kind by kind.

    python benchmarks/audit_detection.py [--tables 400]

True tables of invented patients (``tests/audit/invented.py``) are printed by any usual rounding;
then one error is planted: a digit is changed, a base is taken from another group, or P is that of
another test than the one named. Found: the audit says "contradicts". Explained: it agrees only
under another reading, which is named. Missed: it agrees, or too little is printed to tell.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.audit.invented import KINDS, Claim, Patients, patients, printed, table_of, verdict_of

from remission.audit.findings import Verdict
from remission.audit.printed import RULES_OF_ALL
from remission.audit.tests_of_tables import Order, tests_of

_NUMBERS = ("percent", "p", "estimate", "se", "lower", "upper", "mean", "sd", "median", "value",
            "count", "statistic")
_LISTS = ("parts", "percents", "counts")


def places_of(value: Any, key: str = "") -> list[tuple[Any, Any]]:
    """Return (holder, key) of every printed number in a claim."""
    found: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in _NUMBERS and not isinstance(inner, dict | list):
                found.append((value, name))
            else:
                found += places_of(inner, name)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            if key in _LISTS and not isinstance(inner, list | dict):
                found.append((value, place))
            else:
                found += places_of(inner, key)
    return found


def digit_changed(claim: Claim, random: Random) -> Claim | None:
    """Return the claim with one digit of one number changed."""
    changed = deepcopy(claim)
    places = places_of(changed)
    if claim["kind"] == "flow":
        nodes = changed["nodes"]
        places = [(nodes, name) for name in nodes]
    if not places:
        return None
    holder, key = random.choice(places)
    text = str(holder[key])
    at = random.choice([match.start() for match in re.finditer(r"\d", text)])
    digit = random.choice([other for other in "0123456789" if other != text[at]])
    new = text[:at] + digit + text[at + 1:]
    holder[key] = int(new) if isinstance(holder[key], int) else new
    return changed


def base_swapped(claim: Claim, random: Random, rows: Patients) -> Claim | None:
    """Return the claim with a base of another group, or of everyone."""
    sizes = sorted({rows.n, *(len(rows.of(group)) for group in set(rows.group))})
    changed = deepcopy(claim)
    own = "base" if "base" in claim else "n" if "n" in claim else "total"
    if own not in claim or not isinstance(claim[own], int):
        return None
    others = [size for size in sizes if size != claim[own] and size >= claim.get("count", 0)]
    if not others:
        return None
    changed[own] = random.choice(others)
    return changed


def wrong_test(claim: Claim, random: Random, rows: Patients) -> Claim | None:
    """Return the claim with the P of another test than the one it names."""
    if claim["kind"] != "contingency":
        return None
    names = ["fisher", "chi-square", "linear-by-linear"]
    others = [name for name in names if name not in claim["tests"]]
    found = tests_of(tuple(map(tuple, table_of(rows))), Order(columns=True), others)
    if not found:
        return None
    new = printed(random.choice(found).p, 3, "half-up")
    changed = {**claim, "p": new}
    changed.pop("statistic", None)
    return changed if verdict_of({**changed, "p": claim["p"]})[0] is Verdict.AGREES and float(
        new) != round(float(claim["p"]), 3) else None


def rates(
    kind: Callable[[Patients, Random, str], Claim | None],
    plant: Callable[[Claim, Random, Patients], Claim | None], tables: int,
) -> Counter[Verdict]:
    """Return the verdicts on tables with a planted error."""
    random, verdicts = Random(7), Counter[Verdict]()
    for tried in range(20 * tables):
        if verdicts.total() == tables or (tried == 50 and not verdicts):
            break
        rows = patients(random)
        claim = kind(rows, random, random.choice(RULES_OF_ALL))
        wrong = None if claim is None else plant(claim, random, rows)
        if wrong is not None and wrong != claim:
            verdicts[verdict_of(wrong)[0]] += 1
    return verdicts


PLANTS: dict[str, Callable[[Claim, Random, Patients], Claim | None]] = {
    "a digit changed": lambda claim, random, rows: digit_changed(claim, random),
    "a base swapped": base_swapped,
    "another test's P": wrong_test,
}


def main() -> None:
    """Print the table of the documentation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=400)
    tables = parser.parse_args().tables
    print("| kind | planted | tables | found | explained | missed |\n|---|---|---|---|---|---|")
    for planted, plant in PLANTS.items():
        for kind in KINDS:
            verdicts = rates(kind, plant, tables)
            n = verdicts.total()
            if n < tables / 10:
                continue
            found, read = verdicts[Verdict.CONTRADICTS], verdicts[Verdict.READING]
            shares = " | ".join(
                f"{100 * part / n:.0f} %" for part in (found, read, n - found - read))
            print(f"| {kind.__name__} | {planted} | {n} | {shares} |", flush=True)


if __name__ == "__main__":
    main()
