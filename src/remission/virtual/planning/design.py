"""What is asked of a trial that is planned: which outcome, which difference, how many children."""

from __future__ import annotations

from dataclasses import dataclass

from remission.days import Duration, parse_duration
from remission.errors import InputError, Problem, did_you_mean, raise_if_any
from remission.virtual.parameters import read_parameters

OUTCOMES = {
    "mrd_clearance": "MRD clearance",
    "efs": "event-free survival",
    "nrm": "non-relapse mortality",
}
"""Outcome → its words."""
OWN = "own"
"""As the historical value: that of the generator."""
TWO_YEARS = Duration(2, "year")
_POINT = 0.01


@dataclass(frozen=True)
class TrialDesign:
    """A trial to be planned; ``difference`` and ``historical`` are shares, ``sizes`` children.

    With ``historical`` all children are in one arm, compared with that value, or with the
    generator's own where it is ``own``; None means two arms of equal size. ``at`` is when
    event-free survival and non-relapse mortality are read.
    """

    like: str
    outcome: str
    difference: float
    sizes: tuple[int, ...]
    historical: float | str | None = None
    at: Duration = TWO_YEARS
    alpha: float = 0.05
    level: float = 0.95
    replicates: int = 1000
    seed: int = 1

    @property
    def has_two_arms(self) -> bool:
        """Whether two arms are compared, and not one with a historical value."""
        return self.historical is None

    def arm_sizes(self, n: int) -> tuple[int, ...]:
        """Return how many of ``n`` children are in each arm."""
        return (n - n // 2, n // 2) if self.has_two_arms else (n,)

    @property
    def measure(self) -> str:
        """The measure in which the difference is asked, in words."""
        words = OUTCOMES[self.outcome]
        return words if self.outcome == "mrd_clearance" else f"{words} at {self.at}"


def read_design(  # noqa: PLR0917 - the options of the command line
    like: str, outcome: str, difference: float, sizes: str, historical: str | None, at: str,
    *, alpha: float, replicates: int, seed: int,
) -> TrialDesign:
    """Return a design from what a person writes: points of a percentage, ``60,80``, ``2 years``.

    Raises :class:`InputError` with everything that is wrong.
    """
    problems: list[Problem] = []
    numbers, value, duration = (
        _sizes(sizes, problems), _historical(historical, problems), _duration(at, problems))
    if outcome not in OUTCOMES:
        problems.append(Problem(f"--outcome {outcome}", "There is no such outcome.", "",
                                did_you_mean(outcome, OUTCOMES)))
    if not -100 < difference < 100 or 0 < abs(difference) < 1:
        problems.append(Problem(
            f"--difference {difference:g}", "A difference is given in percentage points.",
            "It is 0 or from 1 to 99, up or down.",
            "Write 15 for 70 % against 85 %, and -5 for 10 % against 5 %."))
    if not 0 < alpha < 0.5:
        problems.append(Problem(f"--alpha {alpha:g}", "A level lies above 0 and below 0.5.", "",
                                "Usual is 0.05."))
    for option, number, least in (("--replicates", replicates, 20), ("--seed", seed, 0)):
        if number < least:
            problems.append(Problem(f"{option} {number}", f"It is at least {least}.", "",
                                    f"Give {least} or more."))
    try:
        read_parameters(like)
    except InputError as refusal:
        problems.extend(refusal.problems)
    raise_if_any(problems)
    return TrialDesign(like, outcome, difference * _POINT, numbers, value, duration,
                       alpha=alpha, replicates=replicates, seed=seed)


def _sizes(text: str, problems: list[Problem]) -> tuple[int, ...]:
    parts = [part.strip() for part in text.split(",")]
    numbers = [int(part) for part in parts if part.isdecimal()]
    if len(numbers) < len(parts) or min(numbers) < 10:
        problems.append(Problem(f"--n {text}", "Numbers of children, each at least 10, are wanted.",
                                "", "Write them as 60,80,105."))
    return tuple(sorted(set(numbers)))


def _historical(text: str | None, problems: list[Problem]) -> float | str | None:
    if text is None or text == OWN:
        return text
    try:
        value = float(text) * _POINT
    except ValueError:
        value = -1.0
    if not _POINT <= value <= 1 - _POINT:
        problems.append(Problem(
            f"--historical {text}", "A historical value is a percentage from 1 to 99.", "",
            f"Write 70, or '{OWN}' for the value of the study that the children are like."))
    return value


def _duration(text: str, problems: list[Problem]) -> Duration:
    try:
        return parse_duration(text)
    except ValueError as refusal:
        problems.append(Problem(f"--at {text}", str(refusal), "", "Write 2 years, or 12 months."))
        return TWO_YEARS
