"""What a user would write instead of an import: pandas, from the laboratory's file to one table.

    python benchmarks/peer_intake.py labs.csv units.csv OUTPUT.csv

Codes, dates to days and units, and nothing else: no row keeps its source, no reason is kept for an
empty value, no value is refused, and a test or unit that is not named becomes empty in silence.
"""

from __future__ import annotations

import sys

import pandas as pd


def main(labs: str, units: str, output: str) -> None:
    rows = pd.read_csv(labs)
    rows["test"] = rows["analyte"].str.upper()
    for name in ("start", "sampled"):
        rows[name] = pd.to_datetime(rows[name], format="%d/%m/%Y")
    rows["day"] = (rows["sampled"] - rows["start"]).dt.days
    rows["value"] = pd.to_numeric(rows["result"], errors="coerce")
    rows = rows.merge(pd.read_csv(units), on=["test", "unit"], how="left")
    rows["value"] = rows["value"] * rows["factor"]
    rows[["record", "test", "day", "value", "canonical"]].to_csv(output, index=False)


main(*sys.argv[1:])
