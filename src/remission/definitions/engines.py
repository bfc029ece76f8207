"""Engines: the same rules on polars, DuckDB, pandas or Spark.

Rules are narwhals expressions on lazy frames and do not know where they run. A study is placed on
an engine once, its tables are converted when a rule first reads them, and what a rule returns
comes back as a polars frame of the cohort.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from threading import Lock
from types import MappingProxyType
from typing import Any, TypeVar

import narwhals.stable.v2 as nw
import polars as pl

from remission.definitions.numbered import SUBJECT, Numbers, numbering, with_names
from remission.errors import PlanError, Problem, did_you_mean
from remission.records.once import one_run
from remission.records.storage import Frame, Lazy, as_frame
from remission.records.study import Study

Asked = TypeVar("Asked")

ENGINES: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "polars": (),
    "duckdb": ("duckdb", "pyarrow"),
    "pandas": ("pandas", "pyarrow"),
    "spark": ("pyspark", "pandas", "pyarrow"),
})
"""Engine → what it needs beyond the package's own libraries; extras of the same names have it."""


@dataclass(frozen=True)
class PlacedStudy(Study):
    """A study whose tables are read on another engine; each is converted once, when first read."""

    convert: Callable[[str, Frame], Lazy] = lambda _, frame: frame.lazy()
    placed: dict[str, Lazy] = field(default_factory=dict)
    again: Callable[[], AbstractContextManager[Study]] | None = None
    """The same study for another thread, on engines that leave room for one."""

    def lazy(self, table: str) -> Lazy:
        """Return a table as a lazy frame of the engine."""
        if table not in self.placed:
            self.placed[table] = self.convert(table, self.table(table))
        return self.placed[table]


@contextmanager
def on_engine(study: Study, engine: str = "polars") -> Iterator[Study]:
    """Yield the study as rules read it on an engine; what the engine holds is freed at the end.

    Raises :class:`PlanError` for a word that is no engine, or one whose packages are missing.
    """
    _check(engine)
    on = {"duckdb": _on_duckdb, "pandas": _on_pandas, "spark": _on_spark}.get(engine, _on_polars)
    with one_run(), numbering(study.table("subject")[SUBJECT].to_native()) as numbers:
        yield from on(study, numbers)


def each_derived(
    study: Study, asked: Sequence[Asked], derive: Callable[[Study, Asked], Frame]
) -> Iterator[tuple[Asked, Frame]]:
    """Yield what is derived of a placed study for each that is asked for, as it comes.

    DuckDB leaves a core idle while a query is made. There a second thread begins at the end of what
    is asked for: it makes its queries while those of the first are computed.
    """
    again = study.again if isinstance(study, PlacedStudy) else None
    if again is None or len(asked) < _FEW:
        yield from ((each, derive(study, each)) for each in asked)
        return
    left: deque[Asked] = deque(asked)
    come: SimpleQueue[tuple[Asked, Frame]] = SimpleQueue()

    def work_from_the_end() -> None:
        with one_run(), again() as placed:
            for each in iter(partial(_next, left.pop), None):
                come.put((each, derive(placed, each)))

    with ThreadPoolExecutor(1) as second:
        other = second.submit(copy_context().run, work_from_the_end)
        try:
            for each in iter(partial(_next, left.popleft), None):
                yield each, derive(study, each)
                while not come.empty():
                    yield come.get()
            other.result()
        finally:
            left.clear()  # where one cannot go on, the other stops after what it is at
    while not come.empty():
        yield come.get()


def _next(take: Callable[[], Asked]) -> Asked | None:
    """Return what is left to do, taken from one of its ends; None where there is nothing."""
    try:
        return take()
    except IndexError:
        return None


_FEW = 4
"""Fewer than these are not worth a second thread."""

_AS_REPORTED = ("source_value", "source_unit")
"""What a laboratory wrote, which no rule reads: they go by value and unit."""

_OF_DAYS = ("day", "time", "status")
"""Columns of what a rule returns that hold whole numbers; only a time may be half a day."""


def to_polars(rows: Lazy) -> Frame:
    """Return what a rule found on any engine as a polars frame with the types of the records.

    Whole numbers are Int64. A column without any value, which has no type on pandas, is text
    unless its name says that it holds days.
    """
    native = with_names(collected(rows))
    halves = {"time"} if "time" in native.columns and (
        native["time"].cast(pl.Float64) % 1 != 0).any() else set()
    types = {name: pl.Int64() if _is_whole(dtype) or name in _OF_DAYS else pl.String()
             for name, dtype in native.schema.items()
             if name not in halves and (
                 _is_whole(dtype) or dtype == pl.Null or name in _OF_DAYS)}
    return as_frame(native.cast(types))  # type: ignore[arg-type]  # types are instances


def _is_whole(dtype: pl.DataType) -> bool:
    """Whether a type holds whole numbers: DuckDB adds them up to decimals without a fraction."""
    return dtype.is_integer() or (isinstance(dtype, pl.Decimal) and dtype.scale == 0)


def computed(rows: Lazy) -> Lazy:
    """Return the same rows, computed now and held by their own engine."""
    native = rows.to_native()
    if rows.implementation.is_duckdb():
        planned = _planned(native)
        with _COMPUTING:
            return _lazy(planned.materialize())
    if rows.implementation.is_pyspark():
        return _lazy(native.localCheckpoint(eager=True))
    if rows.implementation.is_pandas():
        return _lazy(_that_know_null(native))
    return rows.collect().lazy()


def collected(rows: Lazy) -> pl.DataFrame:
    """Return rows of any engine as a polars frame."""
    if rows.implementation.is_duckdb():
        planned = _planned(rows.to_native())
        with _COMPUTING:
            found: pl.DataFrame = planned.pl()
        return found
    frame: pl.DataFrame = rows.collect(backend="polars").to_native()
    return frame


_COMPUTING = Lock()
"""Held while DuckDB computes: two queries at a time would share its cores and double its memory."""

_DATABASE: ContextVar[Any] = ContextVar("database", default=None)
"""The database of the run, where it is on DuckDB."""


def _planned(native: Any) -> Any:
    """Return a DuckDB relation that writes out the steps of its query which are read only once.

    Every step of a rule is a table expression of its query. As relations put it, a step is written
    out wherever it is read, and so planned and computed many times; without their word for that,
    DuckDB itself holds the rows of those that several others read.
    """
    database = _DATABASE.get()
    if database is None:
        return native
    return database.sql(native.sql_query().replace(" AS NOT MATERIALIZED (\n", " AS (\n"))


def _that_know_null(native: Any) -> Any:
    """Return a pandas frame with all columns of Arrow.

    What a literal made is one of numpy, where a missing whole number is NaN and a comparison with
    what is missing is false. Without any value it is taken as text.
    """
    import pandas as pd
    import pyarrow as pa

    arrays = {name: pa.array(column, from_pandas=True) for name, column in native.items()
              if not isinstance(column.dtype, pd.ArrowDtype)}
    return native.assign(**{
        name: pd.arrays.ArrowExtensionArray(
            array.cast(pa.large_string()) if array.type in (pa.null(), pa.string()) else array)
        for name, array in arrays.items()})


def as_texts(rows: Lazy) -> Lazy:
    """Return rows with texts where polars holds codes for them."""
    if not rows.implementation.is_polars():
        return rows
    return _lazy(rows.to_native().with_columns(pl.selectors.categorical().cast(pl.String)))


def stacked_on_pandas(parts: Sequence[Lazy]) -> Lazy:
    """Return the rows of several pandas frames with the same columns, one after another.

    A column without any value takes the type it has in the others: pandas would guess one.
    """
    import pandas as pd
    import pyarrow as pa

    tables = [pa.Table.from_pandas(_that_know_null(part.to_native()), preserve_index=False)
              for part in parts]
    types = {name: next((table[name].type for table in tables
                         if table[name].null_count < len(table)), tables[0][name].type)
             for name in tables[0].column_names}
    alike = [pa.table({name: table[name] if table[name].null_count < len(table)
                       else pa.nulls(len(table), kind) for name, kind in types.items()})
             for table in tables]
    stack = pa.concat_tables(alike, promote_options="permissive")
    return _lazy(stack.to_pandas(types_mapper=pd.ArrowDtype))


def _lazy(native: Any) -> Lazy:
    """Return a table of any engine as the frame that rules work on."""
    lazy: Lazy = nw.from_native(native).lazy()
    return lazy


def _check(engine: str) -> None:
    """Refuse an engine that does not exist, or that cannot run here."""
    if engine not in ENGINES:
        raise PlanError(Problem(
            "engine", f"There is no engine {engine!r}.", "", did_you_mean(engine, ENGINES)))
    missing = [name for name in ENGINES[engine] if find_spec(name) is None]
    if missing:
        raise PlanError(Problem(
            "engine", f"The engine {engine!r} needs {' and '.join(missing)}, not installed here.",
            "Only polars comes with remission; it gives the same answers.",
            f"Install remission[{engine}], or leave out --engine."))


def _placed(
    study: Study, numbers: Numbers, convert: Callable[[pl.DataFrame], Lazy]
) -> PlacedStudy:
    return PlacedStudy(study.plan, study.tables, study.inputs, study.notes,
                       lambda _, frame: convert(_as_read(frame, numbers)))


def _as_read(frame: Frame, numbers: Numbers) -> pl.DataFrame:
    """Return a table as rules read it: subjects numbered, without what no rule reads."""
    return numbers.numbered(frame.to_native().drop(_AS_REPORTED, strict=False))


def _on_polars(study: Study, numbers: Numbers) -> Iterator[Study]:
    """Yield the study where it is; of the laboratory, tests and units are compared as numbers."""
    yield _placed(study, numbers, lambda table: _lazy((
        table.lazy().with_columns(pl.col("test", "unit").cast(pl.Categorical)).collect()
        if "test" in table.columns else table).lazy()))


def _on_duckdb(study: Study, numbers: Numbers) -> Iterator[Study]:
    """Yield the study on a database of its own, in memory."""
    import duckdb

    held, lock = set[str](), Lock()

    @contextmanager
    def on(connection: Any) -> Iterator[PlacedStudy]:
        def convert(name: str, frame: Frame) -> Lazy:
            with lock:
                if name not in held:
                    _hold(connection, name, _as_read(frame, numbers))
                    held.add(name)
            return _lazy(connection.table(name))

        token = _DATABASE.set(connection)
        try:
            yield PlacedStudy(study.plan, study.tables, study.inputs, study.notes, convert,
                              again=lambda: on(connection.cursor()))
        finally:
            _DATABASE.reset(token)

    with duckdb.connect() as database, on(database) as placed:
        yield placed


def _hold(connection: Any, name: str, rows: pl.DataFrame) -> None:
    """Make a table of the database, which all of its connections read."""
    newest = pl.CompatLevel.newest()  # texts stay where polars holds them, instead of being copied
    connection.from_arrow(rows.to_arrow(compat_level=newest)).to_table(name)


def _on_spark(study: Study, numbers: Numbers) -> Iterator[Study]:
    """Yield the study on the running Spark session, or on a local one that ends with it."""
    from pyspark.sql import SparkSession

    running = SparkSession.getActiveSession()
    session = running or local_spark()
    try:
        with TemporaryDirectory(prefix="remission-") as folder:
            yield _placed(
                study, numbers, lambda table: _lazy(_to_spark(table, session, Path(folder))))
    finally:
        if running is None:
            session.stop()


def _to_spark(table: pl.DataFrame, session: Any, folder: Path) -> Any:
    """Return a table on Spark.

    On this machine it goes through a file, as millions of rows at once would fill Java's memory;
    a cluster does not see the files of this machine and gets the rows.
    """
    if not session.conf.get("spark.master", "").startswith("local"):
        return session.createDataFrame(table.to_arrow())
    file = folder / f"{sum(1 for _ in folder.iterdir())}.parquet"
    table.write_parquet(file)
    return session.read.parquet(str(file))


def local_spark() -> Any:
    """Return a new Spark session on this machine: all cores, nothing listening outside it."""
    from pyspark.sql import SparkSession

    return (
        SparkSession.builder.master("local[*]").appName("remission")
        .config("spark.driver.memory", "4g")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.log.level", "ERROR")
        .config("spark.sql.shuffle.partitions", "4")
        .getOrCreate()
    )


def _on_pandas(study: Study, numbers: Numbers) -> Iterator[Study]:
    """Yield the study on pandas, which is not to guess the types of columns without values."""
    import pandas as pd

    if int(pd.__version__.partition(".")[0]) > 2:
        yield _placed(study, numbers, _to_pandas)
        return
    with pd.option_context("future.no_silent_downcasting", True):
        yield _placed(study, numbers, _to_pandas)


def _to_pandas(table: pl.DataFrame) -> Lazy:
    """Return a table as a pandas frame whose columns know null beside NaN."""
    return _lazy(table.to_pandas(use_pyarrow_extension_array=True))
