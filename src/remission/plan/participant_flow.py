"""The flow of participants: who was registered, treated, evaluable and analysed."""

from __future__ import annotations

from typing import Literal

from remission.plan.words import Name, Title
from remission.toml import Choices


class ParticipantFlow(Choices):
    """Who was registered, treated, evaluable and analysed, step by step: a table that adds up.

    It begins with all children and is not split by groups.
    """

    kind: Literal["participant_flow"] = "participant_flow"
    name: Name | None = None
    title: Title

    @property
    def by(self) -> None:
        """A flow is not split by groups."""

    @property
    def population(self) -> None:
        """A flow begins with all children."""

    @property
    def in_text(self) -> bool:
        """A flow has no sentence."""
        return False

    @property
    def columns(self) -> tuple[str, ...]:
        """A flow reads its own definitions."""
        return ()
