"""CDISC sheets made ready for a mapping: missing values, study days and qualifiers in place.

What is passed over is told with its count and the reason: :class:`Preparation` keeps the account.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from remission.days import parse_date
from remission.errors import Problem
from remission.sources.cdisc_terms import day_of
from remission.sources.date_texts import ISO
from remission.sources.sheet import Sheet

SUBJECT = "USUBJID"
_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(T.*)?")
_PARTIAL = re.compile(r"\d{4}(-\d{2})?(-(-|\d{2}))?(T.*)?|--.*")
_NAMED = 8
_NUMERIC = re.compile(r".*(DY|STRESN|SEQ|DTC|DT|AVAL|AGE)$")


@dataclass(frozen=True)
class UnplacedDate:
    """A date that is no day of the study, as written: only a part of one, or without day 0."""

    subject_id: str
    sheet: str
    column: str
    source: str
    text: str


@dataclass
class Preparation:
    """What is found while sheets are made ready: problems, unplaced dates, and what was said."""

    problems: list[Problem] = field(default_factory=list)
    unplaced: list[UnplacedDate] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def set_aside(self, file: str, rows: int, why: str) -> None:
        """Tell that rows of a file are not read, and why."""
        if rows:
            self.said.append(f"{file}: {rows} row{'' if rows == 1 else 's'} set aside: {why}")

    def kept(self, sheet: Sheet, keep: Sequence[bool], why: str) -> Sheet:
        """Return the rows to keep; the others are told with the reason."""
        self.set_aside(sheet.file, len(keep) - sum(keep), why)
        return rows_of(sheet, keep)

    def kept_by_word(
        self, sheet: Sheet, words: Sequence[str | None], keep: Sequence[bool], why: str
    ) -> Sheet:
        """Return the rows to keep; the others are told with how often each word stands there."""
        passed = Counter(word or "(empty)" for word, is_kept in zip(words, keep, strict=True)
                         if not is_kept)
        return self.kept(sheet, keep, f"{why}: {counted(passed)}") if passed else sheet


def counted(words: Mapping[str, int]) -> str:
    """Return ``ASPIRIN 3, VITAMIN E 1``, the most frequent first, and how many more there are."""
    listed = sorted(words.items(), key=lambda pair: (-pair[1], pair[0]))
    more = f" and {len(listed) - _NAMED} more" if len(listed) > _NAMED else ""
    return ", ".join(f"{word} {count}" for word, count in listed[:_NAMED]) + more


def rows_of(sheet: Sheet, keep: Sequence[bool]) -> Sheet:
    """Return the sheet with some of its rows, under their own numbers."""
    if all(keep):
        return sheet
    numbers = tuple(number for number, is_kept in zip(sheet.row_numbers, keep, strict=True)
                    if is_kept)
    blanks = {name: tuple(reason for reason, is_kept in zip(reasons, keep, strict=True) if is_kept)
              for name, reasons in sheet.blanks.items()}
    return replace(sheet, cells=sheet.cells.filter(pl.Series(list(keep), dtype=pl.Boolean)),
                   row_numbers=numbers, blanks=blanks)


def with_cells(sheet: Sheet, **columns: Sequence[str | None]) -> Sheet:
    """Return the sheet with columns of text added or put in place of others."""
    made = [pl.Series(name, list(cells), dtype=pl.String) for name, cells in columns.items()]
    return replace(sheet, cells=sheet.cells.with_columns(made))


def without(sheet: Sheet, columns: Iterable[str]) -> Sheet:
    """Return the sheet without some columns, of which not all need be there."""
    return replace(sheet, cells=sheet.cells.drop(list(columns), strict=False))


def column(sheet: Sheet, name: str) -> list[str | None]:
    """Return the cells of a column, or as many empty ones where the sheet has none."""
    return sheet.columns[name] if name in sheet.columns else [None] * len(sheet.cells)


def has_values(sheet: Sheet, name: str) -> bool:
    """Return whether a column is there and holds any value."""
    return any(cell is not None for cell in column(sheet, name))


def without_na(sheet: Sheet, preparation: Preparation) -> Sheet:
    """Return the sheet without ``NA``, where numbers and dates show that it stands for nothing."""
    numeric = [name for name in sheet.cells.columns if _NUMERIC.fullmatch(name)]
    if not any("NA" in sheet.columns[name] for name in numeric):
        return sheet
    preparation.said.append(f"{sheet.file}: NA stands for a missing value, as R writes it")
    made = {name: [None if cell == "NA" else cell for cell in cells]
            for name, cells in sheet.columns.items()}
    return with_cells(sheet, **made)


def with_days(
    sheet: Sheet, prefix: str, anchored: Mapping[str, str], preparation: Preparation
) -> Sheet:
    """Return the sheet with each pair ``--DTC`` and ``--DY`` made one column, ``--DTC``.

    Its cells hold the date where it is whole and the subject has a day 0, else the day from the
    anchor that the study day is; both may be read as the date layout ``auto``.
    """
    for stem in ("ST", "EN", ""):
        date, day = f"{prefix}{stem}DTC", f"{prefix}{stem}DY"
        if date in sheet.columns or day in sheet.columns:
            sheet = _one_day(sheet, date, day, anchored, preparation)
    return sheet


def _one_day(
    sheet: Sheet, date: str, day: str, anchored: Mapping[str, str], preparation: Preparation
) -> Sheet:
    made: list[str | None] = []
    apart = 0
    for index, (written, counted_day) in enumerate(
            zip(column(sheet, date), column(sheet, day), strict=True)):
        subject = sheet.columns[SUBJECT][index] or ""
        of_day = _from_study_day(sheet, index, day, counted_day, preparation)
        whole = whole_date(written)
        if whole is not None and subject in anchored:
            made.append(whole)
            apart += of_day is not None and _differs(whole, anchored[subject], of_day)
            continue
        if written is not None and whole is None and not _PARTIAL.fullmatch(written):
            made.append(written)  # no ISO date: refused with its row when it is read
            continue
        if written is not None:
            preparation.unplaced.append(UnplacedDate(
                subject, sheet.name, date, sheet.sources[index], written))
        made.append(of_day)
    if apart:
        preparation.said.append(
            f"{sheet.file}: in {apart} row{'' if apart == 1 else 's'} {day} is not the day of "
            f"{date}; the date is taken")
    unplaced = sum(found.sheet == sheet.name and found.column == date
                   for found in preparation.unplaced)
    if unplaced:
        preparation.said.append(
            f"{sheet.file}: {unplaced} of {date} are no whole date with a day 0; what is known of "
            "them is in the vault")
    return without(with_cells(sheet, **{date: made}), [day])


def whole_date(written: str | None) -> str | None:
    """Return the day of an ISO date, with or without a time; None where it is not a whole date."""
    match = _DATE.fullmatch(written or "")
    return match.group(1) if match else None


def _from_study_day(
    sheet: Sheet, index: int, name: str, written: str | None, preparation: Preparation
) -> str | None:
    if written is None:
        return None
    try:
        day = day_of(written)
    except ValueError:
        preparation.problems.append(Problem(
            sheet.where(index, name), f"{written!r} is not a study day (a whole number).", "",
            "Correct the value."))
        return None
    if day is None:
        preparation.problems.append(Problem(
            sheet.where(index, name), "The study day is 0.",
            "CDISC counts from 1 on the reference start, and -1 is the day before: there is no 0.",
            "Correct the day, or give the date beside it."))
    return None if day is None else str(day)


def _differs(date: str, anchor: str, day: str) -> bool:
    try:
        return (parse_date(date, ISO) - parse_date(anchor, ISO)).days != int(day)
    except ValueError:
        return False  # no calendar day: refused with its row when it is read


def with_qualifiers(
    sheet: Sheet, domain: str, qualifiers: Iterable[Sheet], preparation: Preparation
) -> Sheet:
    """Return the sheet with a column ``SUPP--.QNAM`` for each of its supplemental qualifiers."""
    for supplement in qualifiers:
        sheet = _joined(sheet, domain, supplement, preparation)
    return sheet


def _joined(
    sheet: Sheet, domain: str, supplement: Sheet, preparation: Preparation
) -> Sheet:
    rows = _rows_by_reference(sheet, set(column(supplement, "IDVAR")))
    made: dict[str, list[str | None]] = {}
    lost = 0
    needed = (SUBJECT, "IDVAR", "IDVARVAL", "QNAM", "QVAL")
    for index, (subject, variable, value, name, said) in enumerate(zip(
            *(column(supplement, needed_column) for needed_column in needed), strict=True)):
        at = rows.get((subject, variable, _plain(value)))
        if at is None:
            lost += 1
            continue
        cells = made.setdefault(f"SUPP{domain}.{name}", [None] * len(sheet.cells))
        if cells[at] not in (None, said):
            preparation.problems.append(Problem(
                supplement.where(index, "QVAL"),
                f"{name} has two values for one row of {sheet.file}.", "Only one can be right.",
                "Delete the wrong one."))
        cells[at] = said
    preparation.set_aside(supplement.file, lost, f"no row of {sheet.file} they belong to")
    return with_cells(sheet, **made) if made else sheet


def _rows_by_reference(
    sheet: Sheet, variables: set[str | None]
) -> dict[tuple[str | None, str | None, str | None], int]:
    """Return (subject, variable, value) → row; without a variable the row is the subject's."""
    found: dict[tuple[str | None, str | None, str | None], int] = {}
    for variable in variables:
        values: list[str | None] = column(sheet, variable) if variable else [None] * len(
            sheet.cells)
        for index, (subject, value) in enumerate(zip(
                sheet.columns[SUBJECT], values, strict=True)):
            found.setdefault((subject, variable, _plain(value)), index)
    return found


def _plain(value: str | None) -> str | None:
    return value if value is None else re.sub(r"\.0+$", "", value.strip())


def words_of(
    sheet: Sheet, name: str, known: Mapping[str, str], preparation: Preparation
) -> dict[str, str]:
    """Return the words of a column that stand for one of our codes: word as written → code.

    Those that do not are told with how often they stand there.
    """
    words = Counter(cell for cell in column(sheet, name) if cell is not None)
    unknown = {word: count for word, count in words.items() if word.upper() not in known
               and word not in known}
    if unknown:
        preparation.said.append(
            f"{sheet.file}: words of {name} that stand for none of our codes are left empty: "
            f"{counted(unknown)}")
    return {word: known.get(word, known.get(word.upper(), "")) for word in words
            if word not in unknown}


def each(sheet: Sheet, make: Callable[..., str | None], *names: str) -> list[str | None]:
    """Return, for each row, what a function makes of some of its cells."""
    return [make(*cells) for cells in zip(*(column(sheet, name) for name in names), strict=True)]
