"""Invented patients, the tables they give, printed by any usual rounding, and errors planted."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np

from remission.audit.claims import Claims
from remission.audit.findings import Verdict
from remission.audit.printed import RULES_OF_ALL as RULES
from remission.audit.printed import Exact
from remission.audit.run import audit_claim
from remission.audit.tests_of_tables import Order, tests_of
from remission.errors import NotEstimable
from remission.statistics import Outcome, anova, clopper_pearson, kaplan_meier, t_test, wilson
from remission.statistics.arrays import two_sided_normal

Claim = dict[str, Any]


def printed(value: Exact, digits: int, rule: str) -> str:
    """Return a number printed by a rule; a plain second writing of the rules, on fractions."""
    scaled = Fraction(value) * 10**digits
    if isinstance(value, float):
        scaled = Fraction(round(scaled * 10**9), 10**9)
    size, sign = abs(scaled), "-" if scaled < 0 else ""
    below, rest = size.numerator // size.denominator, size - size.numerator // size.denominator
    half = Fraction(1, 2)
    up = {"half-up": rest >= half, "truncation": False,
          "half-even": rest > half or (rest == half and below % 2 == 1)}[rule]
    whole = below + up
    text = f"{whole // 10**digits}"
    if digits:
        text += f".{whole % 10**digits:0{digits}d}"
    return text if whole == 0 else sign + text


@dataclass
class Patients:
    """Invented rows: group, grade, age in months, time, event."""

    group: list[int]
    grade: list[int]
    age: list[int]
    time: list[float]
    event: list[bool]

    @property
    def n(self) -> int:
        return len(self.group)

    def of(self, group: int) -> list[int]:
        return [place for place in range(self.n) if self.group[place] == group]


def patients(random: Random) -> Patients:
    """Return a small cohort."""
    n, groups, grades = random.randint(8, 120), random.randint(2, 3), random.randint(2, 4)
    hazard = random.uniform(0.1, 2)
    deaths = [math.ceil(100 * random.expovariate(hazard)) / 100 for _ in range(n)]
    ends = [math.ceil(100 * random.uniform(0.2, 4)) / 100 for _ in range(n)]
    group = [random.randrange(groups) for _ in range(n)]
    group[:groups] = range(groups)
    return Patients(
        group, [min(random.randrange(grades), random.randrange(grades)) for _ in range(n)],
        [random.randint(5, 210) for _ in range(n)],
        [min(pair) for pair in zip(deaths, ends, strict=True)],
        [death <= end for death, end in zip(deaths, ends, strict=True)])


def proportion(rows: Patients, random: Random, rule: str) -> Claim:
    own = rows.of(random.choice(rows.group))
    count = sum(rows.grade[place] > 0 for place in own)
    return {"kind": "proportion", "count": count, "base": len(own),
            "percent": printed(Fraction(100 * count, len(own)), random.randrange(3), rule)}


def parts(rows: Patients, random: Random, rule: str) -> Claim:
    counts = [rows.grade.count(grade) for grade in range(4)]
    digits = random.randrange(3)
    return {"kind": "parts", "parts": counts, "total": rows.n, "percents": [
        printed(Fraction(100 * count, rows.n), digits, rule) for count in counts]}


def flow(rows: Patients, random: Random, rule: str) -> Claim:
    del random, rule
    sizes = {f"group {group}": len(rows.of(group)) for group in sorted(set(rows.group))}
    return {"kind": "flow", "nodes": {"all": rows.n, **sizes}, "splits": {"all": list(sizes)}}


def table_of(rows: Patients) -> list[list[int]]:
    grades = range(max(2, max(rows.grade) + 1))
    return [[sum(rows.grade[place] == grade for place in rows.of(group)) for grade in grades]
            for group in sorted(set(rows.group))]


def contingency(rows: Patients, random: Random, rule: str) -> Claim | None:
    counts = table_of(rows)
    names = ["fisher", "chi-square"]
    if len(counts) == 2:
        names += ["trend", "linear-by-linear", "mann-whitney"]
        names += ["yates"] if len(counts[0]) == 2 else []
    name = random.choice(names)
    order = Order(columns=True)
    tested = tests_of(tuple(map(tuple, counts)), order, [name])
    if not tested:
        return None
    one = random.choice(tested)
    claim = {"kind": "contingency", "counts": counts, "tests": [name], "ordered": "columns",
             "p": printed(one.p, random.randint(2, 4), rule)}
    if one.statistic is not None and random.random() < 0.5:
        claim["statistic"] = printed(one.statistic, 3, rule)
    return claim


def ratio(rows: Patients, random: Random, rule: str) -> Claim:
    del rows
    beta, error, digits = random.gauss(0, 1.2), random.uniform(0.2, 1.2), random.randint(2, 3)
    q = 1.959963984540054
    return {"kind": "ratio", "measure": random.choice(("OR", "HR", "RR")), "method": "wald",
            "estimate": printed(math.exp(beta), digits, rule),
            "lower": printed(math.exp(beta - q * error), digits, rule),
            "upper": printed(math.exp(beta + q * error), digits, rule),
            "p": printed(two_sided_normal(beta / error), 3, rule)}


def curve_at(rows: Patients, places: list[int], at: float) -> tuple[float, float]:
    """Return survival and its standard error in percent."""
    outcome = Outcome(time=[rows.time[place] for place in places],
                      event=[rows.event[place] for place in places])
    point = kaplan_meier(outcome).at(at)[0]
    return 100 * point.survival, 100 * point.se


def survival(rows: Patients, random: Random, rule: str) -> Claim | None:
    own = rows.of(random.choice(rows.group))
    try:
        estimate, error = curve_at(rows, own, 1.0)
    except NotEstimable:
        return None
    if math.isnan(error) or math.isnan(estimate):
        return None
    digits = random.randint(0, 2)
    return {"kind": "survival", "n": len(own), "estimate": printed(estimate, digits, rule),
            "se": printed(error, digits, rule)}


def strata(rows: Patients, random: Random, rule: str) -> Claim | None:
    groups = [rows.of(group) for group in sorted(set(rows.group))]
    digits, at = random.randint(0, 1), random.choice((0.5, 1.0, 1.5))
    try:
        total, *own = (curve_at(rows, places, at)[0] for places in (range(rows.n), *groups))
    except NotEstimable:
        return None
    if any(math.isnan(value) for value in (total, *own)):
        return None
    return {"kind": "strata", "quantity": "survival",
            "total": {"label": "all", "n": rows.n, "estimate": printed(total, digits, rule)},
            "strata": [{"label": f"group {number}", "n": len(places),
                        "estimate": printed(value, digits, rule)}
                       for number, (places, value) in enumerate(zip(groups, own, strict=True))]}


def summary(rows: Patients, random: Random, rule: str) -> Claim | None:
    places = [rows.of(group) for group in sorted(set(rows.group))]
    ages = [np.array([rows.age[place] for place in own]) for own in places]
    digits = random.randint(0, 2)
    show_median = random.random() < 0.5

    def group(label: str, values: Any) -> Claim:
        found: Claim = {"label": label, "n": len(values)}
        if show_median:
            found |= {"median": printed(float(np.median(values)), 1, rule),
                      "minimum": str(values.min()), "maximum": str(values.max())}
            return found
        mean = Fraction(int(values.sum()), len(values))
        found["mean"] = printed(mean, digits, rule)
        if len(values) > 1:
            found["sd"] = printed(float(values.std(ddof=1)), digits, rule)
        return found

    claim: Claim = {"kind": "summary", "values": "whole", "groups": [
        group(f"group {number}", values) for number, values in enumerate(ages)],
        "total": group("all", np.concatenate(ages))}
    if not show_median and min(map(len, ages)) > 1:
        try:
            p = anova(np.concatenate(ages), np.repeat(range(len(ages)), [*map(len, ages)])
                      ).terms[0].p if len(ages) > 2 else t_test(
                          ages[0], ages[1], equal_variances=random.random() < 0.5).p
        except NotEstimable:
            return claim
        claim["p"] = printed(p, 3, rule)
    return claim


def interval(rows: Patients, random: Random, rule: str) -> Claim:
    own = rows.of(random.choice(rows.group))
    count, digits = sum(rows.grade[place] > 0 for place in own), random.randint(0, 1)
    method = random.choice(("wilson", "clopper-pearson"))
    found = (wilson if method == "wilson" else clopper_pearson)(count, len(own))
    return {"kind": "interval", "count": count, "base": len(own), "method": method, "level": "95",
            "estimate": printed(Fraction(100 * count, len(own)), digits, rule),
            "lower": printed(100 * found.lower, digits, rule),
            "upper": printed(100 * found.upper, digits, rule)}


def same(rows: Patients, random: Random, rule: str) -> Claim:
    value = Fraction(100 * random.randint(0, rows.n), rows.n)
    return {"kind": "same", "quantity": "rate", "mentions": [
        {"where": place, "value": printed(value, random.randrange(3), random.choice(RULES))}
        for place in ("Abstract", "Results")]}


KINDS: tuple[Callable[[Patients, Random, str], Claim | None], ...] = (
    proportion, parts, flow, contingency, ratio, survival, strata, summary, interval, same)


def verdict_of(claim: Claim, bases: dict[str, int] | None = None) -> tuple[Verdict, str]:
    """Return the verdict on a claim, and its explanation."""
    claims = Claims.model_validate({
        "paper": {"title": "Invented"}, "bases": bases or {},
        "claims": [{"id": "one", "where": "Table 1", **claim}]})
    found = audit_claim(claims.claims[0], claims)
    return found.verdict, found.explanation
