"""A draft as TOML: each line ends in how sure it is and why; what else may be is a comment."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from remission.files import printable
from remission.records.labels import table_label
from remission.sources.drafting.draft import CellValue, Draft, DraftBlock, LeftOut, Line

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_HEAD = """\
# A draft, made from names, labels and values. Each line ends in how sure it is (high, likely or
# guess) and why. Read it, correct what is wrong, say why for each column under [unmapped]; then
# remission map SOURCE --mapping FILE --review, and
# remission import SOURCE --mapping FILE --to STUDY.
"""


_SAME_FOR_ALL: Mapping[tuple[str, str], Mapping[str, CellValue]] = {
    ("subject", ""): {"country": "MEX"},
    ("disease_episode", "diagnosis"): {"diagnosis": "B_ALL"},
    ("exposure", ""): {"dose": 15, "dose_unit": "ug/m2/d"},
    ("assessment", "baseline"): {"mrd_method": "FCM"},
    ("assessment", "end of cycle"): {"mrd_method": "FCM"},
    ("transplant", ""): {"hla_of": 10},
}
"""What files leave out because it is the same for all children of a centre: shown as examples."""


def draft_as_toml(draft: Draft) -> str:
    """Return a draft as the text of a mapping that :func:`read_mapping` reads."""
    lines = [_HEAD]
    lines.extend(f"# !  {_one_line(remark)}" for remark in draft.remarks)
    if draft.remarks:
        lines.append("")
    lines.extend(_line("site", draft.site))
    lines.extend(_line("subject_id", draft.subject_id))
    if draft.anchor:
        lines.extend(["", "[anchor]"])
        for key, line in draft.anchor.items():
            lines.extend(_line(key, line))
    several = _several(draft)
    for block in draft.blocks:
        lines.extend(_block(block, is_listed=block.table in several,
                            is_one_sheet=draft.is_one_sheet))
    lines.extend(_left_out(draft))
    return "\n".join(lines) + "\n"


def _several(draft: Draft) -> set[str]:
    tables = [block.table for block in draft.blocks]
    return {table for table in tables if tables.count(table) > 1}


def _block(block: DraftBlock, *, is_listed: bool, is_one_sheet: bool) -> Iterator[str]:
    occasion = f": {block.occasion}" if block.occasion else ""
    number = f" {block.number}" if block.number else ""
    yield ""
    yield (f"[[{block.table}]]" if is_listed else f"[{block.table}]") + (
        f"  # {table_label(block.table, 'en')}{occasion}{number}")
    if not is_one_sheet:
        yield f"sheet = {as_toml(block.sheet)}"
    if block.when:
        when = block.when[0] if len(block.when) == 1 else block.when
        yield f"when = {as_toml(when)}" + (f"  # {_one_line(block.note)}" if block.note else "")
    for column, line in block.lines.items():
        yield from _line(column, line)
    for column, value in _SAME_FOR_ALL.get((block.table, block.occasion), {}).items():
        if column not in block.lines:
            example = as_toml(value)
            yield f"# {column} = {example}  # not in the files: write it if it is so for all"


def _line(key: str, line: Line) -> Iterator[str]:
    yield f"{key} = {as_toml(line.cell)}  # {_one_line(line.comment)}"
    for other in line.instead:
        yield f"#   {_one_line(other)}"


def _left_out(draft: Draft) -> Iterator[str]:
    yield ""
    yield "[unmapped]  # columns that nothing reads: say why, in the quotes"
    for left in draft.left_out:
        comment = f"  # {_one_line(left.hint)}" if left.hint else ""
        yield f"{as_toml(_shown(left, draft))} = {as_toml(left.reason)}{comment}"


def _shown(left: LeftOut, draft: Draft) -> str:
    return left.field if draft.is_one_sheet else f"{left.sheet}.{left.field}"


def as_toml(value: CellValue) -> str:
    """Return a value as TOML on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        inside = ", ".join(f"{_key(key)} = {as_toml(item)}" for key, item in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list):
        return f"[{', '.join(as_toml(item) for item in value)}]"
    return repr(value)


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _text(key)


def _text(text: str) -> str:
    """Return a text in quotes; JSON and TOML escape alike but for the delete character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def _one_line(text: str) -> str:
    return printable(" ".join(text.split()))
