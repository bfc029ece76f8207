"""Claims about estimates: ratios, survival, strata, summaries and curves."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from remission.audit.fields import Base, Claim, Count, Label, Number, PValue, Text
from remission.toml import Choices, Unfit


class Ratio(Claim):
    """An odds, hazard or risk ratio with its interval and its P value."""

    kind: Literal["ratio"] = "ratio"
    measure: Literal["OR", "HR", "RR"] = Field(description="Which ratio it is.")
    estimate: Number = Field(description="The ratio as printed.")
    lower: Number | None = Field(None, description="The lower bound as printed.")
    upper: Number | None = Field(None, description="The upper bound as printed.")
    level: Number = Field("95", description="The confidence level in percent.")
    p: PValue | None = Field(None, description="The P value as printed.")
    method: Literal["wald", "other"] | None = Field(
        None, description="wald: an interval even on the log scale, as regression programs give.")


class Survival(Claim):
    """A survival estimate at a time, in percent, with standard error, interval or size."""

    kind: Literal["survival"] = "survival"
    estimate: Number = Field(description="Survival in percent as printed.")
    se: Number | None = Field(None, description="Its standard error in percent points.")
    lower: Number | None = Field(None, description="The lower bound in percent.")
    upper: Number | None = Field(None, description="The upper bound in percent.")
    level: Number = Field("95", description="The confidence level in percent.")
    n: Base | None = Field(None, description="How many the curve begins with.")
    events: Count | None = Field(None, description="Events until then, if printed.")
    at: Text = Field("", description="The time, such as 1 year.")
    could_be: tuple[Base, ...] = Field(
        (), description="Other sizes that may be meant; all bases of the paper when left out.")


class Stratum(Choices):
    """One group, or all of them together."""

    label: Label = Field(description="Who it is.")
    estimate: Number = Field(description="The estimate as printed.")
    n: Base | None = Field(None, description="How many they are.")


class Strata(Claim):
    """An estimate of everyone against the estimates of the groups that make them up."""

    kind: Literal["strata"] = "strata"
    quantity: Literal["percent", "survival", "mean"] = Field(
        description="percent and mean are averages exactly; survival may be censored.")
    total: Stratum = Field(description="Everyone together.")
    strata: Annotated[tuple[Stratum, ...], Field(min_length=2)] = Field(
        description="The groups, each patient in one.")
    censored: bool = Field(True, description="false where nobody was censored before that time.")


class Group(Choices):
    """The summary of one group, as far as it is printed."""

    label: Label = Field("all", description="Who it is.")
    n: Base | None = Field(None, description="How many.")
    mean: Number | None = Field(None, description="The mean.")
    sd: Number | None = Field(None, description="The standard deviation.")
    se: Number | None = Field(None, description="The standard error of the mean.")
    median: Number | None = Field(None, description="The median.")
    minimum: Number | None = Field(None, description="The smallest value.")
    maximum: Number | None = Field(None, description="The largest value.")
    q1: Number | None = Field(None, description="The lower quartile.")
    q3: Number | None = Field(None, description="The upper quartile.")


class Summary(Claim):
    """Mean, SD, median or range, of one group or of several that are compared."""

    kind: Literal["summary"] = "summary"
    groups: Annotated[tuple[Group, ...], Field(min_length=1)] = Field(
        description="The groups, or one.")
    total: Group | None = Field(None, description="Everyone: the groups taken together.")
    partition: bool = Field(True, description="false where the groups do not make up the total.")
    values: Literal["any", "whole", "yes-no"] = Field(
        "any", description="whole: each value is a whole number; yes-no: each is 0 or 1.")
    p: PValue | None = Field(None, description="The P value that compares the means.")
    test: Literal["t", "welch", "anova"] | None = Field(
        None, description="The test that the paper names; Student's and Welch's when left out.")


class CurveGroup(Choices):
    """The printed points of one curve."""

    label: Label = Field(description="Who it is.")
    times: Annotated[tuple[float | int, ...], Field(min_length=1)] = Field(
        description="The times of the points, rising.")
    survival: Annotated[tuple[Number, ...], Field(min_length=1)] = Field(
        description="Survival in percent at these times.")
    risk_times: Annotated[tuple[float | int, ...], Field(min_length=1)] = Field(
        description="The times of the numbers at risk, the first is 0.")
    at_risk: Annotated[tuple[Count, ...], Field(min_length=1)] = Field(
        description="The numbers at risk at these times.")
    events: Count | None = Field(
        None, description="All events of the group, later ones too, if printed.")

    @model_validator(mode="after")
    def _lists_match(self) -> CurveGroup:
        for times, values in (("times", "survival"), ("risk_times", "at_risk")):
            if len(getattr(self, times)) != len(getattr(self, values)):
                raise Unfit(f"has {times} and {values} of different lengths",
                            f"Write one of {values} for each of {times}.")
            if list(getattr(self, times)) != sorted(set(getattr(self, times))):
                raise Unfit(f"has {times} that do not rise", "Write each time once, in order.")
        if self.risk_times[0] != 0:
            raise Unfit("has no number at risk at time 0", "Begin risk_times with 0.")
        return self


class Curve(Claim):
    """Points of Kaplan–Meier curves and numbers at risk, from which patients are rebuilt."""

    kind: Literal["curve"] = "curve"
    groups: Annotated[tuple[CurveGroup, ...], Field(min_length=1)] = Field(
        description="The curves.")
    unit: Text = Field("", description="The unit of the times.")
    p: PValue | None = Field(None, description="The printed P value of the log-rank test.")
    hr: Number | None = Field(None, description="The printed hazard ratio, first against second.")
    hr_lower: Number | None = Field(None, description="Its lower 95% bound.")
    hr_upper: Number | None = Field(None, description="Its upper 95% bound.")
