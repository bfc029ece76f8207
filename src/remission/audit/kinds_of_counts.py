"""Claims about counts: proportions, parts of a whole, patient flow, tables with a P value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from remission.audit.fields import Base, Claim, Count, Label, Number, PValue, Test
from remission.toml import Unfit, refuse

Row = tuple[Annotated[int, Field(ge=0)], ...]


class Proportion(Claim):
    """A count, its base and its percentage; any two of the three, or all."""

    kind: Literal["proportion"] = "proportion"
    count: Count | None = Field(None, description="How many.")
    base: Base | None = Field(None, description="Of how many: a number, or a name of [bases].")
    percent: Number | None = Field(None, description="The percentage as printed, without %.")
    could_be: tuple[Base, ...] = Field(
        (), description="Other bases that may be meant; all bases of the paper when left out.")

    @model_validator(mode="after")
    def _says_two_things(self) -> Proportion:
        if [self.count, self.base, self.percent].count(None) > 1:
            raise Unfit("needs two of count, base and percent",
                        "Write at least two of them, as printed.")
        return self


class Parts(Claim):
    """Parts that make up a whole: their counts, their percentages, or both."""

    kind: Literal["parts"] = "parts"
    parts: tuple[Count, ...] = Field((), description="The counts of the parts.")
    total: Base | None = Field(None, description="The count of the whole.")
    labels: tuple[Label, ...] = Field((), description="What each part is.")
    percents: tuple[Number, ...] = Field((), description="The percentages of the parts.")
    percent_total: Number = Field("100", description="What the percentages should sum to.")
    exhaustive: bool = Field(True, description="false where some may be in no part.")
    exclusive: bool = Field(True, description="false where one may be in several parts.")

    @model_validator(mode="after")
    def _has_parts(self) -> Parts:
        if max(len(self.parts), len(self.percents)) < 2:
            raise Unfit("needs at least two parts",
                        'Write parts = ["27", "27"], percents = ["50", "50"], or both.')
        if self.parts and self.total is None:
            raise Unfit("has parts and no total", 'Write total = "54" there.')
        sizes = {len(given) for given in (self.parts, self.percents, self.labels) if given}
        if len(sizes) > 1:
            raise Unfit("has lists of different lengths",
                        "Write one item a part in parts, percents and labels.")
        return self


class Flow(Claim):
    """How patients pass from each node to the next: every split conserves them."""

    kind: Literal["flow"] = "flow"
    nodes: Mapping[Label, Count] = Field(description="The printed count of each node.")
    splits: Mapping[Label, tuple[Label, ...]] = Field(
        description="The nodes into which each node splits, each patient into one.")

    @model_validator(mode="after")
    def _splits_name_nodes(self) -> Flow:
        refuse((("splits", node), Unfit(
            f"names {name!r}, which is no node", "Write its count under nodes."))
            for node, into in self.splits.items() for name in (node, *into)
            if name not in self.nodes)
        return self


class Contingency(Claim):
    """Counts of groups (rows) by categories (columns), and the P value printed for them."""

    kind: Literal["contingency"] = "contingency"
    counts: tuple[Row, ...] = Field((), description="One row a group, one column a category.")
    events: tuple[Count, ...] = Field(
        (), description="In place of counts: those with the event in each group.")
    bases: tuple[Base, ...] = Field((), description="With events: the size of each group.")
    could_be: tuple[tuple[Base, ...], ...] = Field(
        (), description="With events: other sizes of the groups that may be meant.")
    rows: tuple[Label, ...] = Field((), description="What each row is.")
    columns: tuple[Label, ...] = Field((), description="What each column is.")
    ordered: Literal["none", "rows", "columns", "both"] = Field(
        "none", description="What stands in a natural order, such as grades.")
    p: PValue | None = Field(None, description="The P value as printed.")
    statistic: Number | None = Field(None, description="The printed statistic, such as χ².")
    tests: tuple[Test, ...] = Field(
        (), description="The tests that the paper names for it; all usual ones when left out.")
    paired: bool = Field(False, description="true where both looks are at the same patients.")

    @model_validator(mode="after")
    def _is_a_table(self) -> Contingency:
        if bool(self.counts) == bool(self.events):
            raise Unfit("needs either counts or events",
                        "Write counts = [[8, 34], [7, 2]], or events and bases.")
        if len(self.bases) != len(self.events):
            raise Unfit("needs one base for each of events", 'Write bases = ["42", "9"].')
        widths = {len(row) for row in self.counts}
        if len(widths) > 1 or widths & {0, 1} or len(self.counts or self.events) < 2:
            raise Unfit("needs two or more rows, and two or more columns in each",
                        "Write every row with the same number of counts.")
        for name, size in (("rows", len(self.counts or self.events)),
                           ("columns", len(self.counts[0]) if self.counts else 2)):
            if getattr(self, name) and len(getattr(self, name)) != size:
                raise Unfit(f"has {size} {name} and {len(getattr(self, name))} labels",
                            f"Write one label for each of the {name}.")
        return self


class Interval(Claim):
    """A confidence interval with its estimate, and the counts behind it if they are printed."""

    kind: Literal["interval"] = "interval"
    estimate: Number = Field(description="The estimate as printed.")
    lower: Number = Field(description="The lower bound as printed.")
    upper: Number = Field(description="The upper bound as printed.")
    level: Number | None = Field(None, description="The confidence level in percent, if printed.")
    count: Count | None = Field(None, description="How many, where it is of a proportion.")
    base: Base | None = Field(None, description="Of how many, where it is of a proportion.")
    method: Literal["wilson", "clopper-pearson", "wald"] | None = Field(
        None, description="The method that the paper names.")
    could_belong_to: tuple[Number, ...] = Field(
        (), description="Other printed estimates whose interval it may be.")
