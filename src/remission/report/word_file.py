"""Pictures of a Word file and the file itself, where python-docx takes long with many pictures.

It compares each picture with all before it, looks through the document for a number that is free,
and packs anew what is packed. Here pictures are numbered as they come and stored as they are, and
the same document gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import count
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELATIONS = "application/vnd.openxmlformats-package.relationships+xml"
_DEFAULTS = {"rels": _RELATIONS, "xml": "application/xml", "png": "image/png"}


class Pictures:
    """Puts pictures into a Word document, one after another."""

    def __init__(self, word: Any) -> None:
        """Begin where the document has no picture yet and nothing else is numbered any more."""
        self._part = word.part
        self._numbers = count(1)
        self._ids = count(word.part.next_id)

    def place(
        self, paragraph: Any, picture: Path, largest: tuple[int, int], alternative: str
    ) -> None:
        """Put a PNG at the end of a paragraph, as wide as may be; ``largest`` is its most in EMU.

        ``alternative`` is the text for readers who do not see it.
        """
        from docx.image.image import Image
        from docx.opc.constants import RELATIONSHIP_TYPE
        from docx.opc.packuri import PackURI
        from docx.oxml.ns import qn
        from docx.oxml.shape import CT_Inline
        from docx.parts.image import ImagePart
        from docx.shared import Emu

        image = Image.from_file(str(picture))
        name = PackURI(f"/word/media/image{next(self._numbers)}.png")
        relation = self._part.relate_to(
            ImagePart.from_image(image, name), RELATIONSHIP_TYPE.IMAGE)
        width, height = image.scaled_dimensions(Emu(largest[0]))
        if height > largest[1]:
            width, height = int(width * largest[1] / height), largest[1]
        inline = CT_Inline.new_pic_inline(
            next(self._ids), relation, picture.name, Emu(width), Emu(height))
        next(inline.iter(qn("wp:docPr"))).set("descr", alternative)
        paragraph.add_run()._r.add_drawing(inline)


def save(word: Any, path: Path) -> None:
    """Write a document; pictures are packed already and are stored as they are."""
    package = word.part.package
    parts = package.parts
    for part in parts:
        part.before_marshal()
    with ZipFile(path, "w") as file:
        _write(file, "[Content_Types].xml", "".join(_content_types(parts)))
        _write(file, "_rels/.rels", package.rels.xml)
        for part in parts:
            is_packed = part.content_type == _DEFAULTS["png"]
            _write(file, part.partname.membername, part.blob,
                   ZIP_STORED if is_packed else ZIP_DEFLATED)
            if part.rels:
                _write(file, part.partname.rels_uri.membername, part.rels.xml)


def _write(file: ZipFile, name: str, content: str | bytes, packed: int = ZIP_DEFLATED) -> None:
    member = ZipInfo(name)  # its day is 1980-01-01: the same document gives the same bytes
    member.compress_type = packed
    file.writestr(member, content)


def _content_types(parts: list[Any]) -> Iterator[str]:
    """Yield the type of every part: of its extension, or its own."""
    yield '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    yield f'<Types xmlns="{_TYPES}">'
    yield from (f'<Default Extension="{extension}" ContentType="{kind}"/>'
                for extension, kind in _DEFAULTS.items())
    yield from (f'<Override PartName="{escape(part.partname)}" ContentType="{part.content_type}"/>'
                for part in parts if _DEFAULTS.get(part.partname.ext) != part.content_type)
    yield "</Types>"
