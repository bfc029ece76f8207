"""What happened to virtual children up to the end of follow-up, without the rows that record it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from remission.virtual.course import Course, draw_course
from remission.virtual.parameters import Parameters
from remission.virtual.people import People, draw_people
from remission.virtual.stream import Stream
from remission.virtual.toxicity import draw_syndromes
from remission.virtual.treatment import Cycles, Treatment, draw_treatment

Streams = Callable[[str], Stream]
"""The stream of a chapter; asked again, it goes on where it was."""


@dataclass(frozen=True)
class Children:
    """A block of children (n,): who they are, their cycles and what came after."""

    parameters: Parameters
    people: People
    treatment: Treatment
    course: Course

    @property
    def cycles(self) -> Cycles:
        """The cycles of the block."""
        return self.treatment.cycles

    @property
    def asks_for(self) -> str:
        """What the study calls a success."""
        return str(self.parameters.value("response.asks_for"))


def streams_of(*, seed: int, replicate: int, block: int) -> Streams:
    """Return the streams of a block of a replicate, each begun when it is first asked for."""
    return cache(lambda chapter: Stream(chapter, seed, replicate, block))


def draw_children(parameters: Parameters, stream: Streams, n: int) -> Children:
    """Return ``n`` children.

    Transplants, laboratory and signs have draws of their own, which change nothing here: who
    needs only the course leaves them out.
    """
    people = draw_people(parameters, stream("people"), n)
    syndromes = draw_syndromes(parameters, stream("toxicity"), people)
    treatment = draw_treatment(parameters, stream("treatment"), people, syndromes)
    course = draw_course(parameters, stream("course"), people, treatment)
    return Children(parameters, people, treatment, course)
