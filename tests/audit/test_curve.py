"""Patients rebuilt from curves: true curves come back, impossible ones are told."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import pytest

from remission.audit.checks import curve as curve_check
from remission.audit.findings import Verdict
from remission.audit.guyot import Curve, rebuild
from remission.audit.spans import Span
from remission.errors import NotEstimable
from remission.statistics import Outcome, kaplan_meier, log_rank
from tests.audit.invented import Patients, patients, printed, verdict_of


def shares(*percents: float) -> tuple[Span, ...]:
    return tuple(Span(percent / 100, percent / 100) for percent in percents)


def test_ten_patients_come_back() -> None:
    # one died before 3, one was censored before 6 (9 at risk - 2 died - 1), two died before 6
    found = rebuild(Curve((3, 6, 12), shares(90, 67.5, 67.5), (0, 6, 12), (10, 6, 6)))
    assert len(found.times) == 10
    assert sum(found.events) == 3
    censored = [time for time, event in zip(found.times, found.events, strict=True) if not event]
    assert sum(time < 6 for time in censored) == 1 and censored.count(12) == 6


def test_the_number_of_events_settles_what_follows_the_last_number_at_risk() -> None:
    curve = Curve((6, 12), shares(80, 40), (0, 6), (20, 16), events=8)
    assert sum(rebuild(curve).events) == 8
    assert sum(rebuild(Curve(curve.times, curve.survival, (0, 6), (20, 16))).events) == 12


def test_the_same_draw_gives_the_same_patients() -> None:
    curve = Curve((6, 12), (Span(0.75, 0.85), Span(0.35, 0.45)), (0, 6), (20, 14))
    assert rebuild(curve, Random(1)) == rebuild(curve, Random(1)) != rebuild(curve, Random(2))


GOOD = {"label": "one", "times": [3, 6, 9, 12], "survival": ["95", "90", "85", "80"],
        "risk_times": [0, 6, 12], "at_risk": [20, 18, 16]}
BAD = {"label": "two", "times": [3, 6, 9, 12], "survival": ["90", "75", "65", "50"],
       "risk_times": [0, 6, 12], "at_risk": [20, 15, 10]}
NONE = {"label": "none", "times": [12], "survival": ["100"], "risk_times": [0], "at_risk": [24],
        "events": 0}
TWO = {"label": "two", "times": [12], "survival": ["66.7"], "risk_times": [0], "at_risk": [6],
       "events": 2}


def without_events(group: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in group.items() if name != "events"}


@pytest.mark.parametrize(("claim", "verdict", "says"), [
    ({"groups": [GOOD]}, Verdict.UNKNOWN, "4 events in 20"),
    ({"groups": [{**GOOD, "events": 4}]}, Verdict.AGREES, "printed 4"),
    ({"groups": [{**GOOD, "events": 21}]}, Verdict.CONTRADICTS, "more than its patients"),
    ({"groups": [{**GOOD, "survival": ["95", "96.9", "85", "80"]}]}, Verdict.CONTRADICTS, "rises"),
    ({"groups": [{**GOOD, "at_risk": [20, 21, 16]}]}, Verdict.CONTRADICTS, "rises from 20"),
    ({"groups": [{**GOOD, "survival": ["70", "70", "70", "70"]}]}, Verdict.CONTRADICTS,
     "leave at least 90.0%"),
    ({"groups": [GOOD, BAD], "p": "0.05", "hr": "0.34"}, Verdict.AGREES, "printed 0.05"),
    ({"groups": [GOOD, BAD], "p": "0.9"}, Verdict.CONTRADICTS, "0.9 is printed"),
    ({"groups": [GOOD, BAD], "hr": "3.4"}, Verdict.CONTRADICTS, "3.4 is printed"),
    ({"groups": [GOOD, BAD]}, Verdict.UNKNOWN, "reconstructions"),
    # two of 6 died and none of 24: P = 0.0031 in any order, 0.0040 tied, more with censoring
    ({"groups": [NONE, TWO], "p": "0.002"}, Verdict.CONTRADICTS, "0.002 is printed"),
    ({"groups": [NONE, TWO], "p": "0.003"}, Verdict.AGREES, "printed 0.003"),
    ({"groups": [NONE, TWO], "p": "0.004"}, Verdict.UNKNOWN, "0.004 is printed"),
    ({"groups": [NONE, TWO], "p": "0.010"}, Verdict.UNKNOWN, "0.010 is printed"),
    ({"groups": [NONE, {**TWO, "events": 3}], "p": "0.002"}, Verdict.UNKNOWN, "0.002 is printed"),
    ({"groups": [NONE, without_events(TWO)], "p": "0.002"}, Verdict.UNKNOWN, "0.002 is printed"),
])
def test_curves(claim: dict[str, Any], verdict: Verdict, says: str) -> None:
    found, explanation = verdict_of({"kind": "curve", **claim})
    assert found is verdict, explanation
    assert says in explanation, explanation


def claim_of(rows: Patients, random: Random) -> dict[str, Any] | None:
    """Return the printed curves of invented patients, as a figure shows them."""
    at, risk_times = [0.25 * step for step in range(1, 9)], [0, 0.5, 1, 1.5]
    groups = []
    for group in sorted(set(rows.group)):
        own = rows.of(group)
        outcome = Outcome(time=[rows.time[place] for place in own],
                          event=[rows.event[place] for place in own])
        last = max(rows.time[place] for place in own)
        times = [time for time in at if time <= last]
        if not times:
            return None
        groups.append({
            "label": f"group {group}", "times": times, "risk_times": risk_times,
            "survival": [printed(100 * point.survival, random.randint(0, 1), "half-up")
                         for point in kaplan_meier(outcome).at(times)],
            "at_risk": [sum(rows.time[place] >= time for place in own) for time in risk_times]})
    try:
        p = log_rank(Outcome(time=rows.time, event=rows.event), rows.group).p
    except NotEstimable:
        return None
    return {"kind": "curve", "groups": groups, "p": printed(p, 3, "half-up")}


def test_true_curves_never_contradict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(curve_check, "DRAWS", 20)
    random, verdicts = Random(7), Counter[Verdict]()
    while verdicts.total() < 60:
        claim = claim_of(patients(random), random)
        if claim is not None:
            verdict, explanation = verdict_of(claim)
            verdicts[verdict] += 1
            assert verdict is not Verdict.CONTRADICTS, f"{claim}\n{explanation}"
    assert verdicts[Verdict.AGREES] > verdicts[Verdict.UNKNOWN] / 2, verdicts
