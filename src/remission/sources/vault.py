"""What never leaves the centre: the secret key, and which record is which child of the study."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import polars as pl

from remission.errors import InputError, Problem
from remission.sources.distinct import by_value

KEY_FILE, LINKS = "secret.key", "links"
MOST_SHIFTED = 182
"""Days by which the dates of a child are moved at most, backwards or forwards."""

_KEY_BYTES = 32


@dataclass
class Vault:
    """The vault of a study folder as an import finds it; ``folder`` is None where there is none.

    ``links`` holds (record, study identifier) of one centre; what an import adds to it, and a key
    that is made for it, are written with the import and not before.
    """

    folder: Path | None
    site: str
    links: dict[str, str] = field(default_factory=dict)

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

    def write(self, folder: Path) -> None:
        """Write the key and the links, where they were used, into a folder being staged."""
        if self.has_used_key:
            _write(folder / KEY_FILE, self.key.hex())


def open_vault(folder: Path | None, site: str) -> Vault:
    """Return the vault of a study folder for one centre."""
    return Vault(folder, site)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    path.chmod(0o600)
