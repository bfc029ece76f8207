"""Study: the tables as recorded, joined by subject, and the plan that says what is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from remission.plan import Plan
from remission.records.storage import Frame, Lazy, empty_frame
from remission.records.tables import TABLES


@dataclass(frozen=True)
class InputFile:
    """A file the study was read from, with the fingerprint of its bytes."""

    name: str
    sha256: str


@dataclass(frozen=True)
class Study:
    """The records of a study: one frame a declared table, time as whole days from the anchor.

    ``tables`` may lack any table but ``subject``; :meth:`table` then gives an empty one.
    ``inputs`` are the files read, ``notes`` what the reader has to be told.
    """

    plan: Plan
    tables: Mapping[str, Frame]
    inputs: tuple[InputFile, ...] = ()
    notes: tuple[str, ...] = field(default_factory=tuple)

    def table(self, name: str) -> Frame:
        """Return a table by name; without rows where the study does not have it.

        Raises ``KeyError`` for a name that is not a table of the data model.
        """
        declared = TABLES[name]
        return self.tables[name] if name in self.tables else empty_frame(declared)

    def lazy(self, name: str) -> Lazy:
        """Return a table as definitions read it: lazily, on the engine the study is placed on."""
        return self.table(name).lazy()

    def has(self, name: str) -> bool:
        """Return whether a table holds at least one row."""
        return name in self.tables and len(self.tables[name]) > 0

    @cached_property
    def subjects(self) -> tuple[str, ...]:
        """The identifiers of all subjects, in the order of the subject table."""
        return tuple(self.table("subject")["subject_id"].to_list())

    @cached_property
    def site_of(self) -> Mapping[str, str]:
        """Subject → centre."""
        subject = self.table("subject")
        pairs = zip(subject["subject_id"].to_list(), subject["site_id"].to_list(), strict=True)
        return MappingProxyType(dict(pairs))
