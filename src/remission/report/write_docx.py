"""Document → Word: the same order and rules, with real captions and real footnotes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from remission.analyses.results import Result
from remission.files import printable
from remission.report.drawn import DRAWN, Drawn
from remission.report.footnotes import Footnotes
from remission.report.outline import figures_of
from remission.report.parts import Document, Paragraph, Refusal
from remission.report.spans import plain
from remission.report.table_parts import Table
from remission.report.word_file import Pictures, save
from remission.report.word_table import CELL_STYLE, table_xml

_SERIF, _SANS = "Georgia", "Arial"
_SOFT = "55554F"
_WARN = "7C4307"
_LONGEST_TITLE = 255
"""Characters that the properties of a Word file hold."""
_PICTURE_CM = (15.5, 21.0)
"""The most that a picture takes of a page, with its caption: width and height."""


def write_docx(document: Document, pictures: Iterator[Path], path: Path) -> None:
    """Write the report as a Word file.

    ``pictures`` gives the PNG of each figure in turn; they are asked for last, so that they may
    still be in the making while the rest is written.
    """
    import docx
    from docx.shared import Cm

    document = _printable(document)
    word = docx.Document()
    _styles(word)
    for section in word.sections:
        section.left_margin = section.right_margin = Cm(2.0)
        section.top_margin = section.bottom_margin = Cm(2.0)
    word.core_properties.title = document.title[:_LONGEST_TITLE]
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
    places: list[Any] = []
    for part in document.parts:
        if isinstance(part, Table):
            _add_table(word, part, footnotes)
        elif isinstance(part, DRAWN):
            places.append(_add_figure(word, part, footnotes))
        elif isinstance(part, Refusal):
            _add_refusal(word, part)
        else:
            _add_paragraphs(word, part)
    _small(word, document.colophon)
    _place_pictures(word, places, pictures, figures_of(document))
    save(word, path)


def _printable(value: Any) -> Any:
    """Return a part of a report with every text as XML can hold it; results stay as they are."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, tuple):
        return tuple(_printable(item) for item in value)
    if is_dataclass(value) and not isinstance(value, type | Result):
        own = ((name, getattr(value, name)) for name in _fields_of(type(value)))
        changed = {name: cleaned for name, item in own if (cleaned := _printable(item)) != item}
        return replace(value, **changed) if changed else value
    return value


@cache
def _fields_of(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def _add_refusal(word: Any, refusal: Refusal) -> None:
    word.add_heading(refusal.title, level=2)
    word.add_paragraph(plain(refusal.reason), style="Refusal").add_run(f" {refusal.cure}")


def _add_paragraphs(word: Any, paragraph: Paragraph) -> None:
    word.add_heading(paragraph.heading, level=2)
    for block in paragraph.blocks:
        word.add_paragraph(plain(block))


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
    cell = word.styles.add_style(CELL_STYLE, WD_STYLE_TYPE.PARAGRAPH)
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

    paragraph = word.add_paragraph()
    paragraph._p.style = "Caption"  # by its id: to look for it by its name takes a while
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
        footnotes.add(caption, plain(table.note))
    _grid(word, table)


def _add_figure(word: Any, figure: Drawn, footnotes: Footnotes) -> Any:
    """Add a figure's place, caption and estimates; return the paragraph its picture goes into."""
    place = word.add_paragraph()
    place.paragraph_format.keep_with_next = True
    caption = _caption(word, "Figure", figure.number, figure.title)
    caption.paragraph_format.space_before = 0
    if figure.note:
        footnotes.add(caption, plain(figure.note))
    if figure.estimates is not None:
        _grid(word, figure.estimates)
    return place


def _place_pictures(
    word: Any, places: list[Any], pictures: Iterator[Path], figures: list[Drawn]
) -> None:
    """Put each picture into its place, with an alternative text."""
    from docx.shared import Cm

    inside = Pictures(word)
    for place, picture, figure in zip(places, pictures, figures, strict=True):
        inside.place(place, picture, (Cm(_PICTURE_CM[0]), Cm(_PICTURE_CM[1])),
                     figure.alternative)


def _grid(word: Any, table: Table) -> None:
    """Add the rows of a table; they are written as XML at once, cell by cell takes too long."""
    from docx.oxml import parse_xml

    word.element.body.insert(-1, parse_xml(table_xml(table)))
    word.add_paragraph().paragraph_format.space_after = 0


def _small(word: Any, text: str) -> None:
    from docx.shared import Pt, RGBColor

    run = word.add_paragraph().add_run(text)
    run.font.size, run.font.name = Pt(8), _SANS
    run.font.color.rgb = RGBColor.from_string(_SOFT)
