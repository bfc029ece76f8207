"""Document → Word: the same order and rules, with real captions and real footnotes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from remission.report.footnotes import Footnotes
from remission.report.parts import (
    Document,
    Figure,
    Number,
    Paragraph,
    Refusal,
    Span,
    Table,
)

_SERIF, _SANS = "Georgia", "Arial"
_SOFT = "55554F"
_WARN = "7C4307"
_CELL_STYLE = "Table cell"
_TEXT_WIDTH = 17.0
"""Centimetres between the margins of an A4 page."""
_ROWS_ON_A_PAGE = 40


def write_docx(document: Document, figures: Path, path: Path) -> None:
    """Write the report as a Word file; ``figures`` holds the PNG of each figure."""
    import docx
    from docx.shared import Cm

    word = docx.Document()
    _styles(word)
    for section in word.sections:
        section.left_margin = section.right_margin = Cm(2.0)
        section.top_margin = section.bottom_margin = Cm(2.0)
    word.core_properties.title = document.title
    word.core_properties.author = ""
    word.core_properties.comments = ""
    footnotes = Footnotes(word)
    word.add_paragraph(document.title, style="Title")
    if document.subtitle:
        word.add_paragraph(document.subtitle, style="Subtitle")
    if document.banner:
        _banner(word, document)
    if document.strip:
        word.add_paragraph(" · ".join(
            f"{key.number.text} {key.caption}" for key in document.strip))
    for part in document.parts:
        _part(word, part, figures, footnotes, document.banner)
    _small(word, document.colophon)
    word.save(str(path))


def _part(word: Any, part: Any, figures: Path, footnotes: Footnotes, banner: str) -> None:
    if isinstance(part, Table):
        _add_table(word, part, footnotes)
    elif isinstance(part, Figure):
        _add_figure(word, part, figures, footnotes)
    elif isinstance(part, Refusal):
        word.add_heading(part.title, level=2)
        paragraph = word.add_paragraph(_text(part.reason), style="Refusal")
        paragraph.add_run(f" {part.cure}")
    elif isinstance(part, Paragraph):
        word.add_heading(part.heading, level=2)
        for block in part.blocks:
            word.add_paragraph(_text(block))


def _text(spans: tuple[Span, ...]) -> str:
    return "".join(span.text if isinstance(span, Number) else span for span in spans)


def _styles(word: Any) -> None:
    """Set the styles: serif for sentences, sans for tables, captions without colour."""
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Cm, Pt, RGBColor

    ink = RGBColor.from_string("1C1C1A")
    for name, font, size in (("Normal", _SERIF, 10.5), ("Title", _SERIF, 20),
                             ("Subtitle", _SERIF, 11), ("Heading 2", _SERIF, 12),
                             ("Caption", _SERIF, 10.5)):
        style = word.styles[name]
        style.font.name, style.font.size, style.font.color.rgb = font, Pt(size), ink
        style.font.italic = False
        _name_all_scripts(style, font)
    word.styles["Caption"].font.bold = False
    word.styles["Caption"].paragraph_format.keep_with_next = True
    word.styles["Caption"].paragraph_format.space_before = Pt(14)
    word.styles["Normal"].paragraph_format.space_after = Pt(6)
    _no_border(word.styles["Title"])
    cell = word.styles.add_style(_CELL_STYLE, WD_STYLE_TYPE.PARAGRAPH)
    cell.font.name, cell.font.size, cell.font.color.rgb = _SANS, Pt(8.5), ink
    cell.paragraph_format.space_before = cell.paragraph_format.space_after = Pt(1.5)
    refusal = word.styles.add_style("Refusal", WD_STYLE_TYPE.PARAGRAPH)
    refusal.base_style = word.styles["Normal"]
    refusal.paragraph_format.left_indent = Cm(0.6)
    refusal.font.color.rgb = RGBColor.from_string(_WARN)


def _name_all_scripts(style: Any, font: str) -> None:
    """Set the font for every script, or Word keeps its theme font for headings."""
    from docx.oxml.ns import qn

    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
        fonts.set(qn(script), font)
    for theme in ("w:asciiTheme", "w:hAnsiTheme", "w:cstheme", "w:eastAsiaTheme"):
        fonts.attrib.pop(qn(theme), None)


def _no_border(style: Any) -> None:
    from docx.oxml.ns import qn

    properties = style.element.get_or_add_pPr()
    for border in properties.findall(qn("w:pBdr")):
        properties.remove(border)


def _banner(word: Any, document: Document) -> None:
    from docx.shared import RGBColor

    run = word.add_paragraph().add_run(document.banner.upper())
    run.bold = True
    run.font.color.rgb = RGBColor.from_string(_WARN)
    header = word.sections[0].header.paragraphs[0].add_run(document.banner.upper())
    header.bold = True
    header.font.color.rgb = RGBColor.from_string(_WARN)


def _caption(word: Any, kind: str, number: int, title: str) -> Any:
    """Add a real Word caption: its number is a field, so that lists of tables can be made."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    paragraph = word.add_paragraph(style="Caption")
    if number:
        paragraph.add_run(f"{kind} ").bold = True
        field = OxmlElement("w:fldSimple")
        field.set(qn("w:instr"), f" SEQ {kind} \\* ARABIC ")
        run = paragraph.add_run(str(number))
        run.bold = True
        field.append(run._r)
        paragraph._p.append(field)
        paragraph.add_run(". ").bold = True
    paragraph.add_run(title)
    return paragraph


def _add_table(word: Any, table: Table, footnotes: Footnotes) -> None:
    subtitle = f", {table.subtitle}" if table.subtitle else ""
    caption = _caption(word, "Table", table.number, f"{table.title}{subtitle}")
    if table.note:
        footnotes.add(caption, table.note)
    _grid(word, table)


def _add_figure(word: Any, figure: Figure, figures: Path, footnotes: Footnotes) -> None:
    from docx.shared import Cm

    name = figure.caption.lower().replace(" ", "-")
    paragraph = word.add_paragraph()
    paragraph.paragraph_format.keep_with_next = True
    paragraph.add_run().add_picture(str(figures / f"{name}.png"), width=Cm(15.5))
    _describe_picture(paragraph, figure)
    caption = _caption(word, "Figure", figure.number, figure.title)
    caption.paragraph_format.space_before = 0
    footnotes.add(caption, figure.note)
    _grid(word, figure.estimates)


def _describe_picture(paragraph: Any, figure: Figure) -> None:
    """Give the picture an alternative text for readers who do not see it."""
    from docx.oxml.ns import qn

    properties = next(paragraph._p.iter(qn("wp:docPr")))
    properties.set("descr", f"{figure.title}: {figure.y_label}, by {figure.x_label.lower()}.")


def _grid(word: Any, table: Table) -> None:
    """Add the rows: a rule above, a rule below, a hairline under the head, nothing else."""
    from docx.enum.table import WD_TABLE_ALIGNMENT
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    right, left = WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.LEFT
    grid = word.add_table(rows=1 + len(table.rows), cols=1 + len(table.heads))
    grid.alignment = WD_TABLE_ALIGNMENT.LEFT
    cells = grid._cells
    width = 1 + len(table.heads)
    _set_widths(grid, table)
    for position, head in enumerate(table.heads, start=1):
        _write_cell(cells[position], f"{head.label}\n{head.under}" if head.under else head.label,
                    right, bold=True)
    for number, row in enumerate(table.rows, start=1):
        indent = "    " if row.is_level else ""
        _write_cell(cells[number * width], f"{indent}{row.label}", left)
        for position, cell in enumerate(row.cells, start=1):
            text = cell.text if isinstance(cell, Number) else cell
            _write_cell(cells[number * width + position], text, right)
    _keep_together(grid)
    _rules(grid)
    _repeat_head(grid)
    word.add_paragraph().paragraph_format.space_after = 0


def _write_cell(cell: Any, text: str, alignment: Any, *, bold: bool = False) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.style = _CELL_STYLE
    paragraph.alignment = alignment
    paragraph.add_run(text).bold = bold


def _set_widths(grid: Any, table: Table) -> None:
    """Give each column the width its longest text needs; the first takes what is left."""
    from docx.shared import Cm

    needed = [
        max(len(text) for text in (head.label, head.under, *(
            cell.text if isinstance(cell, Number) else cell
            for cell in (row.cells[position] for row in table.rows))))
        for position, head in enumerate(table.heads)
    ]
    widths = [max(1.4, 0.15 * letters + 0.45) for letters in needed]
    first = max(3.2, min(6.5, _TEXT_WIDTH - sum(widths)))
    grid.autofit = False
    for column, width in zip(grid.columns, (first, *widths), strict=True):
        column.width = Cm(width)
        for cell in column.cells:
            cell.width = Cm(width)


def _keep_together(grid: Any) -> None:
    """Keep a table that fits a page on one page: every row but the last with the next."""
    if len(grid.rows) > _ROWS_ON_A_PAGE:
        return
    for row in grid.rows[:-1]:
        for cell in row.cells:
            cell.paragraphs[0].paragraph_format.keep_with_next = True


def _rules(grid: Any) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    borders = OxmlElement("w:tblBorders")
    for edge in ("top", "bottom"):
        line = OxmlElement(f"w:{edge}")
        for key, value in (("val", "single"), ("sz", "12"), ("color", "1C1C1A")):
            line.set(qn(f"w:{key}"), value)
        borders.append(line)
    grid._tbl.tblPr.append(borders)
    for cell in grid.rows[0].cells:
        own = OxmlElement("w:tcBorders")
        line = OxmlElement("w:bottom")
        for key, value in (("val", "single"), ("sz", "6"), ("color", "1C1C1A")):
            line.set(qn(f"w:{key}"), value)
        own.append(line)
        cell._tc.get_or_add_tcPr().append(own)


def _repeat_head(grid: Any) -> None:
    """Repeat the head on each page and never break inside a row."""
    from docx.oxml import OxmlElement

    head = grid.rows[0]._tr.get_or_add_trPr()
    head.append(OxmlElement("w:tblHeader"))
    for row in grid.rows:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _small(word: Any, text: str) -> None:
    from docx.shared import Pt, RGBColor

    run = word.add_paragraph().add_run(text)
    run.font.size, run.font.name = Pt(8), _SANS
    run.font.color.rgb = RGBColor.from_string(_SOFT)
