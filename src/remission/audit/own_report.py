"""The results of one of our own reports as claims, so that it passes the same checks as a paper."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any, TypeAlias

from remission.analyses.results import ALL
from remission.audit.claims import Claims
from remission.errors import InputError, Problem
from remission.report import formats

Row: TypeAlias = dict[str, Any]
Claim: TypeAlias = dict[str, Any]

RESULTS = "results.json"
_TESTS = (("Fisher", "fisher"), ("Pearson χ²", "chi-square"))
_METHODS = (("Wilson", "wilson"), ("Clopper–Pearson", "clopper-pearson"))
_LEVEL = re.compile(r"(\d+(?:\.\d+)?)% ")
_SUMMARY = {"median": "median", "minimum": "minimum", "maximum": "maximum",
            "lower_quartile": "q1", "upper_quartile": "q3", "mean": "mean", "sd": "sd"}


def read_report(folder: Path | str) -> Claims:
    """Return the claims that a report makes, from its ``results.json``.

    Numbers are printed as the report prints them. Raises
    :class:`~remission.errors.InputError` when there is no such file, or it holds something else.
    """
    folder = Path(folder)
    path = folder / RESULTS
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        claims = list(claims_of(rows))
    except FileNotFoundError:
        raise InputError(Problem(
            str(folder), f"This folder holds no {RESULTS}.", "It is not the folder of a report.",
            "Give a folder that remission report wrote, or a file of claims.")) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InputError(Problem(
            str(path), "These are not the results of a report.", "",
            "Write the report again with remission report.")) from None
    return Claims.model_validate({"paper": {"title": f"The report {folder.name}"},
                                  "claims": claims})


def claims_of(rows: Iterable[Row]) -> Iterator[Claim]:
    """Yield the claims of results, analysis by analysis, variable by variable."""
    for analysis, own in groupby(rows, key=lambda row: row["analysis"]):
        table = _Analysis(str(analysis), list(own))
        for variable in dict.fromkeys(row["variable"] for row in table.rows):
            yield from _Variable(table, variable).claims()


@dataclass(frozen=True)
class _Analysis:
    """The rows of one analysis."""

    name: str
    rows: list[Row]

    @cached_property
    def digits(self) -> int:
        """The decimals of its percentages, as its table prints them."""
        return formats.percent_digits(
            int(row["value"]) for row in self.rows
            if row["variable"] == "subjects" and row["statistic"] == "n" and not row["level"])


@dataclass(frozen=True)
class _Variable:
    """The rows about one variable of one analysis."""

    table: _Analysis
    name: str

    @cached_property
    def rows(self) -> list[Row]:
        return [row for row in self.table.rows if row["variable"] == self.name]

    def claims(self) -> Iterator[Claim]:
        """Yield the shares, their sums, the test of them, the summaries and the survival."""
        counts = [row for row in self.rows if row["statistic"] == "count"]
        for row in counts:
            yield from self.share(row)
        yield from self.parts(counts)
        yield from self.contingency(counts)
        yield from self.summary()
        yield from self.survival()

    def claim(self, kind: str, *parts: object, **fields: Any) -> Claim:
        name = ".".join(str(part) for part in (self.table.name, self.name, *parts) if part != "")
        return {"id": f"{name}.{kind}", "where": self.table.name, "kind": kind, **fields}

    def find(self, statistic: str, **wanted: object) -> Row | None:
        return next((row for row in self.rows if row["statistic"] == statistic and all(
            row[name] == value for name, value in wanted.items())), None)

    def percent(self, value: float) -> str:
        return formats.rounded(value, self.table.digits)

    def share(self, row: Row) -> Iterator[Claim]:
        """Yield a count with its percentage, and its interval where there is one."""
        same = {name: row[name] for name in ("group", "level")}
        found = [self.find(name, **same) for name in ("percent", "lower", "upper")]
        share, lower, upper = found
        if share is None or share["value"] is None:
            return
        fields = {"count": row["value"], "base": row["base"]["n"]}
        yield self.claim("proportion", *same.values(), **fields,
                         percent=self.percent(share["value"]))
        if lower is None or upper is None:
            return
        method = next((ours for words, ours in _METHODS if words in lower["method"]), None)
        yield self.claim(
            "interval", *same.values(), **fields, level="95",
            estimate=self.percent(share["value"]), lower=self.percent(lower["value"]),
            upper=self.percent(upper["value"]), **({} if method is None else {"method": method}))

    def parts(self, counts: list[Row]) -> Iterator[Claim]:
        """Yield that the levels of a group sum to its base."""
        for group in dict.fromkeys(row["group"] for row in counts):
            own = [row for row in counts if row["group"] == group]
            if len(own) > 1:
                yield self.claim("parts", group, parts=[row["value"] for row in own],
                                 total=own[0]["base"]["n"])

    def contingency(self, counts: list[Row]) -> Iterator[Claim]:
        """Yield each P value of a comparison of shares, with the table it is of."""
        groups = [group for group in dict.fromkeys(row["group"] for row in counts) if group != ALL]
        levels = list(dict.fromkeys(row["level"] for row in counts))
        if len(groups) < 2:
            return
        table = [[row["value"] for row in counts if row["group"] == group] for group in groups]
        if len(levels) == 1:
            bases = [next(row["base"]["n"] for row in counts if row["group"] == group)
                     for group in groups]
            table = [[row[0], base - row[0]] for row, base in zip(table, bases, strict=True)]
        for statistic in ("p", "p_alternative"):
            row = self.find(statistic)
            if row is not None and row["value"] is not None:
                tests = [ours for words, ours in _TESTS if words in row["method"]]
                yield self.claim("contingency", statistic, counts=table, rows=groups, tests=tests,
                                 p=formats.p_value(row["value"]))

    def summary(self) -> Iterator[Claim]:
        """Yield the summaries of the groups, and of everyone they make up."""
        medians = [row for row in self.rows
                   if row["statistic"] == "median" and row["base"] and row["at"] is None]
        groups = [self.group(row) for row in medians if row["value"] is not None
                  and self.find("minimum", group=row["group"]) is not None]
        total = next((group for group in groups if group["label"] == ALL), None)
        inner = [group for group in groups if group["label"] != ALL]
        if total is None or not inner:
            if groups:
                yield self.claim("summary", groups=groups)
            return
        yield self.claim("summary", groups=inner, total=total, partition=sum(
            group["n"] for group in inner) == total["n"])

    def group(self, median: Row) -> Claim:
        limits = [row["value"] for row in self.rows
                  if row["statistic"] in ("minimum", "maximum") and row["value"] is not None]
        digits = max(1, formats.number_digits(limits))
        found = {ours: self.find(name, group=median["group"]) for name, ours in _SUMMARY.items()}
        return {"label": median["group"], "n": median["base"]["n"], **{
            ours: formats.rounded(row["value"], digits) for ours, row in found.items()
            if row is not None and row["value"] is not None}}

    def survival(self) -> Iterator[Claim]:
        """Yield survival at each time with its standard error and interval."""
        for row in self.rows:
            if row["statistic"] != "survival" or row["value"] is None:
                continue
            same = {name: row[name] for name in ("group", "at")}
            fields = {ours: formats.rounded(found["value"], 1)
                      for name, ours in (("se", "se"), ("lower", "lower"), ("upper", "upper"))
                      if (found := self.find(name, **same)) is not None
                      and found["value"] is not None}
            n, level = self.find("n", group=row["group"]), _LEVEL.search(row["method"])
            if level is not None:
                fields["level"] = level[1]
            yield self.claim(
                "survival", row["group"], f"{row['at']:g}", **fields,
                estimate=formats.rounded(row["value"], 1),
                **({} if n is None else {"n": n["value"]}))
