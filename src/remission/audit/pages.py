"""The findings about each paper under ``studies/`` as a page for its authors."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from remission.audit.claims import read_claims
from remission.audit.findings import Finding, Verdict
from remission.audit.run import Audit, audit_claims
from remission.audit.write import citation, groups_of

_GREETING = """\
Dear authors, these are the numbers of your paper that can be recomputed from what is printed beside
them. Where one does not follow, this page says what we find and what would reconcile it. The data
behind the paper were not seen: a contradiction in print says that two printed numbers do not fit,
not which of them is right, and often a word that is missing explains it. Every usual rounding was
allowed. We would be glad to correct this page.

Generated from [claims.toml](../../{claims}) by `make docs`; `remission audit` says the same.
"""


def audit_page(audit: Audit, claims: str) -> str:
    """Return the page of one paper; ``claims`` is the path of its file from the root."""
    lines = [f"# {audit.claims.paper.title}", "", citation(audit.claims.paper), "",
             _GREETING.format(claims=claims), "| verdict | claims |", "|---|---|"]
    groups = groups_of(audit)
    lines += [f"| {group.verdict} | {len(group.findings)} |" for group in groups]
    for group in groups:
        if group.findings:
            lines += ["", f"## {group.title}", "", group.meaning, ""]
            lines += (_table(group.findings) if group.verdict in (Verdict.AGREES, Verdict.UNKNOWN)
                      else [line for found in group.findings for line in _entry(found)])
    return "\n".join(lines).rstrip("\n") + "\n"


def _entry(found: Finding) -> Iterator[str]:
    """Yield a finding at length."""
    yield f"### {found.where}: `{found.id}`"
    yield ""
    yield f"> {_cell(found.printed)}"
    yield ""
    yield _text(found.explanation)
    yield ""
    if found.alternatives:
        head = "Would reconcile" if found.verdict is Verdict.CONTRADICTS else "Read as"
        yield from (f"- {head}: {_text(words)}" for words in found.alternatives)
        yield ""
    if found.remark:
        yield f"Remark: {_text(found.remark)}"
        yield ""


def _table(findings: tuple[Finding, ...]) -> list[str]:
    return ["| where | claim | printed | finding |", "|---|---|---|---|", *(
        f"| {_cell(found.where)} | `{found.id}` | {_cell(found.printed)} | "
        f"{_cell(found.explanation)} |" for found in findings)]


def _text(words: str) -> str:
    """Return words that Markdown shows as they are."""
    for mark in "\\`*_[]<>":
        words = words.replace(mark, f"\\{mark}")
    return words


def _cell(words: str) -> str:
    return _text(words).replace("|", "\\|").replace("\n", " ")


def audit_pages(root: Path) -> dict[Path, str]:
    """Return the page of every paper under ``root/studies``, by where it belongs."""
    found = {}
    for file in sorted((root / "studies").glob("*/claims.toml")):
        audit = audit_claims(read_claims(file))
        page = root / "docs" / "audits" / f"{file.parent.name}.md"
        found[page] = audit_page(audit, file.relative_to(root).as_posix())
    return found


if __name__ == "__main__":
    for page, text in audit_pages(Path(sys.argv[1])).items():
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8", newline="\n")
