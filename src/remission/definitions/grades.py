"""Grades that may be known only in part, and the worst of them for a cycle or a subject.

An observation (a day of signs, a sample, a reported event) is a row with ``least`` and ``most``,
the lowest and the highest grade it can have; both are the same where nothing it needs is missing.
A frame of observations holds ``subject_id, cycle_no, least, most, day, number, reported, note,
row``: ``number`` orders those of one day, ``reported`` is 1 for the centre's word and 0 for what
was derived.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import narwhals.stable.v2 as nw

from remission.definitions.cycles import CYCLE
from remission.definitions.definition import REPORTED, definition
from remission.definitions.inputs import Lazy, settled, stacked
from remission.definitions.sequences import alone_and_several, different, with_lowest
from remission.records.column import SOURCE
from remission.records.once import once

GRADES: Mapping[str, str] = MappingProxyType(
    {str(grade): f"grade {grade}" for grade in range(6)})
"""The values of every definition of a grade; grade 0 is none."""

Pair = tuple[nw.Expr, nw.Expr]
"""The lowest and the highest grade that a sign can mean."""

OBSERVATION = (*CYCLE, "least", "most", "day", "number", "reported", "note", "row")
DEATH = 5
WORST_WITHOUT_DEATH = 4
"""The highest grade that anything but a death recorded as such can have."""

_AT = nw.col("day").fill_null(nw.lit(1_000_000)) * 2 + nw.col("reported")
"""The order of observations: by day, undated last, of one day derived before reported."""

AT_LEAST = "at least this grade: not everything that was recorded could be graded"
UNDECIDED = "what was recorded does not decide the grade"
NOTHING_RECORDED = "nothing was recorded from which it could be graded"
NOT_ABOVE = "not above the grade before treatment"
NO_BASELINE = "the grade before treatment is not known"
NO_INFUSION = "no infusion is recorded"


@dataclass(frozen=True)
class Graded:
    """What a rule of grades gives: every cycle with its worst grade.

    ``others`` are observations of subjects that no cycle could be found for. ``baseline`` holds
    the keys ``baseline_of`` (a subject or a cycle) and ``baseline_grade`` (null where it is not
    known) if only a grade above it counts.
    """

    cycles: Lazy
    others: Lazy | None = None
    baseline: Lazy | None = None
    baseline_of: tuple[str, ...] = ("subject_id",)

    @property
    def of_each_cycle(self) -> bool:
        """Whether every cycle is compared with a baseline of its own."""
        return self.baseline is not None and self.baseline_of == CYCLE

    def above_baseline(self, rows: Lazy) -> Lazy:
        """Return the rows with a grade that is not above the one before treatment as 0."""
        if self.baseline is None:
            return rows
        rows = rows.join(self.baseline, on=list(self.baseline_of), how="left")
        before = nw.col("baseline_grade")
        is_raised = (nw.col("grade") >= 1).fill_null(value=False)
        is_low = is_raised & (nw.col("grade") <= before).fill_null(value=False)
        may_be_above = (nw.col("most") > before).fill_null(value=True)
        is_old, is_open = is_low & ~may_be_above, (
            is_raised & before.is_null()) | (is_low & may_be_above)
        return rows.with_columns(
            grade=nw.when(is_old).then(nw.lit(0)).when(~is_open).then(nw.col("grade")),
            least=nw.when((nw.col("least") > before).fill_null(value=False)).then(
                nw.col("least")).otherwise(nw.lit(0)),
            most=nw.when(may_be_above).then(nw.col("most")).otherwise(nw.lit(0)),
            day=nw.when(~is_old & ~is_open).then(nw.col("day")),
            note=nw.when(is_old).then(nw.lit(NOT_ABOVE))
            .when(is_open & before.is_null()).then(nw.lit(NO_BASELINE))
            .when(is_open).then(nw.lit(UNDECIDED)).otherwise(nw.col("note")))


def worst(rows: Lazy, keys: tuple[str, ...]) -> Lazy:
    """Return the worst observation of each key: ``grade, least, most, day, reported, note, row``.

    ``grade`` is null where the observations do not decide it: 0 stands only where none can be
    worse; a higher grade stands unless another is at least worse still. ``least`` and ``most``
    bound all observations, ``day`` is the first day with the grade.

    An observation that is alone with its key has nothing to be compared with.
    """
    alone, several = alone_and_several(rows, keys)
    if alone is None:
        return _worst_of_several(several, keys)
    return stacked([_alone(alone, keys), _worst_of_several(several, keys)])


def _alone(rows: Lazy, keys: tuple[str, ...]) -> Lazy:
    """Return observations without any other of their key as the worst of it."""
    is_exact = nw.col("least") == nw.col("most")
    is_unsure = nw.col("most") > nw.col("least")
    return rows.select(
        *keys, nw.when(is_exact).then(nw.col("least")).alias("grade"), "least", "most",
        nw.when(is_exact & (nw.col("least") > 0)).then(nw.col("day")).alias("day"),
        nw.when(is_exact).then(nw.col("reported")).alias("reported"),
        nw.when(is_exact).then(nw.col("note")).otherwise(nw.lit(UNDECIDED)).alias("note"),
        nw.when(is_exact | is_unsure).then(nw.col("row")).alias("row"),
    )


def _worst_of_several(rows: Lazy, keys: tuple[str, ...]) -> Lazy:
    """Return the worst of the observations of each key."""
    highest = first_of_worst(rows, keys)
    bounds = rows.group_by(*keys).agg(nw.col("least").max(), nw.col("most").max())
    unsure = first(rows.filter(nw.col("most") > nw.col("least")), keys).select(
        *keys, nw.col("row").alias("unsure_row"))
    known = nw.col("known")
    stands = (known >= nw.col("least")) & ((known >= nw.col("most")) | (known >= 1))
    joined = bounds.join(
        highest.drop("most").rename({"least": "known"}), on=list(keys), how="left",
    ).join(unsure, on=list(keys), how="left")
    return joined.select(
        *keys, nw.when(stands).then(known).alias("grade"), "least", "most",
        nw.when(stands & (known > 0)).then(nw.col("day")).alias("day"), "reported",
        nw.when(stands & (nw.col("most") > known)).then(nw.lit(AT_LEAST))
        .when(stands).then(nw.col("note"))
        .otherwise(nw.lit(UNDECIDED)).alias("note"),
        nw.when(stands).then(nw.col("row")).otherwise(nw.coalesce("unsure_row", "row"))
        .alias("row"),
    )


def first(rows: Lazy, keys: tuple[str, ...]) -> Lazy:
    """Return the first observation of each key: by day (undated last), derived first, number."""
    return _lowest(rows.with_columns(at=_AT), keys, "at", "number")


def first_of_worst(rows: Lazy, keys: tuple[str, ...]) -> Lazy:
    """Return the first of the observations with the highest grade among those that are exact."""
    exact = rows.filter(nw.col("least") == nw.col("most"))
    return _lowest(exact.with_columns(at=_AT, below=-nw.col("least")), keys,
                   "below", "at", "number")


def _lowest(rows: Lazy, keys: tuple[str, ...], *by: str) -> Lazy:
    columns = [name for name in OBSERVATION if name not in CYCLE]
    return with_lowest(rows, keys, *by).group_by(*keys).agg(
        *(nw.col(name).min() for name in columns))


def of_cycles(windows: Lazy, rows: Lazy) -> Lazy:
    """Return every cycle with its start, its fault and the worst of its observations."""
    return windows.select(*CYCLE, "cycle_start", "fault", SOURCE).join(
        worst(rows, CYCLE), on=list(CYCLE), how="left")


def cycle_values(cycles: Lazy, how: str) -> Lazy:
    """Return value, day, how, note and source of every cycle; days count from its start.

    ``cycles`` are the windows with ``grade, day, reported, note, row``; a cycle with a fault is
    unknown.
    """
    is_sound = nw.col("fault").is_null()
    is_known = is_sound & ~nw.col("grade").is_null()
    return cycles.select(
        *CYCLE,
        nw.when(is_known).then(as_code(nw.col("grade"))).alias("value"),
        nw.when(is_known).then(nw.col("day") - nw.col("cycle_start")).alias("day"),
        nw.when(is_known).then(_how(how)).alias("how"),
        nw.when(~nw.col("fault").is_null()).then(nw.col("fault")).otherwise(_note()).alias("note"),
        nw.coalesce("row", SOURCE).alias("source"),
    )


def as_code(grade: nw.Expr) -> nw.Expr:
    """Return a grade as its code; pandas would write a number beside nulls as ``2.0``."""
    code: nw.Expr = nw.lit(None, dtype=nw.String)
    for known in GRADES:
        code = nw.when(grade == int(known)).then(nw.lit(known)).otherwise(code)
    return code


def _note() -> nw.Expr:
    """Return why a grade is unknown, or the caution that goes with it."""
    is_missing = nw.col("grade").is_null() & nw.col("note").is_null()
    return nw.when(is_missing).then(nw.lit(NOTHING_RECORDED)).otherwise(nw.col("note"))


def subject_values(subjects: Lazy, found: Graded, how: str) -> Lazy:
    """Return value, day, how, note and source of every subject: the worst of its cycles."""
    cycles = settled(found.above_baseline(found.cycles)) if found.of_each_cycle else found.cycles
    rows = of_the_subject(cycles)
    if found.others is not None:
        rows = stacked([rows, found.others.select(*OBSERVATION)])
    graded_subjects = worst(settled(rows), ("subject_id",))
    if not found.of_each_cycle:
        graded_subjects = found.above_baseline(graded_subjects)
    if found.others is None:
        graded_subjects = graded_subjects.with_columns(treated=nw.lit(1))
    else:
        treated = different(cycles.select("subject_id")).with_columns(treated=nw.lit(1))
        graded_subjects = graded_subjects.join(treated, on="subject_id", how="left")
    joined = subjects.select("subject_id", nw.col(SOURCE).alias("subject_row")).join(
        graded_subjects, on="subject_id", how="left")
    is_treated = ~nw.col("treated").is_null()
    is_known = is_treated & ~nw.col("grade").is_null()
    return joined.select(
        "subject_id",
        nw.when(is_known).then(as_code(nw.col("grade"))).alias("value"),
        nw.when(is_known).then(nw.col("day")).alias("day"),
        nw.when(is_known).then(_how(how)).alias("how"),
        nw.when(is_treated).then(_note()).otherwise(nw.lit(NO_INFUSION)).alias("note"),
        nw.coalesce("row", "subject_row").alias("source"),
    )


def of_the_subject(cycles: Lazy) -> Lazy:
    """Return what each cycle tells about the subject, as observations.

    A known grade is one; what may be worse than it, and a cycle that nothing is known of or that
    has a fault, is another.
    """
    grade = nw.col("grade")
    same = {"number": nw.col("cycle_no"), "reported": nw.col("reported").fill_null(0),
            "row": nw.coalesce("row", SOURCE)}
    known = cycles.filter(~grade.is_null()).with_columns(least=grade, most=grade, **same)
    is_unsure = grade.is_null() | (nw.col("most") > grade)
    unsure = cycles.filter(is_unsure).with_columns(
        least=nw.col("least").fill_null(0),
        most=nw.col("most").fill_null(WORST_WITHOUT_DEATH), **same)
    faulty = cycles.filter(~nw.col("fault").is_null()).with_columns(
        least=nw.lit(0), most=nw.lit(WORST_WITHOUT_DEATH), **same)
    return stacked([_typed(part) for part in (known, unsure, faulty)])


def _typed(rows: Lazy, kept: tuple[str, ...] = ()) -> Lazy:
    """Return observations with the columns and types that all of them share."""
    whole = ("least", "most", "day", "number", "reported")
    return rows.select(
        *(nw.col(name).cast(nw.Int64) if name in whole else nw.col(name) for name in OBSERVATION),
        *kept)


def observations(rows: Lazy, *, reported: int = 0, kept: tuple[str, ...] = ()) -> Lazy:
    """Return rows with ``least, most, day, number, _source`` as observations.

    A ``note`` that the rows have stays; ``kept`` names further columns to keep.
    """
    if "note" not in rows.collect_schema().names():
        rows = rows.with_columns(note=nw.lit(None, dtype=nw.String))
    return _typed(rows.with_columns(reported=nw.lit(reported), row=nw.col(SOURCE)), kept)


def _how(derived: str) -> nw.Expr:
    return nw.when(nw.col("reported") == 1).then(nw.lit(REPORTED)).otherwise(nw.lit(derived))


def worst_pair(pairs: list[Pair]) -> Pair:
    """Return least and most of several signs of one day: the worst of each."""
    return (nw.max_horizontal(*(least for least, _ in pairs)),
            nw.max_horizontal(*(most for _, most in pairs)))


def pair_of_code(column: str, grades: Mapping[str, int]) -> Pair:
    """Return least and most of a coded sign; one that is not recorded may be anything."""
    least, most = nw.lit(0), nw.lit(WORST_WITHOUT_DEATH)
    for code, grade in grades.items():
        is_code = nw.col(column) == code
        least = nw.when(is_code).then(nw.lit(grade)).otherwise(least)
        most = nw.when(is_code).then(nw.lit(grade)).otherwise(most)
    return least, most


def graded(
    name: str, *, label: str, needs: tuple[str, ...], how: str, words: str,
    **options: Any,
) -> Callable[[Callable[..., Graded]], None]:
    """Declare one rule as two definitions: ``name`` of each cycle, ``name_worst`` of a subject.

    The rule takes the frames of ``needs``, the criteria if ``options`` name them, and the plan;
    ``words`` say what it does, ``how`` what its values are derived from. A rule that reads the
    subjects has them first among its needs.
    """
    shared: dict[str, Any] = {"kind": "category", "levels": GRADES, "wants_plan": True,
                              **({"chosen_as": name} if "criteria" in options else {}), **options}

    reads_subjects = needs[0].startswith("subject.")

    def declare(rule: Callable[..., Graded]) -> None:
        @once
        def judged(*given: Any) -> Graded:
            found = rule(*given)
            return replace(found, cycles=settled(found.cycles))

        def of_cycle(*given: Any) -> Lazy:
            found = judged(*given)
            return cycle_values(found.above_baseline(found.cycles), how)

        def of_subject(subjects: Lazy, *given: Any) -> Lazy:
            found = judged(subjects, *given) if reads_subjects else judged(*given)
            return subject_values(subjects, found, how)

        of_cycle.__name__, of_cycle.__doc__ = name, f"{words}, the worst of the cycle."
        of_subject.__name__ = f"{name}_worst"
        of_subject.__doc__ = f"{words}, the worst of all cycles."
        definition(label=f"{label}, grade in the cycle", grain="cycle", needs=needs,
                   day_label=f"{label}: days from the start of the cycle to the worst grade",
                   **shared)(of_cycle)
        definition(label=f"{label}, worst grade", grain="subject",
                   needs=("subject.subject_id", *needs),
                   day_label=f"{label}: day of the worst grade", **shared)(of_subject)

    return declare
