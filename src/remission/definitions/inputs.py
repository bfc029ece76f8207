"""What a rule may read: the needed columns of each table, and single laboratory tests."""

from __future__ import annotations

from collections.abc import Sequence

import narwhals.stable.v2 as nw

from remission.definitions.engines import as_texts, computed, stacked_on_pandas
from remission.records import storage
from remission.records.column import SOURCE
from remission.records.once import kept
from remission.records.study import Study
from remission.records.tables import TABLES
from remission.units import TEST_UNITS, canonical_unit

Lazy = storage.Lazy

OUTSIDE = "a percentage outside 0 to 100"

_ORIGIN = "the study and the table of a frame"

_OF_TESTS = ("subject_id", "test", "day", "sequence", "value", "sign", "lower_limit",
             "upper_limit", "lod", "specimen")


def frame_for(study: Study, table: str, needs: tuple[str, ...]) -> Lazy:
    """Return the lazy frame of one table: its keys, the columns in ``needs``, ``_source``.

    A percentage outside 0 to 100 is no value: null here, as if it were not recorded.
    Of ``laboratory`` these are the rows of the tests named whose value can be read. With
    ``laboratory.unit`` among the needs the others stay too, their value null: a rule that must
    know what it could not read asks for them.
    """
    wanted = tuple(
        name for where, _, name in (need.partition(".") for need in needs) if where == table)
    frame = kept(study, (table, wanted), lambda: _columns_of(study, table, wanted))
    kept(frame, _ORIGIN, lambda: (study, table))
    return frame


def in_common(frame: Lazy, *columns: str) -> Lazy:
    """Return some columns of a frame: one frame for all rules that were given those of its table.

    What is computed of it alone is then the same for rules that need different columns beside.
    """
    origin: tuple[Study, str] | None = kept(frame, _ORIGIN, lambda: None)
    if origin is None:
        return frame.select(*columns)
    study, table = origin
    return kept(study, (table, _ORIGIN, columns), lambda: frame.select(*columns))


def _columns_of(study: Study, table: str, wanted: Sequence[str]) -> Lazy:
    lazy = study.lazy(table)
    if table == "laboratory":
        columns = [name for name in wanted if name in TABLES[table].by_name]
        return _tests(lazy, [name for name in wanted if name not in columns], columns)
    columns = list(dict.fromkeys(
        (*TABLES[table].key, *(name for name in wanted if name), SOURCE)))
    declared = TABLES[table].by_name
    shares = [name for name in columns if name in declared and declared[name].is_percent]
    return lazy.select(*(
        nw.when(is_share(nw.col(name))).then(nw.col(name)).alias(name) if name in shares
        else nw.col(name) for name in columns))


def is_share(values: nw.Expr) -> nw.Expr:
    """Return whether values are percentages of a whole: from 0 to 100."""
    inside: nw.Expr = (values >= 0) & (values <= 100 * (1 + 1e-9))
    return inside


def _tests(laboratory: Lazy, tests: list[str], columns: list[str]) -> Lazy:
    """Return the rows of some tests: values in the canonical unit of their test, else null."""
    assert tests, "a rule that reads the laboratory names its tests"
    of_tests, *others = (_in_canonical_unit(test) for test in tests)
    for other in others:
        of_tests |= other
    readable = of_tests & ~nw.col("value").is_null()
    named = dict.fromkeys((*_OF_TESTS, *columns, SOURCE))
    if others or "unit" in columns:
        laboratory = laboratory.filter(nw.col("test").is_in(tests))
    if "unit" not in columns:
        return as_texts(laboratory.filter(readable).select(*named))
    return as_texts(laboratory.with_columns(
        value=nw.when(readable.fill_null(value=False)).then(nw.col("value"))).select(*named))


def _in_canonical_unit(test: str) -> nw.Expr:
    assert test in TEST_UNITS, f"{test} is not a laboratory test"
    is_it: nw.Expr = (nw.col("test") == test) & (nw.col("unit") == canonical_unit(test))
    return is_it


def no_value(dtype: type[nw.Int64 | nw.Float64]) -> nw.Expr:
    """Return null as a number of a type: pandas refuses a literal null that is a whole number."""
    return nw.when(nw.lit(False)).then(nw.lit(0, dtype=dtype))


def settled(rows: Lazy) -> Lazy:
    """Return the same rows, computed now and once, on the engine they stand on.

    What many later steps read would otherwise be computed anew by each of them.
    """
    return computed(rows)


def stacked(parts: Sequence[Lazy]) -> Lazy:
    """Return the rows of several frames with the same columns, one after another."""
    if parts[0].implementation.is_pandas():
        return stacked_on_pandas(parts)
    return nw.concat(list(parts))
