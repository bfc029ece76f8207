"""The outcome of an endpoint for those an analysis is about: who has one, and why others do not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from remission.analyses.grouping import Grouping, Population
from remission.analyses.results import ALL, Base, Result, people
from remission.definitions.cohort import ENDPOINT, Cohort
from remission.definitions.endpoint_events import EVENTS
from remission.statistics import Outcome

_WITHOUT_ORIGIN = {
    "anchor": "without day 0", "transplant": "not transplanted",
    "first_infusion": "without a first infusion", "diagnosis": "without an initial diagnosis",
    "response": "without a remission",
}


@dataclass(frozen=True)
class EndpointQuestion:
    """One endpoint of the plan in one analysis: the outcome of every subject that has one."""

    name: str
    cohort: Cohort
    endpoint: str
    population: Population
    grouping: Grouping | None

    @property
    def column(self) -> str:
        """What the cohort's columns of the endpoint begin with; its variable too."""
        return f"{ENDPOINT}{self.endpoint}"

    @property
    def people(self) -> str:
        """What those it is about are called."""
        return self.population.people

    @property
    def groups(self) -> dict[str, list[int]]:
        """The row indices of each group, or of everyone."""
        if self.grouping is None:
            return {ALL: self.population.indices}
        return self.grouping.members

    @property
    def asked(self) -> list[int]:
        """Everyone in any of the groups."""
        return [index for members in self.groups.values() for index in members]

    def ids(self, indices: Sequence[int]) -> tuple[str, ...]:
        """Return the identifiers of some rows."""
        named = self.cohort.study.subjects
        return tuple(named[index] for index in indices)

    def known(self, indices: Sequence[int]) -> list[int]:
        """Return those of some rows whose outcome is known."""
        status = self.cohort.column(f"{self.column}_status")
        return [index for index in indices if status[index] is not None]

    def outcome(self, indices: Sequence[int]) -> Outcome:
        """Return the outcome of rows whose outcome is known."""
        time = self.cohort.column(f"{self.column}_time")
        status = self.cohort.column(f"{self.column}_status")
        entry = self.entry
        return Outcome([time[i] for i in indices], [status[i] for i in indices],
                       None if entry is None else [entry[i] for i in indices])

    @property
    def entry(self) -> list[Any] | None:
        """When each came under observation; None where all did at the origin."""
        name = f"{self.column}_entry"
        return self.cohort.column(name) if self.cohort.has(name) else None

    def row(self, statistic: str, value: float | None, group: str = ALL, **rest: Any) -> Result:
        """Return a row of the results about the endpoint."""
        return Result(self.name, self.column, statistic, value, group,
                      **rest)

    def refusal(self) -> Result | None:
        """Return the refusal when an event is known without its day, or nobody has an outcome."""
        notes = self.cohort.column(f"{self.column}_note")
        endpoint = self.cohort.plan.endpoints[self.endpoint]
        population = self.population.indices
        undated = {
            event: [index for index in population if notes[index] == event.undated]
            for event in (EVENTS[name] for name in (*endpoint.events, *endpoint.competing))
        }
        found = {event: indices for event, indices in undated.items() if indices}
        if found:
            counts = " and ".join(
                f"{event.label} is recorded for {people(len(indices), self.people)} "
                "without its day" for event, indices in found.items())
            return self.row(
                "refused", None, base=Base(len(population), self.people),
                subjects=self.ids([index for indices in found.values() for index in indices]),
                note=f"{counts[0].upper()}{counts[1:]}, so the time to it cannot be known.",
                method=" ".join(event.cure for event in found))
        if self.grouping is not None and not self.asked:
            return self.row(
                "refused", None, note=f"Nobody is in any of the groups of {self.grouping.label}.",
                method=f"Fill {self.cohort.plan.groups[self.grouping.name].variable}, or name "
                       "its values under levels in the plan.")
        if not self.known(self.asked):
            return self.row(
                "refused", None, note=f"Nobody has a known time for {endpoint.label.lower()}.",
                method="Fill follow_up, and the table of the origin the plan names.")
        return None

    def left_out(self) -> Iterator[Result]:
        """Yield how many subjects have no outcome, for each reason."""
        notes = self.cohort.column(f"{self.column}_note")
        status = self.cohort.column(f"{self.column}_status")
        endpoint = self.cohort.plan.endpoints[self.endpoint]
        reasons: dict[str, list[int]] = {}
        for index in self.asked:
            if status[index] is None:
                reason = notes[index] or _WITHOUT_ORIGIN[endpoint.origin]
                reasons.setdefault(reason, []).append(index)
        for reason, indices in reasons.items():
            yield self.row("unknown", len(indices), level=reason, unit=self.people,
                           note=f"left out: {reason}", subjects=self.ids(indices))
