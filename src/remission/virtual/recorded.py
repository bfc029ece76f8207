"""How clinics record: faults that happen in every centre, each listed where it was planted.

A fault names the table and column it spoils, how often, and the check that is there to find it; a
fault without one leaves nothing to be seen (a day that was not measured, a rounded value).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from remission.errors import Problem, did_you_mean, raise_if_any
from remission.virtual.stream import Stream

Tables = dict[str, pl.DataFrame]
PLANTED = ("kind", "table", "row", "column", "subject_id", "was", "is", "rule")
"""Columns of the list of planted faults; ``row`` is that of the file, whose header is row 1."""


@dataclass(frozen=True)
class Fault:
    """One way to record wrongly: which rows may have it, what becomes of the value.

    ``rate`` is the share of those rows that have it; ``rule`` the check that looks for it.
    """

    kind: str
    table: str
    column: str
    rate: float
    rows: pl.Expr
    wrong: pl.Expr
    rule: str


def _value(test: str) -> pl.Expr:
    return (pl.col("test") == test) & (pl.col("value") > 0)


FAULTS: tuple[Fault, ...] = (
    Fault("unit_mix_up", "laboratory", "value", 0.004, _value("ANC"),
          pl.col("value") * 1000, "impossible_value"),
    Fault("unit_mix_up_weight", "laboratory", "value", 0.02, _value("WEIGHT"),
          pl.col("value") * 1000, "impossible_value"),
    Fault("fraction_for_percent", "laboratory", "value", 0.01, _value("CD3_PERCENT"),
          (pl.col("value") / 100).round(4), "subsets_do_not_add_up"),
    Fault("rounding", "laboratory", "value", 0.01, _value("ANC"),
          pl.col("value").round(1), ""),
    Fault("decimal_slip", "assessment", "blast_percent", 0.02, pl.col("blast_percent") > 0,
          (pl.col("blast_percent") * 10).round(1), "out_of_range"),
    Fault("below_its_limit", "assessment", "mrd_percent", 0.02, pl.col("mrd_sign") == "=",
          pl.lit(0.001), "mrd_below_limit"),
    Fault("fahrenheit", "toxicity_sign", "temperature_c", 0.005,
          pl.col("temperature_c").is_not_null(),
          (pl.col("temperature_c") * 1.8 + 32).round(1), "out_of_range"),
    Fault("typing_day", "exposure", "start_day", 0.02,
          (pl.col("segment_no") > 1) & (pl.col("start_day") > 0), pl.col("start_day") - 3,
          "infusions_overlap"),
    Fault("typing_contact", "follow_up", "last_contact_day", 0.03,
          (pl.col("vital_status") == "ALIVE") & (pl.col("last_contact_day") >= 300),
          pl.col("last_contact_day") // 10, "after_last_contact"),
    Fault("missing_death_day", "follow_up", "death_day", 0.1, pl.col("death_day").is_not_null(),
          pl.lit(None, dtype=pl.Int64), "follow_up_incomplete"),
    Fault("testis_in_a_girl", "disease_episode", "testis", 0.03,
          (pl.col("sex") == "F") & (pl.col("phase") == "RELAPSE"), pl.lit("Y"),
          "testis_in_a_girl"),
    Fault("typing_matches", "transplant", "hla_matched", 0.03,
          pl.col("hla_matched").is_not_null(), pl.lit(11, dtype=pl.Int64), "hla_matches_exceed"),
    Fault("unit_mix_up_cells", "transplant", "cd34_1e6_kg", 0.03,
          pl.col("cd34_1e6_kg").is_not_null(), pl.col("cd34_1e6_kg") * 100,
          "cd34_dose_implausible"),
    Fault("typing_onset", "gvhd", "onset_day", 0.05, pl.col("onset_day").is_not_null(),
          pl.col("onset_day") - 365, "gvhd_before_graft"),
)
MISSING = Fault("missing_day", "laboratory", "", 0.003, _value("PLT"), pl.lit(None), "")
"""Counts that nobody took: the whole row is not there."""


def chosen_rates(given: Iterable[str]) -> dict[str, float]:
    """Return the rate of every kind, those of ``given`` (``kind=rate``) in place of the usual.

    Raises :class:`InputError` for a kind that there is not, or a rate that is no share.
    """
    rates = {fault.kind: fault.rate for fault in (*FAULTS, MISSING)}
    problems = []
    for text in given:
        kind, _, rate = text.partition("=")
        try:
            share = float(rate)
        except ValueError:
            share = -1.0
        if kind not in rates:
            problems.append(Problem(f"--fault {text}", f"There is no fault {kind!r}.", "",
                                    did_you_mean(kind, rates)))
        elif not 0 <= share <= 1:
            problems.append(Problem(f"--fault {text}", "The rate must be from 0 to 1.", "",
                                    f"Write {kind}=0.01, for example."))
        else:
            rates[kind] = share
    raise_if_any(problems)
    return rates


def as_clinics_record(
    tables: Tables, stream: Stream, rates: Mapping[str, float]
) -> tuple[Tables, pl.DataFrame]:
    """Return the tables with faults, and the list of what was planted (``PLANTED``).

    No cell has two faults, and no row that is missing has another.
    """
    found = {name: rows for name, rows in tables.items() if len(rows)}
    sex = found["subject"].select("subject_id", "sex")
    planted: list[pl.DataFrame] = []
    if "laboratory" in found:
        found["laboratory"], missing = _without_days(found["laboratory"], stream, rates)
        planted.append(missing)
    touched: dict[str, set[int]] = {}
    for fault in FAULTS:
        if fault.table not in found:
            continue
        rows = found[fault.table]
        known = rows if "sex" in rows.columns else rows.join(
            sex, on="subject_id", how="left", maintain_order="left")
        may = known.select(fault.rows.fill_null(value=False)).to_series().to_numpy()
        has = may & stream.chance(rates[fault.kind], len(rows))
        chosen = [row for row in has.nonzero()[0].tolist()
                  if row not in touched.setdefault(fault.table, set())]
        touched[fault.table].update(chosen)
        is_wrong = pl.int_range(pl.len()).is_in(chosen)
        found[fault.table] = rows.with_columns(
            pl.when(is_wrong).then(fault.wrong).otherwise(pl.col(fault.column))
            .cast(rows.schema[fault.column]).alias(fault.column))
        planted.append(_listed(fault, rows, found[fault.table], chosen))
    return found, pl.concat(planted)


def _without_days(
    rows: pl.DataFrame, stream: Stream, rates: Mapping[str, float]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    may = rows.select(MISSING.rows).to_series().to_numpy()
    gone = may & stream.chance(rates[MISSING.kind], len(rows))
    listed = rows.filter(pl.Series(gone)).select(
        kind=pl.lit(MISSING.kind), table=pl.lit("laboratory"), row=pl.lit(None, dtype=pl.Int64),
        column=pl.lit(""), subject_id="subject_id",
        was=pl.format("PLT of day {}: {}", "day", "value"), **{"is": pl.lit("")},
        rule=pl.lit(""))
    return rows.filter(pl.Series(~gone)), listed


def _listed(
    fault: Fault, before: pl.DataFrame, after: pl.DataFrame, chosen: list[int]
) -> pl.DataFrame:
    """Return what was planted; a value that the fault does not change is none."""
    was, is_now = (frame[fault.column].gather(chosen).cast(pl.String) for frame in (before, after))
    return pl.DataFrame({
        "kind": [fault.kind] * len(chosen), "table": [fault.table] * len(chosen),
        "row": [row + 2 for row in chosen], "column": [fault.column] * len(chosen),
        "subject_id": before["subject_id"].gather(chosen), "was": was, "is": is_now,
        "rule": [fault.rule] * len(chosen),
    }, schema=dict.fromkeys(PLANTED, pl.String) | {"row": pl.Int64}).filter(
        pl.col("was").ne_missing(pl.col("is")))

