"""Record numbers and the names of files leave the sheets before anything of them is imported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import polars as pl

from remission.sources.mapping import SiteMapping, SubjectId
from remission.sources.sheet import Field, Sheet, Source, padded
from remission.sources.vault import Vault


def with_identifiers(source: Source, mapping: SiteMapping) -> Source:
    """Return the source with the columns marked that the mapping names as identifying."""
    record = mapping.subject_id.field if mapping.subject_id.pseudonym else None
    named = {*mapping.identifying, *([record] if record else [])}

    def marked(sheet: Sheet) -> Sheet:
        fields = {name: replace(sheet.fields.get(name, Field(name)), identifier=True)
                  for name in sheet.cells.columns if name in named}
        return replace(sheet, fields={**sheet.fields, **fields}) if fields else sheet

    return replace(source, sheets={name: marked(sheet) for name, sheet in source.sheets.items()})


def pseudonymised(
    source: Source, mapping: SiteMapping, vault: Vault
) -> tuple[Source, SiteMapping]:
    """Return the source and mapping with identifiers of the study in place of record numbers.

    Which is which, and the names of files and sheets, go to the vault. Without a pseudonym in the
    mapping both are returned as they are.
    """
    chosen = mapping.subject_id
    if chosen.pseudonym is None:
        return source, mapping
    prefix = chosen.prefix or "".join(letter for letter in mapping.site if letter.isalnum())[:12]
    make = vault.numbered if chosen.pseudonym == "numbered" else vault.keyed
    sheets = dict(source.sheets)
    for name, column, width in dict.fromkeys(_records(source, mapping)):
        cells = sheets[name].cells
        made = make(padded(cells[column], width), prefix).alias(column)
        sheets[name] = replace(sheets[name], cells=pl.DataFrame(
            [made if other.name == column else other for other in cells.get_columns()]))
    aliased = {name: replace(sheet, alias=alias) for (name, sheet), alias in zip(
        sheets.items(), _aliases(source, mapping.site), strict=True)}
    vault.names.update({sheet.file: sheet.alias for sheet in aliased.values()})
    vault.names.update({file.name: f"{mapping.site}-{number}"
                        for number, file in enumerate(source.files, start=1)})
    sniffed = [_nameless(line, sheet) for line, sheet in zip(
        source.sniffed, aliased.values(), strict=False)]
    return replace(source, sheets=aliased, sniffed=tuple(sniffed)), _without_width(mapping)


def _records(source: Source, mapping: SiteMapping) -> Iterator[tuple[str, str, int]]:
    """Yield (sheet, column, width) of every column that holds record numbers."""
    usual = mapping.subject_id
    places = [(block.sheet, block.cells.get("subject_id", usual)) for block in mapping.blocks]
    places += [(redundant.sheet, usual) for redundant in mapping.redundant]
    if mapping.anchor is not None:
        places.append((mapping.anchor.sheet, usual.model_copy(
            update={"field": mapping.anchor.subject or usual.field})))
    for sheet, cell in places:
        if cell.field is not None:
            yield sheet or source.only_sheet() or "", cell.field, cell.width or usual.width


def _aliases(source: Source, site: str) -> Iterator[str]:
    """Yield ``Site-1`` for the first file, ``Site-2[1]`` for the first sheet of a workbook …"""
    files: dict[str, int] = {}
    for sheet in source.sheets.values():
        file = sheet.file.removesuffix(f"[{sheet.name}]")
        before = len(files)
        number = next((place for place, one in enumerate(source.files, start=1)
                       if one.name == file), before + 1)
        files[sheet.file] = number
        inside = f"[{sum(one == number for one in files.values())}]" if sheet.is_workbook else ""
        yield f"{site}-{number}{inside}"


def _nameless(line: str, sheet: Sheet) -> str:
    """Return what was said of a file, with its alias in place of its name."""
    file = sheet.file.removesuffix(f"[{sheet.name}]")
    for before in (f"{file}: ", f"{file}, sheet {sheet.name!r}: "):
        if line.startswith(before):
            return f"{sheet.alias}: {line.removeprefix(before)}"
    return f"{sheet.alias}: read"


def _without_width(mapping: SiteMapping) -> SiteMapping:
    """Return the mapping for identifiers that are whole already."""
    own: Mapping[str, object] = {"width": 0}
    blocks = tuple(
        replace(block, cells={name: cell.model_copy(update=own) if name == "subject_id" else cell
                              for name, cell in block.cells.items()})
        for block in mapping.blocks)
    subject: SubjectId = mapping.subject_id.model_copy(update=own)
    return replace(mapping, subject_id=subject, blocks=blocks)
