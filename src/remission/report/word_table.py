"""A table part as the XML of a Word table: a rule above and below, a hairline under the head."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from remission.report.spans import plain, spans_of
from remission.report.table_parts import Head, Row, Table

CELL_STYLE = "Table cell"
_NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_TEXT_WIDTH = 17.0
"""Centimetres between the margins of an A4 page."""
_LETTER, _PADDING, _NARROWEST = 0.155, 0.5, 1.5
"""Centimetres a letter of the cell style takes, beside a cell's padding, and the least width."""
_FIRST_OF_TEXTS = 3.5
"""Centimetres that the first column keeps beside columns of words, which share the rest: a short
one takes what it needs."""
_TWIPS = 567
"""Twips in a centimetre."""
_ROWS_ON_A_PAGE = 40
_INDENT = 0.4


def table_xml(table: Table) -> str:
    """Return the ``w:tbl`` element of a table.

    The head repeats on each page, no row breaks inside, and a table that fits a page stays whole.
    """
    widths = _widths(table)
    keeps = len(table.rows) <= _ROWS_ON_A_PAGE
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    last = len(table.rows) - 1
    rows = "".join(
        _row(row, table.heads, widths, keep=keeps and number < last)
        for number, row in enumerate(table.rows))
    return (
        f'<w:tbl xmlns:w="{_NAMESPACE}"><w:tblPr>'
        f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        '<w:tblBorders><w:top w:val="single" w:sz="12" w:color="1C1C1A"/>'
        '<w:bottom w:val="single" w:sz="12" w:color="1C1C1A"/></w:tblBorders>'
        '<w:tblLayout w:type="fixed"/></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{_over(table, widths, keep=keeps)}"
        f"{_head(table, widths, keep=keeps)}{rows}</w:tbl>"
    )


def _over(table: Table, widths: list[int], *, keep: bool) -> str:
    """Return the row of what stands over several heads; nothing where nothing does."""
    if not table.spans:
        return ""
    cells, place = [_cell("", widths[0], keep=keep)], 1
    for words, columns in table.spans:
        cells.append(_cell(words, sum(widths[place:place + columns]), bold=True, keep=keep,
                           columns=columns))
        place += columns
    return f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{''.join(cells)}</w:tr>"


def _head(table: Table, widths: list[int], *, keep: bool) -> str:
    texts = ["", *("\n".join(filter(None, (head.label, plain([head.under]))))
                  for head in table.heads)]
    rights = [False, *(not head.is_text for head in table.heads)]
    cells = "".join(
        _cell(text, width, right=right, bold=True, keep=keep, ruled=True)
        for text, width, right in zip(texts, widths, rights, strict=True))
    return f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{cells}</w:tr>"


def _row(row: Row, heads: tuple[Head, ...], widths: list[int], *, keep: bool) -> str:
    first = _cell(row.label, widths[0], keep=keep, indented=row.is_level)
    others = "".join(
        _cell(text, width, right=not head.is_text, keep=keep)
        for text, head, width in zip(_texts(row), heads, widths[1:], strict=True))
    return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{first}{others}</w:tr>"


def _texts(row: Row) -> Iterator[str]:
    for cell in row.cells:
        yield plain(spans_of(cell))


def _cell(
    text: str, width: int, *, right: bool = False, bold: bool = False, keep: bool = False,
    ruled: bool = False, indented: bool = False, columns: int = 1,
) -> str:
    rule = ('<w:tcBorders><w:bottom w:val="single" w:sz="6" w:color="1C1C1A"/></w:tcBorders>'
            '<w:vAlign w:val="bottom"/>' if ruled else "")
    paragraph = "".join((
        f'<w:pStyle w:val="{CELL_STYLE.replace(" ", "")}"/>',
        "<w:keepNext/>" if keep else "",
        f'<w:ind w:left="{round(_INDENT * _TWIPS)}"/>' if indented else "",
        '<w:jc w:val="right"/>' if right else ('<w:jc w:val="center"/>' if columns > 1 else ""),
    ))
    spanned = f'<w:gridSpan w:val="{columns}"/>' if columns > 1 else ""
    weight = "<w:rPr><w:b/></w:rPr>" if bold else ""
    lines = "<w:br/>".join(
        f'<w:t xml:space="preserve">{escape(line, quote=False)}</w:t>' for line in text.split("\n"))
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{spanned}{rule}</w:tcPr>'
        f"<w:p><w:pPr>{paragraph}</w:pPr><w:r>{weight}{lines}</w:r></w:p></w:tc>"
    )


def _widths(table: Table) -> list[int]:
    """Return the width of each column in twips: what its longest text needs, the rest first."""
    columns = zip(*(list(_texts(row)) for row in table.rows), strict=True)
    needed = [max(1.1 * len(head.label), *map(len, (plain([head.under]), *texts)))
              for head, texts in zip(table.heads, columns, strict=True)]
    widths = [max(_NARROWEST, _LETTER * letters + _PADDING) for letters in needed]
    texts_of = [place for place, head in enumerate(table.heads) if head.is_text]
    rest = _TEXT_WIDTH - _FIRST_OF_TEXTS - sum(
        width for place, width in enumerate(widths) if place not in texts_of)
    for left, place in enumerate(sorted(texts_of, key=widths.__getitem__)):
        widths[place] = min(widths[place], rest / (len(texts_of) - left))
        rest -= widths[place]
    first = max(3.2, min(6.5, _TEXT_WIDTH - sum(widths)))
    return [round(width * _TWIPS) for width in (first, *widths)]
