"""The events an endpoint may name: where each is found, and when it cannot be known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import narwhals.stable.v2 as nw

from remission.definitions.absence import NOT_ASKED, with_none_known
from remission.definitions.cycle_response import NO_MARROW
from remission.definitions.definition import REGISTRY
from remission.definitions.inputs import Lazy, frame_for, settled
from remission.definitions.relapse import NO_DAY_OF_RELAPSE, first_relapses
from remission.definitions.responder import NOT_EVALUABLE, NOTHING_TO_RESPOND
from remission.definitions.response import NO_INFUSION
from remission.definitions.transplant import index_grafts
from remission.plan import Endpoint
from remission.records.column import SOURCE
from remission.records.once import kept
from remission.records.study import Study

NOT_DEAD_WITH_DAY = "not recorded as dead, but with a day of death"
NO_DAY_OF_DEATH = "death known without its day"
_ON_THE_DAY_OF_THE_GRAFT = 0.5


@dataclass(frozen=True)
class EventSource:
    """Where an event is found.

    ``first`` takes the study, the origins and the endpoint and returns, for subjects with
    something to say, ``subject_id, time, row, note``: days after the origin, the deciding row, and
    why the event cannot be known. ``undated`` is the note of an event known without its day,
    ``cure`` what makes it usable. After an event that ``ends`` everything no other event can come.
    ``reference`` and ``evidence`` say on whose word it is an event, where a paper introduced it.
    """

    label: str
    words: str
    first: Callable[[Study, Lazy, Endpoint], Lazy]
    undated: str
    cure: str
    ends: bool = False
    reference: str = ""
    evidence: str = ""


def _death(study: Study, origins: Lazy, _: Endpoint) -> Lazy:
    """Return death on or after the origin, or why it cannot be told."""
    needs = ("follow_up.vital_status", "follow_up.death_day")
    status = nw.col("vital_status")
    time = nw.col("death_day") - nw.col("origin")
    is_dead = status == "DEAD"
    return frame_for(study, "follow_up", needs).join(origins, on="subject_id").select(
        "subject_id",
        nw.when(is_dead & (time >= 0)).then(time).alias("time"),
        nw.col(SOURCE).alias("row"),
        nw.when(is_dead & nw.col("death_day").is_null()).then(nw.lit(NO_DAY_OF_DEATH))
        .when(status.is_null()).then(nw.lit("vital status is not recorded"))
        .when(~is_dead & ~nw.col("death_day").is_null()).then(nw.lit(NOT_DEAD_WITH_DAY))
        .alias("note"),
    )


def _death_without_relapse(study: Study, origins: Lazy, endpoint: Endpoint) -> Lazy:
    """Return death with no relapse before it or on its day, or why it cannot be told.

    Counted from the transplant, a death on its day comes at half a day: it is an event after it.
    """
    relapsed = _relapse(study, origins, endpoint).select(
        "subject_id", nw.col("time").alias("relapse_time"))
    on_the_day = nw.col("time").cast(nw.Float64)
    if study.plan.origin_of(endpoint) == "transplant":
        on_the_day = nw.when(nw.col("time") == 0).then(
            nw.lit(_ON_THE_DAY_OF_THE_GRAFT)).otherwise(on_the_day)
    relapsed_first = (nw.col("relapse_time") <= nw.col("time")).fill_null(value=False)
    return _death(study, origins, endpoint).join(
        relapsed, on="subject_id", how="left",
    ).with_columns(time=nw.when(~relapsed_first).then(on_the_day)).drop("relapse_time")


def _relapse(study: Study, origins: Lazy, _: Endpoint) -> Lazy:
    """Return the first relapse after the origin, or why it cannot be told."""
    needs = ("disease_episode.phase", "disease_episode.start_day")
    relapses = frame_for(study, "disease_episode", needs).filter(
        nw.col("phase") == "RELAPSE").join(origins, on="subject_id").with_columns(
        time=nw.col("start_day") - nw.col("origin"))
    after = relapses.filter((nw.col("time") > 0) | nw.col("time").is_null())
    return _asked(study, origins, "RELAPSE").join(
        first_relapses(after), on="subject_id", how="left",
    ).select(
        "subject_id",
        nw.when(~nw.col("undated")).then(nw.col("time")).alias("time"),
        "row",
        nw.when(nw.col("undated")).then(nw.lit(NO_DAY_OF_RELAPSE))
        .when(nw.col("row").is_null() & ~nw.col("none_known"))
        .then(nw.lit(f"relapse: {NOT_ASKED}")).alias("note"),
    )


def _second_malignancy(study: Study, origins: Lazy, _: Endpoint) -> Lazy:
    """Return the second malignancy after the origin, or that nobody asked for one."""
    followed = frame_for(study, "follow_up", ("follow_up.second_malignancy_day",)).select(
        "subject_id", "second_malignancy_day", nw.col(SOURCE).alias("row"))
    time = nw.col("second_malignancy_day") - nw.col("origin")
    is_after = (time > 0).fill_null(value=False)
    return _asked(study, origins, "SECOND_MALIGNANCY").join(
        followed, on="subject_id", how="left",
    ).select(
        "subject_id",
        nw.when(is_after).then(time).alias("time"),
        "row",
        nw.when(~is_after & ~nw.col("none_known"))
        .then(nw.lit(f"second malignancy: {NOT_ASKED}")).alias("note"),
    )


def _no_response(study: Study, origins: Lazy, endpoint: Endpoint) -> Lazy:
    """Return a missing response: at time zero, or on the day of the marrow that showed it.

    Children without an evaluable marrow have no such event: what else came of them decides.
    """
    found = _values(study, "responder")
    failed = (nw.col("value") == "N") & (
        nw.col("how").is_null() | (nw.col("how") != NOT_EVALUABLE))
    time = nw.col("day") - nw.col("origin")
    if endpoint.no_response_at == "time_zero":
        time = nw.lit(0)
    return _told_by_marrows(origins, found, failed, time, NOTHING_TO_RESPOND)


def _mrd_response(study: Study, origins: Lazy, _: Endpoint) -> Lazy:
    """Return the first MRD-negative remission after the origin, or why it cannot be told.

    Children without an evaluable marrow have no such event: what else came of them decides.
    """
    time = nw.col("day") - nw.col("origin")
    return _told_by_marrows(origins, _values(study, "best_mrd_response"), nw.col("value") == "Y",
                            time, NO_MARROW)


def _told_by_marrows(
    origins: Lazy, found: Lazy, is_event: nw.Expr, time: nw.Expr, is_none: str
) -> Lazy:
    """Return an event of the marrows after the origin, at a time, or why it cannot be told.

    A child whose value is not known with the note ``is_none`` has no such event.
    """
    untold = nw.col("value").is_null() & (nw.col("note").is_null() | (nw.col("note") != is_none))
    return origins.join(found, on="subject_id", how="left").select(
        "subject_id",
        nw.when(is_event.fill_null(value=False) & (nw.col("day") > nw.col("origin"))).then(time)
        .alias("time"),
        nw.col("source").alias("row"),
        nw.when(untold.fill_null(value=False))
        .then(nw.coalesce(nw.col("note"), nw.lit(NO_INFUSION))).alias("note"))


def _after_graft(name: str, undated: str, *met: str) -> Callable[[Study, Lazy, Endpoint], Lazy]:
    """Return the source of an outcome whose definition counts days from the index graft.

    The event is a value among ``met``.
    """

    def first(study: Study, origins: Lazy, _: Endpoint) -> Lazy:
        definition = REGISTRY[name]
        found = _values(study, name)
        if definition.grain == "transplant":
            index = index_grafts(frame_for(study, "transplant", ("transplant.day",))).select(
                "subject_id", "transplant_no")
            found = index.join(found, on=["subject_id", "transplant_no"])
        is_met = nw.col("value").is_in(met)
        return origins.join(found, on="subject_id", how="left").select(
            "subject_id",
            nw.when(is_met).then(nw.col("day")).alias("time"),
            nw.col("source").alias("row"),
            nw.when(is_met & nw.col("day").is_null()).then(nw.lit(undated))
            .when(nw.col("value").is_null() & (nw.col("note") != NOT_ASKED))
            .then(nw.col("note"))
            .when(nw.col("value").is_null()).then(nw.lit(f"{definition.label}: {NOT_ASKED}"))
            .alias("note"))

    return first


def _values(study: Study, name: str) -> Lazy:
    """Return what a definition gives; several endpoints of a plan ask for the same ones."""
    return kept(study, (_values, name), lambda: settled(REGISTRY[name].derive(study)))


def _asked(study: Study, origins: Lazy, form: str) -> Lazy:
    """Return the origins with whether no record of an event means that there was none."""
    forms = frame_for(study, "form_status", ("form_status.status",))
    return with_none_known(origins, forms, form, study.plan)


def _outcome_after_graft(
    name: str, label: str, *met: str, reference: str = "", evidence: str = ""
) -> EventSource:
    """Return the event of an outcome after the graft."""
    undated = f"{label} known without its day"
    return EventSource(
        label, label, _after_graft(name, undated, *met), undated,
        f"Record the day of {label}, in the table of its rule ({name}).",
        reference=reference, evidence=evidence)


EVENTS: dict[str, EventSource] = {
    "death": EventSource(
        "death", "death from any cause", _death, NO_DAY_OF_DEATH,
        "Record the day of death (follow_up.death_day).", ends=True),
    "relapse": EventSource(
        "relapse", "relapse", _relapse, NO_DAY_OF_RELAPSE,
        "Record the day of relapse (disease_episode.start_day)."),
    "second_malignancy": EventSource(
        "second malignancy", "second malignancy", _second_malignancy,
        "second malignancy known without its day",
        "Record the day of the second malignancy (follow_up.second_malignancy_day)."),
    "no_response": EventSource(
        "no response", "no response to blinatumomab", _no_response,
        "no response known without its day", "Record the day of the marrow (assessment.day).",
        reference="no response as an event: Locatelli 2021, JAMA 325:843, doi "
                  "10.1001/jama.2021.0987", evidence="V"),
    "mrd_response": EventSource(
        "MRD-negative remission", "MRD-negative remission", _mrd_response,
        "MRD-negative remission known without its day",
        "Record the day of the marrow (assessment.day)."),
    "death_without_relapse": EventSource(
        "death without relapse", "death without relapse before it or on its day",
        _death_without_relapse, NO_DAY_OF_DEATH,
        "Record the day of death (follow_up.death_day).", ends=True),
    "acute_gvhd": _outcome_after_graft("acute_gvhd", "acute GVHD", "Y"),
    "acute_gvhd_2_4": _outcome_after_graft("acute_gvhd_2_4", "acute GVHD grade II–IV", "Y"),
    "acute_gvhd_3_4": _outcome_after_graft("acute_gvhd_3_4", "acute GVHD grade III–IV", "Y"),
    "chronic_gvhd": _outcome_after_graft("chronic_gvhd", "chronic GVHD", "Y"),
    "chronic_gvhd_moderate_severe": _outcome_after_graft(
        "chronic_gvhd_moderate_severe", "moderate or severe chronic GVHD", "Y"),
    "chronic_gvhd_systemic": _outcome_after_graft(
        "chronic_gvhd_systemic", "chronic GVHD with systemic treatment", "Y",
        reference="chronic GVHD with systemic treatment as an event: Holtan 2015, Blood 125:1333, "
                  "doi 10.1182/blood-2014-10-609032", evidence="V"),
    "chronic_gvhd_severe": _outcome_after_graft(
        "chronic_gvhd_severity", "severe chronic GVHD", "SEVERE",
        reference="severe chronic GVHD as an event: Ruggeri 2016, Bone Marrow Transplant",
        evidence="M"),
    "neutrophil_recovery": _outcome_after_graft(
        "neutrophil_recovery", "neutrophil recovery", "Y"),
    "platelet_recovery": _outcome_after_graft("platelet_recovery", "platelet recovery", "Y"),
}
