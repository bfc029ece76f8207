"""DM and DS: who the subjects are, their day 0, and what is known of them last."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from remission.sources.cdisc_cells import (
    Domain,
    Prepared,
    block,
    coded_cell,
    field_cell,
    is_one_of,
    with_own_qualifiers,
)
from remission.sources.cdisc_sheets import (
    SUBJECT,
    Preparation,
    UnplacedDate,
    column,
    counted,
    each,
    has_values,
    whole_date,
    with_cells,
)
from remission.sources.cdisc_terms import LOST, SEX, whole_number
from remission.sources.date_texts import ISO
from remission.sources.mapping import Block, Cell, Condition
from remission.sources.sheet import Sheet

ANCHOR = "RFSTDTC"
STATUS, DEATH, LAST, FOLLOWED = "vital status", "day of death", "last contact", "followed"
"""Columns that DM gets from DM and DS together."""

_DATES = ("RFENDTC", "RFXSTDTC", "RFXENDTC", "RFICDTC", "RFPENDTC", "DTHDTC", "BRTHDTC", "DMDTC")
_FAILED = re.compile(r"scr.*fail.*|not.*assigned|notassgn", re.IGNORECASE)
_TIME_UNITS = {"DAYS": "days", "WEEKS": "weeks", "MONTHS": "months"}


def anchors_of(subjects: Sheet) -> dict[str, str]:
    """Return subject → ISO date of day 0, where it is a whole date."""
    found = zip(subjects.columns[SUBJECT], column(subjects, ANCHOR), strict=True)
    return {subject: whole for subject, text in found
            if subject is not None and (whole := whole_date(text)) is not None}


def failed_screening(subjects: Sheet, anchored: Mapping[str, str]) -> frozenset[str]:
    """Return the subjects that were never in the study: no day 0, and said to have failed."""
    failed = each(subjects, lambda *words: next(
        (word for word in words if word and _FAILED.fullmatch(word)), None),
        "ARMCD", "ARM", "ARMNRS", "ACTARM")
    return frozenset(
        subject for subject, word in zip(subjects.columns[SUBJECT], failed, strict=True)
        if subject is not None and word is not None and subject not in anchored)


def subjects_and_follow_up(
    domain: Domain, dispositions: Sequence[Sheet], anchored: Mapping[str, str]
) -> Prepared:
    """Return DM with what DS adds to it, and the blocks of ``subject`` and ``follow_up``."""
    preparation = domain.preparation
    sheet = _whole_dates(domain.sheet, anchored, preparation)
    sheet = _with_last_known(sheet, dispositions, preparation)
    subject = block("subject", sheet, {
        "site_id": field_cell(sheet, "SITEID"),
        "country": field_cell(sheet, "COUNTRY"),
        "sex": coded_cell(sheet, "SEX", SEX, preparation),
        "arm": field_cell(sheet, "ARM", "ACTARM"),
        "index_year": _dated(sheet, ANCHOR),
        **_age(sheet, preparation),
    })
    _, (subject,) = with_own_qualifiers(domain, [subject])
    follow_up = block("follow_up", sheet, {
        "last_contact_day": field_cell(sheet, LAST, date=True),
        "vital_status": field_cell(sheet, STATUS),
        "death_day": _where(field_cell(sheet, DEATH, date=True), is_one_of(STATUS, ["DEAD"])),
    }, Condition(field=FOLLOWED, given=True))
    return _with_own_follow_up(sheet, dispositions, [subject, follow_up], domain)


def _where(cell: Cell | None, condition: Condition) -> Cell | None:
    return None if cell is None else cell.model_copy(update={"when": condition})


def _dated(sheet: Sheet, name: str) -> Cell | None:
    return Cell(field=name, date=ISO) if has_values(sheet, name) else None


def _whole_dates(
    sheet: Sheet, anchored: Mapping[str, str], preparation: Preparation
) -> Sheet:
    """Return DM with whole dates only, of subjects with a day 0; the others go to the vault."""
    made: dict[str, list[str | None]] = {}
    for name in (ANCHOR, *_DATES):
        if name not in sheet.columns:
            continue
        whole = [whole_date(text) if (subject or "") in anchored else None for subject, text in zip(
            sheet.columns[SUBJECT], sheet.columns[name], strict=True)]
        preparation.unplaced.extend(
            UnplacedDate(sheet.columns[SUBJECT][index] or "", sheet.name, name,
                         sheet.sources[index], text)
            for index, text in enumerate(sheet.columns[name])
            if text is not None and whole[index] is None)
        made[name] = whole
    return with_cells(sheet, **made)


def _age(sheet: Sheet, preparation: Preparation) -> dict[str, Cell | None]:
    """Return the cells of age: days from the birthday or from AGE, years as the file has them."""
    days: Cell | None = None
    units = set(column(sheet, "AGEU"))
    for unit, ours in _TIME_UNITS.items():
        if unit in units:
            days = Cell(field="AGE", unit=ours, when=is_one_of("AGEU", [unit]), otherwise=days)
    if has_values(sheet, "BRTHDTC"):
        days = Cell(field="BRTHDTC", date=ISO, otherwise=days)
    years = Cell(field="AGE", when=is_one_of("AGEU", ["YEARS"])) if "YEARS" in units else None
    unread = Counter(unit or "(empty)" for unit, age in zip(
        column(sheet, "AGEU"), column(sheet, "AGE"), strict=True)
        if age is not None and unit not in {*_TIME_UNITS, "YEARS"})
    if unread:
        preparation.said.append(
            f"{sheet.file}: AGE whose unit AGEU does not name a length of time is left empty: "
            f"{counted(unread)}")
    return {"age_at_index_days": days, "age_at_index_years_reported": years}


@dataclass(frozen=True)
class _LastKnown:
    """What DS says of one subject: its words, and its days with the word of each."""

    words: list[str] = field(default_factory=list)
    days: list[tuple[str, str]] = field(default_factory=list)

    @property
    def death(self) -> str | None:
        return next((day for word, day in self.days if word == "DEATH"), None)

    @property
    def latest(self) -> str | None:
        return max((day for _, day in self.days), key=_order, default=None)


def _with_last_known(
    sheet: Sheet, dispositions: Sequence[Sheet], preparation: Preparation
) -> Sheet:
    """Return DM with vital status, day of death and last contact of each subject.

    The last contact is the death, else the end of participation (RFPENDTC), else the last day of
    DS, else the end of the reference period.
    """
    said = _said_of(dispositions)
    made: dict[str, list[str | None]] = {name: [] for name in (STATUS, DEATH, LAST, FOLLOWED)}
    is_asked = "DTHFL" in sheet.columns or bool(dispositions)
    for subject, flag, died, ended, reference_end in zip(*(column(sheet, name) for name in (
            SUBJECT, "DTHFL", "DTHDTC", "RFPENDTC", "RFENDTC")), strict=True):
        known = said.get(subject or "", _LastKnown())
        is_dead = flag == "Y" or died is not None or "DEATH" in known.words
        is_told = is_asked and (bool(known.words) or not dispositions)
        status = "DEAD" if is_dead else _status_of(known.words) if is_told else None
        made[STATUS].append(status)
        made[DEATH].append(died or known.death)
        made[LAST].append(died or ended or known.latest or reference_end)
        made[FOLLOWED].append("Y" if known.words or status else None)
    _account(dispositions, preparation)
    return with_cells(sheet, **made)


def _said_of(dispositions: Sequence[Sheet]) -> dict[str, _LastKnown]:
    found: dict[str, _LastKnown] = {}
    for sheet in dispositions:
        for subject, word, day in zip(sheet.columns[SUBJECT], column(sheet, "DSDECOD"),
                                      column(sheet, "DSSTDTC"), strict=True):
            known = found.setdefault(subject or "", _LastKnown())
            known.words.append((word or "").upper())
            if day is not None:
                known.days.append(((word or "").upper(), day))
    return found


def _status_of(words: Sequence[str]) -> str | None:
    if "UNKNOWN" in words:
        return None
    return "LOST" if any(word in LOST for word in words) else "ALIVE"


def _order(day: str) -> tuple[bool, int, str]:
    """Return what puts days in order: whole numbers by size, ISO dates as text."""
    number = whole_number(day)
    return (number is None, number or 0, day)


def _account(dispositions: Sequence[Sheet], preparation: Preparation) -> None:
    for sheet in dispositions:
        said = counted(Counter(word or "(empty)" for word in column(sheet, "DSDECOD")))
        preparation.said.append(
            f"{sheet.file}: {len(sheet.cells)} rows read for death, loss and last contact only: "
            f"{said}")


def _with_own_follow_up(
    sheet: Sheet, dispositions: Sequence[Sheet], blocks: list[Block], domain: Domain
) -> Prepared:
    """Return DM and its blocks with the columns of ``follow_up`` our own export put into DS."""
    if not domain.has_ours:
        return sheet, blocks
    own: dict[str, list[str | None]] = {}
    place = {subject: index for index, subject in enumerate(sheet.columns[SUBJECT])}
    for found in dispositions:
        for name in found.cells.columns:
            if name.startswith("SUPPDS."):
                cells = own.setdefault(name, [None] * len(sheet.cells))
                for subject, text in zip(
                        found.columns[SUBJECT], found.columns[name], strict=True):
                    cells[place[subject]] = text
    joined = with_cells(sheet, **own)
    disposition = Domain("DS", joined, True, domain.preparation)
    days = ("last_contact_day", "death_day")  # in DS the one or the other; as qualifiers both
    plain = replace(blocks[1], cells={
        name: cell for name, cell in blocks[1].cells.items() if name not in days})
    ready, (follow_up,) = with_own_qualifiers(disposition, [plain])
    return ready, [blocks[0], follow_up]
