"""What a definition gives, as columns of the cohort: its value and parts, or those of each item."""

from __future__ import annotations

import narwhals.stable.v2 as nw
import polars as pl

from remission.definitions.definition import ITEM, KEYS, Definition
from remission.definitions.engines import to_polars
from remission.records.storage import Frame, as_frame
from remission.records.study import Study

PARTS = ("day", "how", "note", "source")
"""What stands beside a derived value, as ``name_day``, ``name_how`` and so on."""

TWO_ROWS = "a table holds two rows for one key; read_study would have refused it"


def derived_values(definition: Definition, study: Study, *, spare_empty: bool) -> Frame:
    """Return a definition's keys and columns, named after it or after its items.

    ``spare_empty`` leaves out items of which no row has a value: a study without cytokines need
    not carry their columns. Raises ``ValueError`` for an item that has two values.
    """
    result = to_polars(definition.derive(study))
    given = ["value", *(part for part in PARTS if part in result.columns)]
    if definition.items:
        return as_frame(_beside(result.to_native(), definition, given, spare_empty=spare_empty))
    return result.select(*KEYS[definition.grain], *(
        nw.col(part).alias(_named(definition.name, part)) for part in given))


def _named(name: str, part: str) -> str:
    return name if part == "value" else f"{name}_{part}"


def _beside(
    rows: pl.DataFrame, definition: Definition, given: list[str], *, spare_empty: bool
) -> pl.DataFrame:
    """Return the values and parts of all items beside each other, one row a key."""
    keys = list(KEYS[definition.grain])
    if rows.select(*keys, ITEM).is_duplicated().any():
        raise ValueError(TWO_ROWS)
    whole = set(rows[ITEM] if not spare_empty else rows.filter(
        pl.col("value").is_not_null())[ITEM])
    packed = rows.select(*keys, ITEM, pl.struct(given).alias("given")).pivot(
        ITEM, index=keys, values="given", aggregate_function=None)
    columns: list[pl.Expr] = []
    for item, name in zip(definition.items, definition.columns, strict=True):
        if item in whole:
            columns += [pl.col(item).struct.field(part).alias(_named(name, part))
                        for part in given]
        elif not spare_empty:
            columns += [pl.lit(None, dtype=rows.schema[part]).alias(_named(name, part))
                        for part in given]
    return packed.select(*keys, *columns)
