"""What never leaves the centre: the secret key, and which record is which child of the study."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import polars as pl

from remission.errors import InputError, Problem
from remission.files import safe_name
from remission.sources.distinct import by_value

KEY_FILE, LINKS, NAMES = "secret.key", "links", "names"
MOST_SHIFTED = 182
"""Days by which the dates of a child are moved at most, backwards or forwards."""

DATES = pl.Schema({"subject_id": pl.String, "table": pl.String, "column": pl.String,
                   "source": pl.String, "date": pl.String})
"""One calendar date a row (YYYY-MM-DD, or as much of it as is known), kept nowhere else."""

_KEY_BYTES = 32
_CODE_BYTES = 10


@dataclass
class Vault:
    """The vault of a study folder as an import finds it; ``folder`` is None where there is none.

    ``links`` says which record of the centre is which child of the study; ``names`` which file and
    sheet stands behind an alias. What an import adds, and a key that is made for it, are written
    with the import and not before.
    """

    folder: Path | None
    site: str
    links: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    @cached_property
    def key(self) -> bytes:
        """The key of the study; a new one where the vault has none yet.

        Raises :class:`InputError` where its file was changed.
        """
        path = self.folder / KEY_FILE if self.folder is not None else None
        if path is None or not path.exists():
            return secrets.token_bytes(_KEY_BYTES)
        try:
            found = bytes.fromhex(path.read_text(encoding="ascii"))
        except ValueError:
            found = b""
        if len(found) != _KEY_BYTES:
            raise InputError(Problem(
                f"vault/{KEY_FILE}", "The key of this study cannot be read.",
                "Another key would give the children other identifiers and other dates.",
                "Put back the file as it was."))
        return found

    @property
    def has_used_key(self) -> bool:
        """Whether the key was asked for, so that it must be kept."""
        return "key" in vars(self)

    def shifts(self, subjects: pl.Series) -> pl.Series:
        """Return by how many days the dates of each subject are moved: the same for all of them."""
        return by_value(subjects, self._shift, pl.Int64)

    def _shift(self, subject: str) -> int:
        return self._number(subject, 8) % (2 * MOST_SHIFTED + 1) - MOST_SHIFTED

    def _number(self, text: str, length: int) -> int:
        return int.from_bytes(hmac.new(self.key, text.encode(), hashlib.sha256).digest()[:length])

    def numbered(self, records: pl.Series, prefix: str) -> pl.Series:
        """Return identifiers ``PREFIX-001`` counted in the order in which the records come."""
        number = max((int(known.rpartition("-")[2]) for known in self.links.values()
                      if known.rpartition("-")[2].isdecimal()), default=0)
        for record in records.drop_nulls().unique(maintain_order=True):
            if record not in self.links:
                number += 1
                self.links[record] = f"{prefix}-{number:03d}"
        return by_value(records, self.links.get, pl.String)

    def keyed(self, records: pl.Series, prefix: str) -> pl.Series:
        """Return identifiers made from the records by the key: the same in every import."""
        for record in records.drop_nulls().unique(maintain_order=True):
            code = hmac.new(self.key, record.encode(), hashlib.sha256).digest()[:_CODE_BYTES]
            self.links[record] = f"{prefix}-{base64.b32encode(code).decode()}"
        return by_value(records, self.links.get, pl.String)

    @property
    def has_anything(self) -> bool:
        """Whether the import gives the vault anything besides dates."""
        return self.has_used_key or bool(self.links)

    def write(self, folder: Path) -> None:
        """Write the key, the links and the names, where they were used, into a staged folder."""
        if self.has_used_key:
            _write(folder / KEY_FILE, self.key.hex())
        for name, table, heads in ((LINKS, self.links, ("record", "subject_id")),
                                   (NAMES, self.names, ("name", "alias"))):
            if table:
                rows = pl.DataFrame([list(table), list(table.values())], schema=heads)
                _write(folder / name / f"{safe_name(self.site)}.csv", rows.write_csv())


def open_vault(folder: Path | None, site: str) -> Vault:
    """Return the vault of a study folder for one centre.

    Raises :class:`InputError` where the links of the centre were changed.
    """
    path = folder / LINKS / f"{safe_name(site)}.csv" if folder is not None else None
    if path is None or not path.exists():
        return Vault(folder, site)
    try:
        known = pl.read_csv(path, infer_schema=False).select("record", "subject_id").drop_nulls()
    except (pl.exceptions.PolarsError, OSError):
        raise InputError(Problem(
            f"vault/{LINKS}/{path.name}", "Which record is which child cannot be read.",
            "The children would get other identifiers.", "Put back the file as it was.")) from None
    return Vault(folder, site, dict(known.iter_rows()))


def dated(
    subjects: pl.Series, table: str, column: str, sources: pl.Series, dates: pl.Series
) -> pl.DataFrame:
    """Return the dates of one column as rows of the vault."""
    return pl.select(
        subject_id=subjects, table=pl.lit(table), column=pl.lit(column), source=sources,
        date=dates).cast(DATES) if len(subjects) else pl.DataFrame(schema=DATES)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    path.chmod(0o600)
