"""A small XML tree that remembers lines, and reads nothing but the file it is given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from remission.errors import InputError, Problem, place


@dataclass
class Element:
    """One element: its name without namespace, its attributes likewise, and its line."""

    name: str
    attributes: dict[str, str]
    line: int
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def all(self, name: str) -> Iterator[Element]:
        """Yield every element of that name below this one, in order."""
        for child in self.children:
            if child.name == name:
                yield child
            yield from child.all(name)

    def get(self, name: str) -> str:
        """Return an attribute, or an empty text."""
        return self.attributes.get(name, "")


def read_xml(path: Path) -> Element:
    """Return the root of an XML file; of binary contents only the element is kept.

    Raises :class:`InputError` for what is not well-formed, and for a document type, through which
    a file could call up others.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    root = Element("", {}, 0)
    above = [root]

    def start(name: str, attributes: dict[str, str]) -> None:
        element = Element(_bare(name), {_bare(key): value for key, value in attributes.items()},
                          parser.CurrentLineNumber)
        above[-1].children.append(element)
        above.append(element)

    def end(name: str) -> None:
        del name
        above.pop()

    def text(content: str) -> None:
        if "Base64" not in above[-1].name:
            above[-1].text += content

    def doctype(*_: object) -> None:
        raise InputError(Problem(
            place(path.name, parser.CurrentLineNumber), "The file declares a document type.",
            "It could make the reader open other files.",
            "Export the project again; REDCap writes none."))

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = text, doctype
    parser.buffer_text = True
    try:
        parser.Parse(path.read_bytes(), True)
    except expat.ExpatError as error:
        raise InputError(Problem(
            place(path.name, error.lineno),
            f"Not readable as XML: {expat.ErrorString(error.code)}.",
            "The file is cut off, or was changed by hand.", "Export it again.")) from None
    return root.children[0]


def _bare(name: str) -> str:
    return name.rsplit(" ", 1)[-1]
