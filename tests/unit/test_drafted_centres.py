"""How much of a mapping is drafted rightly, for centres in three languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from remission.sources.drafting.draft import Draft
from remission.sources.drafting.drafting import draft_mapping
from remission.sources.drafting.write_draft import draft_as_toml
from remission.sources.mapping import read_mapping
from remission.sources.read_source import read_source
from remission.sources.sheet import Source
from tests.unit.differently_worded import (
    CHINESE,
    ENGLISH,
    SPANISH,
    True_,
    Wording,
    clinic,
    true_cells,
    true_codes,
    worded,
)

CENTRES: dict[str, Wording | str] = {
    "north": "north", "south": "south", "chinese": CHINESE, "english": ENGLISH,
    "spanish": SPANISH}
LEAST_PRECISION, LEAST_RECALL, LEAST_CODES = 0.9, 0.9, 0.95
"""The floor of every centre; what was measured is printed (pytest -s)."""


def drafted_cells(draft: Draft) -> set[True_]:
    return {(block.sheet, line.field, block.table, column)
            for block, column, line in draft.lines if line.field is not None}


def drafted_codes(draft: Draft) -> dict[tuple[True_, str], str]:
    found = {}
    for block, column, line in draft.lines:
        cell = line.cell
        if isinstance(cell, dict) and isinstance(codes := cell.get("codes"), dict):
            for value, code in codes.items():
                found[(block.sheet, str(cell["field"]), block.table, column), value] = str(code)
    return found


def centre(name: str, folder: Path) -> tuple[Source, set[True_], dict[tuple[True_, str], str]]:
    """Return the source of a centre, and what is true of its cells and codes."""
    chosen = CENTRES[name]
    if isinstance(chosen, str):
        source, mapping = clinic(chosen)
        said = true_codes(source, mapping)
        return source, true_cells(mapping), {(place, value): code for place, value, code in said}
    original, mapping = clinic(chosen.clinic)
    said = true_codes(original, mapping, chosen)
    return (read_source(worded(chosen, folder / "centre")), true_cells(mapping, chosen),
            {(place, value): code for place, value, code in said})


@pytest.mark.parametrize("name", CENTRES)
def test_most_of_a_mapping_is_drafted_rightly(name: str, tmp_path: Path) -> None:
    source, cells, codes = centre(name, tmp_path)
    draft = draft_mapping(source, site=name)
    drafted = drafted_cells(draft)
    right = drafted & cells
    precision, recall = len(right) / len(drafted), len(right) / len(cells)
    named = drafted_codes(draft)
    asked = {key: code for key, code in codes.items() if key[0] in right}
    right_codes = sum(named.get(key, named.get((key[0], "*"), key[1])) == code
                      for key, code in asked.items())
    share = right_codes / len(asked)
    print(f"{name}: cells {len(right)} right of {len(drafted)} drafted and {len(cells)} true: "
          f"precision {precision:.2f}, recall {recall:.2f}; codes {right_codes} of {len(asked)}; "
          f"missed {sorted(cells - drafted)}; not in the true one {sorted(drafted - cells)}")
    assert precision >= LEAST_PRECISION
    assert recall >= LEAST_RECALL
    assert share >= LEAST_CODES


@pytest.mark.parametrize("name", CENTRES)
def test_a_draft_is_a_mapping_that_can_be_read(name: str, tmp_path: Path) -> None:
    source, *_ = centre(name, tmp_path)
    draft = draft_mapping(source, site=name)
    path = tmp_path / "mapping.toml"
    path.write_text(draft_as_toml(draft), encoding="utf-8")
    mapping = read_mapping(path)
    assert {(block.sheet, cell.field, block.table.name, column)
            for block in mapping.blocks for column, cell in block.cells.items()
            if cell.field is not None} == drafted_cells(draft)
