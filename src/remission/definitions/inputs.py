"""What a rule may read: the needed columns of each table, and single laboratory tests."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from remission.records.column import SOURCE
from remission.records.study import Study
from remission.records.tables import TABLES
from remission.units import TEST_UNITS, canonical_unit

Lazy = nw.LazyFrame[Any]


def frame_for(study: Study, table: str, needs: tuple[str, ...]) -> Lazy:
    """Return the lazy frame of one table: its keys, the columns in ``needs``, ``_source``.

    Of ``laboratory`` these are the rows of the tests named whose value can be read. With
    ``laboratory.unit`` among the needs the others stay too, their value null: a rule that must
    know what it could not read asks for them.
    """
    wanted = [name for where, _, name in (need.partition(".") for need in needs) if where == table]
    lazy = study.table(table).lazy()
    if table == "laboratory":
        columns = [name for name in wanted if name in TABLES[table].by_name]
        return _tests(lazy, [name for name in wanted if name not in columns], columns)
    columns = list(dict.fromkeys(
        (*TABLES[table].key, *(name for name in wanted if name), SOURCE)))
    return lazy.select(*columns)


def _tests(laboratory: Lazy, tests: list[str], columns: list[str]) -> Lazy:
    """Return the rows of some tests: values in the canonical unit of their test, else null."""
    readable = nw.lit(False)
    for test in tests:
        assert test in TEST_UNITS, f"{test} is not a laboratory test"
        readable = readable | (
            (nw.col("test") == test) & (nw.col("unit") == canonical_unit(test)))
    readable = (readable & ~nw.col("value").is_null()).fill_null(value=False)
    of_tests = laboratory.filter(nw.col("test").is_in(tests))
    if "unit" not in columns:
        of_tests = of_tests.filter(readable)
    named = dict.fromkeys((*(name for name in columns if name != "value"), SOURCE))
    return of_tests.select(
        "subject_id", "test", "day", nw.when(readable).then(nw.col("value")).alias("value"),
        *named)


def settled(rows: Lazy) -> Lazy:
    """Return the same rows, computed now and once.

    What many later steps read would otherwise be computed anew by each of them.
    """
    return rows.collect().lazy()
