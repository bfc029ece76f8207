"""What a rule may read: the needed columns of each table, and single laboratory tests."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from remission.records.column import SOURCE
from remission.records.study import Study
from remission.records.tables import TABLES
from remission.units import TEST_UNITS, canonical_unit

Lazy = nw.LazyFrame[Any]

_OF_TESTS = ("subject_id", "test", "day", "sequence", "value", "sign", "lower_limit",
             "upper_limit", "lod", "specimen")


def frame_for(study: Study, table: str, needs: tuple[str, ...]) -> Lazy:
    """Return the lazy frame of one table: its keys, the columns in ``needs``, ``_source``."""
    wanted = [name for where, _, name in (need.partition(".") for need in needs) if where == table]
    lazy = study.table(table).lazy()
    if table == "laboratory":
        return _tests(lazy, wanted)
    columns = dict.fromkeys((*TABLES[table].key, *(name for name in wanted if name), SOURCE))
    return lazy.select(*columns)


def _tests(laboratory: Lazy, tests: list[str]) -> Lazy:
    """Return the rows of some tests that are in the canonical unit of their test."""
    in_unit = nw.lit(False)
    for test in tests:
        assert test in TEST_UNITS, f"{test} is not a laboratory test"
        in_unit = in_unit | ((nw.col("test") == test) & (nw.col("unit") == canonical_unit(test)))
    return laboratory.filter(in_unit & ~nw.col("value").is_null()).select(*_OF_TESTS, SOURCE)


def settled(rows: Lazy) -> Lazy:
    """Return the same rows, computed now and once.

    What many later steps read would otherwise be computed anew by each of them.
    """
    return rows.collect().lazy()
