"""Real Word footnotes, which python-docx does not write: one more part of the package."""

from __future__ import annotations

from typing import Any

_NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_CONTENT = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
_SKELETON = (
    f'<w:footnotes xmlns:w="{_NAMESPACE}">'
    '<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>'
    '<w:footnote w:type="continuationSeparator" w:id="0"><w:p><w:r>'
    "<w:continuationSeparator/></w:r></w:p></w:footnote></w:footnotes>"
)


class Footnotes:
    """The footnotes of one Word document, in the order they are added."""

    def __init__(self, word: Any) -> None:
        """Add an empty footnotes part to the document."""
        from docx.opc.packuri import PackURI
        from docx.opc.part import XmlPart
        from docx.oxml import parse_xml

        self._root = parse_xml(_SKELETON)
        part = XmlPart(PackURI("/word/footnotes.xml"), _CONTENT, self._root, word.part.package)
        word.part.relate_to(part, _RELATION)
        self._count = 0

    def add(self, paragraph: Any, text: str) -> None:
        """Add a footnote with ``text``, referred to at the end of a paragraph."""
        self._count += 1
        reference = paragraph.add_run()
        reference.font.superscript = True
        reference._r.append(self._element("w:footnoteReference", {"w:id": str(self._count)}))
        note = self._element("w:footnote", {"w:id": str(self._count)})
        note.append(self._paragraph(text))
        self._root.append(note)

    def _paragraph(self, text: str) -> Any:
        paragraph = self._element("w:p", {})
        mark, words = self._run(superscript=True), self._run(superscript=False)
        mark.append(self._element("w:footnoteRef", {}))
        content = self._element("w:t", {"xml:space": "preserve"})
        content.text = f" {text}"
        words.append(content)
        paragraph.append(mark)
        paragraph.append(words)
        return paragraph

    def _run(self, *, superscript: bool) -> Any:
        run = self._element("w:r", {})
        properties = self._element("w:rPr", {})
        properties.append(self._element("w:rFonts", {"w:ascii": "Arial", "w:hAnsi": "Arial"}))
        properties.append(self._element("w:sz", {"w:val": "16"}))
        if superscript:
            properties.append(self._element("w:vertAlign", {"w:val": "superscript"}))
        run.append(properties)
        return run

    @staticmethod
    def _element(tag: str, attributes: dict[str, str]) -> Any:
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn

        element = OxmlElement(tag)
        for name, value in attributes.items():
            key = qn(name) if name.startswith("w:") else (
                "{http://www.w3.org/XML/1998/namespace}space")
            element.set(key, value)
        return element
