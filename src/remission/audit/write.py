"""Audit → one self-contained page, the same in Word, and JSON."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from remission.audit.claims import Paper
from remission.audit.findings import Finding, Verdict
from remission.audit.run import Audit
from remission.errors import OutputError, Problem
from remission.files import put_in_place, staging
from remission.report.parts import Document, KeyNumber, Paragraph
from remission.report.spans import Number

_MEANINGS = {
    Verdict.CONTRADICTS: "These numbers cannot all stand as printed, by any usual rounding. What "
                         "would reconcile them is a question to the authors, not an answer.",
    Verdict.READING: "These are right if they are read in another way than the one printed "
                     "beside them, which is named.",
    Verdict.UNKNOWN: "Too little is printed to recompute these.",
    Verdict.AGREES: "These follow from what is printed beside them.",
}
_READING = ("Each number was recomputed from what is printed beside it. Every usual rounding was "
            "allowed (halves up, halves to even, digits cut off), so that none is called a "
            "contradiction for its rounding alone. The patients' data were not seen.")
_COLOPHON = "Made by remission audit. It judges print, not people: each finding can be recomputed."


@dataclass(frozen=True)
class Group:
    """The findings of one verdict."""

    verdict: Verdict
    findings: tuple[Finding, ...]

    @property
    def address(self) -> str:
        """Its anchor in the page."""
        return str(self.verdict).replace(" ", "-")

    @property
    def title(self) -> str:
        """``Contradicts (3)``."""
        return f"{str(self.verdict).capitalize()} ({len(self.findings)})"

    @property
    def meaning(self) -> str:
        """What the verdict means."""
        return _MEANINGS[self.verdict]


def groups_of(audit: Audit) -> tuple[Group, ...]:
    """Return the findings by verdict, the gravest first."""
    return tuple(Group(verdict, audit.of(verdict)) for verdict in _MEANINGS)


def citation(paper: Paper) -> str:
    """Return a paper as it is cited, without its title."""
    parts = (paper.authors, paper.journal, str(paper.year or ""),
             f"doi:{paper.doi}" if paper.doi else "", paper.licence)
    return ". ".join(part.rstrip(".") for part in parts if part)


def audit_html(audit: Audit) -> str:
    """Return the findings as one self-contained page."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    page, report = files("remission.audit") / "page", files("remission.report") / "page"
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True,
                              lstrip_blocks=True)
    template = environment.from_string((page / "audit.html").read_text("utf-8"))
    style = "".join((folder / name).read_text("utf-8") for folder, name in (
        (report, "report.css"), (page, "audit.css")))
    return template.render(
        paper=audit.claims.paper, citation=citation(audit.claims.paper), groups=groups_of(audit),
        places=audit.places, reading=_READING, colophon=_COLOPHON, style=Markup(style),
        script=Markup((page / "audit.js").read_text("utf-8")))


def audit_document(audit: Audit) -> Document:
    """Return the findings as the parts of a report, for Word."""
    groups = groups_of(audit)
    parts = [Paragraph("reading", "How to read this", ((_READING,),))]
    for group in groups:
        if group.findings:
            parts.append(Paragraph(group.address, group.title, ((group.meaning,),)))
        parts += [Paragraph(found.id, f"{found.where}: {found.id}", _blocks(found))
                  for found in group.findings]
    return Document(
        title=audit.claims.paper.title, subtitle=citation(audit.claims.paper), banner="",
        strip=tuple(KeyNumber(Number(str(len(group.findings)), group.address, ()),
                              str(group.verdict)) for group in groups),
        parts=tuple(parts), colophon=_COLOPHON)


def _blocks(found: Finding) -> tuple[tuple[str, ...], ...]:
    """Return the paragraphs of a finding: print, explanation, recomputed, reconciling."""
    reconciles = "What would reconcile" if found.verdict is Verdict.CONTRADICTS else "Read as"
    lines = [f"Printed: {found.printed}", found.explanation]
    lines += [f"Recomputed: {found.recomputed}"] if found.recomputed else []
    lines += [f"{reconciles}: {'; '.join(found.alternatives)}"] if found.alternatives else []
    lines += [f"Remark: {found.remark}"] if found.remark else []
    return tuple((line,) for line in lines)


def _write(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file whole or not at all."""
    target = path.resolve()
    if target.is_dir():
        raise OutputError(Problem(str(path), "This is a folder, and a file is needed.", "",
                                  "Give the path of the file itself."))
    with staging(target) as scratch:
        write(scratch / target.name)
        put_in_place([(scratch / target.name, target)], scratch)


def write_html(audit: Audit, path: Path) -> None:
    """Write the page. Raises :class:`~remission.errors.OutputError` where a folder stands."""
    text = audit_html(audit)
    _write(path, lambda staged: staged.write_text(text, encoding="utf-8", newline="\n"))


def write_word(audit: Audit, path: Path) -> None:
    """Write the Word file. Raises :class:`~remission.errors.OutputError` where a folder stands."""
    from remission.report.write_docx import write_docx

    document = audit_document(audit)
    _write(path, lambda staged: write_docx(document, iter(()), staged))


def write_text(text: str, path: Path) -> None:
    """Write a text. Raises :class:`~remission.errors.OutputError` where a folder stands."""
    _write(path, lambda staged: staged.write_text(text, encoding="utf-8", newline="\n"))
