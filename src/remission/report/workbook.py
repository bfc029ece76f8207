"""A workbook of plain cells, written row by row as Office Open XML (ECMA-376, part 1, 18).

Nothing but what the tables of a report need: values, looks, widths, joined cells, frozen panes and
a filter. Written here because all results are a hundred thousand cells, each of which costs a
library that can read and change workbooks an object. The same cells give the same bytes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import TypeAlias
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from remission.files import printable

Value: TypeAlias = str | float | None

LONGEST = 32_767
"""Characters that a cell of Excel holds."""
_LONGEST_NAME = 31
_NOT_IN_A_NAME = re.compile(r"[\\/*?:\[\]]")
_LINE = 15
"""Height of a line of text, in points."""
_PACKED = 4
"""How hard the sheets are packed: beyond this they hardly get smaller."""

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


@dataclass(frozen=True)
class Look:
    """How a cell is set; ``top`` and ``bottom`` are rules over and under it: thin or medium."""

    bold: bool = False
    italic: bool = False
    size: int = 11
    colour: str = "000000"
    horizontal: str = ""
    vertical: str = ""
    wrap: bool = False
    indent: int = 0
    top: str = ""
    bottom: str = ""


PLAIN = Look()


@dataclass
class _Shared:
    """What the sheets of a workbook have in common: each text and each look once."""

    texts: dict[str, int] = field(default_factory=dict)
    looks: dict[Look, int] = field(default_factory=lambda: {PLAIN: 0})


class Sheet:
    """One sheet; its rows are written from the top down."""

    def __init__(self, name: str, shared: _Shared) -> None:
        """Begin an empty sheet."""
        self.name = name
        self.frozen = (0, 0)
        """How many rows and columns stay in view."""
        self.has_filter = False
        self._shared = shared
        self._rows: list[str] = []
        self._widths: dict[int, float] = {}
        self._joined: list[str] = []
        self._last_row, self._last_column = 0, 1

    def write(
        self, row: int, values: Iterable[Value], looks: Iterable[Look] = (), lines: int = 1
    ) -> None:
        """Write the cells of a row, from the first column on, below all rows written before.

        ``lines`` makes room for so many of text: not every program finds that out.
        """
        assert row > self._last_row, "rows are written from the top down"
        ways = iter(looks)
        cells = [self._cell(f"{letters(column)}{row}", value, next(ways, PLAIN))
                 for column, value in enumerate(values, start=1)]
        room = f' ht="{_LINE * lines}" customHeight="1"' if lines > 1 else ""
        self._rows.append(f'<row r="{row}"{room}>{"".join(cells)}</row>')
        self._last_row, self._last_column = row, max(self._last_column, len(cells))

    def join(self, row: int, first: int, last: int) -> None:
        """Let the cell of the first column reach to the last."""
        self._joined.append(f"{letters(first)}{row}:{letters(last)}{row}")

    def widen(self, column: int, width: float) -> None:
        """Set the width of a column, in characters."""
        self._widths[column] = width

    @property
    def range(self) -> str:
        """All cells, as ``$A$1:$M$12``."""
        return f"$A$1:${letters(self._last_column)}${max(1, self._last_row)}"

    def _cell(self, place: str, value: Value, look: Look) -> str:
        """Return a cell; a text is never read as a formula or an error.

        A number that Excel has no cell for (infinite, not a number) is written as a word.
        """
        way = "" if look is PLAIN else self._way(look)
        if value is None or value == "":
            return f'<c r="{place}"{way}/>' if way else ""
        if isinstance(value, float) and not math.isfinite(value):
            value = str(value)
        if not isinstance(value, str):
            digits = float.__repr__(value) if isinstance(value, float) else str(value)
            return f'<c r="{place}"{way}><v>{digits}</v></c>'
        texts = self._shared.texts
        number = texts.setdefault(value, len(texts))
        return f'<c r="{place}"{way} t="s"><v>{number}</v></c>'

    def _way(self, look: Look) -> str:
        """Return how a cell says its look."""
        style = self._shared.looks.setdefault(look, len(self._shared.looks))
        return f' s="{style}"' if style else ""

    def xml(self) -> Iterator[str]:
        """Yield the sheet in pieces."""
        yield f'{_HEAD}<worksheet xmlns="{_MAIN}">'
        yield '<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
        yield f'<dimension ref="{self.range.replace("$", "")}"/>'
        yield f'<sheetViews><sheetView workbookViewId="0">{self._pane()}</sheetView></sheetViews>'
        yield f'<sheetFormatPr defaultRowHeight="{_LINE}"/>'
        if self._widths:
            yield "<cols>"
            yield from (f'<col min="{column}" max="{column}" width="{width}" customWidth="1"/>'
                        for column, width in sorted(self._widths.items()))
            yield "</cols>"
        yield "<sheetData>"
        yield from self._rows
        yield "</sheetData>"
        if self.has_filter:
            yield f'<autoFilter ref="{self.range.replace("$", "")}"/>'
        if self._joined:
            yield f'<mergeCells count="{len(self._joined)}">'
            yield from (f'<mergeCell ref="{cells}"/>' for cells in self._joined)
            yield "</mergeCells>"
        yield '<pageSetup orientation="landscape" fitToWidth="1" fitToHeight="0"/></worksheet>'

    def _pane(self) -> str:
        rows, columns = self.frozen
        if not rows and not columns:
            return ""
        corner = "bottomRight" if rows and columns else "bottomLeft" if rows else "topRight"
        splits = "".join(f' {name}="{many}"' for name, many in (
            ("xSplit", columns), ("ySplit", rows)) if many)
        return (f'<pane{splits} topLeftCell="{letters(columns + 1)}{rows + 1}" '
                f'activePane="{corner}" state="frozen"/><selection pane="{corner}"/>')


class Workbook:
    """Sheets in order."""

    def __init__(self) -> None:
        """Begin without sheets."""
        self._shared = _Shared()
        self._sheets: list[Sheet] = []

    def add(self, name: str) -> Sheet:
        """Return a new sheet; a name that Excel refuses, or that there is, is changed for one."""
        cleaned = _NOT_IN_A_NAME.sub("-", printable(name))[:_LONGEST_NAME].strip("'") or "Sheet"
        taken = {sheet.name.casefold() for sheet in self._sheets}
        chosen, number = cleaned, 1
        while chosen.casefold() in taken:
            number += 1
            chosen = f"{cleaned[:_LONGEST_NAME - len(str(number)) - 1]} {number}"
        self._sheets.append(Sheet(chosen, self._shared))
        return self._sheets[-1]

    def save(self, path: Path) -> None:
        """Write the workbook."""
        with ZipFile(path, "w") as package:
            for name, pieces in self._parts():
                part = ZipInfo(name)  # its day is 1980-01-01: the same cells give the same bytes
                part.compress_type = ZIP_DEFLATED
                package.writestr(part, "".join(pieces), compresslevel=_PACKED)

    def _parts(self) -> Iterator[tuple[str, Iterable[str]]]:
        """Yield the name and the pieces of every file inside."""
        yield "[Content_Types].xml", self._content_types()
        yield "_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")])
        yield "xl/workbook.xml", self._workbook()
        yield "xl/_rels/workbook.xml.rels", _relations([
            *(("worksheet", f"worksheets/sheet{number}.xml")
              for number, _ in enumerate(self._sheets, start=1)),
            ("styles", "styles.xml"), ("sharedStrings", "sharedStrings.xml")])
        for number, sheet in enumerate(self._sheets, start=1):
            yield f"xl/worksheets/sheet{number}.xml", sheet.xml()
        yield "xl/styles.xml", _styles(tuple(self._shared.looks))
        yield "xl/sharedStrings.xml", _texts(tuple(self._shared.texts))

    def _content_types(self) -> Iterator[str]:
        yield f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
        yield ('<Default Extension="rels" '
               'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>')
        yield from (
            f'<Override PartName="/xl/{name}.xml" ContentType="{_KIND}.{kind}+xml"/>'
            for name, kind in (
                ("workbook", "sheet.main"), ("styles", "styles"),
                ("sharedStrings", "sharedStrings"),
                *((f"worksheets/sheet{number}", "worksheet")
                  for number, _ in enumerate(self._sheets, start=1))))
        yield "</Types>"

    def _workbook(self) -> Iterator[str]:
        yield f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}">'
        yield "<bookViews><workbookView/></bookViews><sheets>"
        yield from (f'<sheet name="{escape(sheet.name)}" sheetId="{number}" r:id="rId{number}"/>'
                    for number, sheet in enumerate(self._sheets, start=1))
        yield "</sheets>"
        filters = [(place, sheet) for place, sheet in enumerate(self._sheets) if sheet.has_filter]
        if filters:
            yield "<definedNames>"
            for place, sheet in filters:
                named = escape(sheet.name.replace("'", "''"), quote=False)
                yield (f'<definedName name="_xlnm._FilterDatabase" localSheetId="{place}" '
                       f'hidden="1">\'{named}\'!{sheet.range}</definedName>')
            yield "</definedNames>"
        yield "</workbook>"


_LETTERS: dict[int, str] = {}


def letters(column: int) -> str:
    """Return the letters of a column: 1 is A, 28 is AB."""
    if column not in _LETTERS:
        before, last = divmod(column - 1, 26)
        _LETTERS[column] = f"{letters(before) if before else ''}{chr(ord('A') + last)}"
    return _LETTERS[column]


def _relations(targets: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
    yield from (f'<Relationship Id="rId{number}" Type="{_RELATIONS}/{kind}" Target="{target}"/>'
                for number, (kind, target) in enumerate(targets, start=1))
    yield "</Relationships>"


def _texts(texts: tuple[str, ...]) -> Iterator[str]:
    yield f'{_HEAD}<sst xmlns="{_MAIN}" uniqueCount="{len(texts)}">'
    for text in texts:
        shown = escape(printable(text)[:LONGEST], quote=False).replace("\r", "&#13;")
        yield f'<si><t xml:space="preserve">{shown}</t></si>'
    yield "</sst>"


def _styles(looks: tuple[Look, ...]) -> Iterator[str]:
    """Yield the looks; each has its own font and border, of the same number."""
    many = len(looks)
    yield f'{_HEAD}<styleSheet xmlns="{_MAIN}"><fonts count="{many}">'
    for look in looks:
        yield (f'<font>{"<b/>" * look.bold}{"<i/>" * look.italic}<sz val="{look.size}"/>'
               f'<color rgb="FF{look.colour}"/><name val="Calibri"/><family val="2"/></font>')
    yield ('</fonts><fills count="2"><fill><patternFill patternType="none"/></fill>'
           f'<fill><patternFill patternType="gray125"/></fill></fills><borders count="{many}">')
    for look in looks:
        yield (f"<border><left/><right/>{_rule('top', look.top)}{_rule('bottom', look.bottom)}"
               "<diagonal/></border>")
    own = 'numFmtId="0" fontId="0" fillId="0" borderId="0"'
    yield f'</borders><cellStyleXfs count="1"><xf {own}/></cellStyleXfs><cellXfs count="{many}">'
    for number, look in enumerate(looks):
        yield (f'<xf numFmtId="0" fontId="{number}" fillId="0" borderId="{number}" xfId="0" '
               f'applyFont="1" applyBorder="1" applyAlignment="1">{_alignment(look)}</xf>')
    yield ('</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/>'
           "</cellStyles></styleSheet>")


def _rule(side: str, weight: str) -> str:
    return f'<{side} style="{weight}"><color auto="1"/></{side}>' if weight else f"<{side}/>"


def _alignment(look: Look) -> str:
    chosen = (("horizontal", look.horizontal), ("vertical", look.vertical),
              ("wrapText", "1" if look.wrap else ""), ("indent", str(look.indent or "")))
    words = "".join(f' {name}="{word}"' for name, word in chosen if word)
    return f"<alignment{words}/>" if words else ""
