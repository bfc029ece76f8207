"""An exposure during follow-up: the table of comparisons, the curves, and why the naive differs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from remission.analyses.exposed import ADJUSTED, NAIVE, TIME_DEPENDENT, firth
from remission.analyses.landmarks import landmark_groups, landmark_name
from remission.analyses.results import ALL, Results
from remission.analyses.time_dependent import naive_names
from remission.definitions.cohort import Cohort
from remission.definitions.endpoints import origin_of
from remission.plan import TimeDependent
from remission.report import formats
from remission.report.asking import Asking, Places, live, sentences
from remission.report.lines import figure_of_curves
from remission.report.parts import Part
from remission.report.spans import Cell, Number, Span, address
from remission.report.table_parts import Head, Row, Table
from remission.report.tables.risk_factors import ratio_text, ratio_with_interval

_ON_THE_CURVE = ("axis_end", "unknown")


def parts_of_time_dependent(asking: Asking[TimeDependent], places: Places) -> Iterator[Part]:
    """Yield the comparisons, the curves of states and from landmarks, the naive ones beside."""
    analysis, plan = asking.analysis, asking.plan
    number = places.table()
    here = f"t{number}"
    heads = (Head(_people(asking)), Head("Exposed"), Head("Events", "exposed/all"),
             Head("HR", f"{analysis.confidence} CI"), Head("P"))
    yield Table(here, number, analysis.title,
                f"{analysis.exposed_label} against {analysis.unexposed_label}", heads,
                tuple(_rows(asking, here)), sentences(*_note(asking, here)))
    states = (analysis.unexposed_label, analysis.exposed_label)
    yield figure_of_curves(
        _of(asking.rows, (*states, TIME_DEPENDENT)), analysis, places.figure(), plan)
    yield from _from_landmarks(asking, places)
    names = naive_names(asking.cohort, analysis)
    naive = figure_of_curves(
        _of(asking.rows, (*names, NAIVE)), analysis, places.figure(), plan,
        title=f"{analysis.title}: the naive comparison, for contrast only")
    warning = (span for sentence in _why_naive_differs(asking, naive.address)
               for span in (*sentence, " "))
    yield replace(naive, note=(*warning, *naive.note))


def _from_landmarks(asking: Asking[TimeDependent], places: Places) -> Iterator[Part]:
    """Yield the curves from each landmark at which somebody was still followed."""
    analysis = asking.analysis
    for time in analysis.landmark_times:
        names = landmark_groups(analysis, time)
        test = asking.rows.select(group=landmark_name(time), statistic="p")
        rows = Results((*_of(asking.rows, names), *test))
        if any(row.value for row in rows.select(statistic="n", group=names)):
            drawn = figure_of_curves(rows, analysis, places.figure(), asking.plan,
                                     title=f"{analysis.title}: from a landmark at {time}")
            yield replace(drawn, x_label=f"{analysis.unit.capitalize()} from the landmark at "
                                         f"{time}")


def _people(asking: Asking[TimeDependent]) -> str:
    return formats.capital(str(asking.rows.select(statistic="compared_n")[0].unit))


def _of(rows: Results, groups: tuple[str, ...]) -> Results:
    """Return the rows of one figure: of its groups, and of everyone."""
    return Results(row for row in rows if row.group in groups or (
        row.group == ALL and row.statistic in _ON_THE_CURVE))


def _rows(asking: Asking[TimeDependent], here: str) -> Iterator[Row]:
    yield _row(asking, here, TIME_DEPENDENT, "Time-dependent Cox regression")
    yield _penalised(asking, here, TIME_DEPENDENT)
    yield _test(asking, here, TIME_DEPENDENT, "Mantel–Byar test", "mantel-byar")
    if asking.analysis.adjust:
        names = " and ".join(formats.in_sentence(
            factor.label or asking.cohort.variables[factor.name].label)
            for factor in asking.analysis.adjust)
        yield _row(asking, here, ADJUSTED, f"Adjusted for {names}")
        yield _penalised(asking, here, ADJUSTED)
    for time in asking.analysis.landmark_times:
        group, label = landmark_name(time), f"From a landmark at {time}"
        if asking.rows.find(statistic="compared_n", group=group) is None:
            yield Row(label, ("", "", "", formats.EN_DASH, ""))
            continue
        yield _row(asking, here, group, label)
        yield _test(asking, here, group, "log-rank test", f"{group}-log-rank")
    yield _row(asking, here, NAIVE, "Naive: ever against never (biased)")


def _penalised(asking: Asking[TimeDependent], here: str, group: str) -> Row:
    ratio = _ratio(asking, here, firth(group))
    return Row("penalised (Firth)", ("", "", "", *ratio), is_level=True)


def _test(
    asking: Asking[TimeDependent], here: str, group: str, label: str, name: str
) -> Row:
    test = asking.rows.one(statistic="p", group=group)
    return Row(label, ("", "", "", "", Number(
        asking.p_value(test), address(here, name), (test,))), is_level=True)


def _row(asking: Asking[TimeDependent], here: str, group: str, label: str) -> Row:
    found = asking.rows.select(group=group)
    counts: list[Cell] = [
        Number(str(row.value), address(here, group, statistic), (row,))
        for statistic in ("compared_n", "compared_exposed")
        for row in [found.one(statistic=statistic)]]
    some, every = (found.one(statistic=name)
                   for name in ("compared_events_exposed", "compared_events"))
    counts.append(Number(f"{some.value}/{every.value}", address(here, group, "events"),
                         (some, every)))
    return Row(label, (*counts, *_ratio(asking, here, group)))


def _ratio(asking: Asking[TimeDependent], here: str, group: str) -> tuple[Cell, Cell]:
    found = asking.rows.select(group=group)
    rows = tuple(found.one(statistic=name)
                 for name in ("ratio", "ratio_lower", "ratio_upper", "ratio_p"))
    return (Number(ratio_text(found), address(here, group, "ratio"), rows),
            Number(asking.p_value(rows[3]), address(here, group, "p"), (rows[3], rows[0])))


def _note(asking: Asking[TimeDependent], here: str) -> Iterator[tuple[Span, ...]]:
    analysis, rows = asking.analysis, asking.rows
    label = formats.in_sentence(asking.plan.endpoints[analysis.endpoint].label)
    yield (f"HR: hazard ratio for {label} from {origin_of(asking.plan, analysis.endpoint)}, "
           f"{analysis.exposed_label} against {analysis.unexposed_label}; ties: Efron; Wald "
           "intervals, Firth's by profile penalised likelihood.",)
    yield ("Time counts as exposed from the day after the exposure; an event on its day belongs to "
           "the time before.",)
    yield from _why_naive_differs(asking, here)
    for row in rows.select(statistic="one_sided"):
        yield (f"{row.level}: ", live(formats.people(int(row.number), row.unit), row, at=here),
               f", {row.note}.")
    for row in rows.select(statistic="landmark_left_out"):
        count = live(formats.people(int(row.number), row.unit), row, at=here)
        yield (f"{row.group.capitalize()}: ", count, f" left out ({row.note}).")
    for row in rows.select(statistic="ratio"):
        if row.value is None:
            yield (f"{row.group.capitalize()}: {formats.in_sentence(row.note)}",)
    for row in rows.select(statistic="unknown"):
        yield (live(formats.people(int(row.number), row.unit), row, at=here), f" {row.note}.")


def _why_naive_differs(
    asking: Asking[TimeDependent], here: str
) -> Iterator[tuple[Span, ...]]:
    """Yield the warning: why ever against never misleads, and how much time is immortal."""
    row = asking.rows.find(statistic="immortal_share")
    if row is None:
        return
    share = live(f"{formats.rounded(row.number, 0)}%", row, at=here)
    yield ("The naive comparison is biased: a child must live without the event to be exposed, and "
           "those who had it early can only be in the other group. It counts ", share,
           " of the follow-up of the ever exposed, during which their event could not happen, as "
           "exposed (immortal time); do not report it.")


def sentence_of_time_dependent(asking: Asking[TimeDependent]) -> Iterator[Span]:
    """Yield the time-dependent hazard ratio, and what the naive one would have said."""
    analysis, rows = asking.analysis, asking.rows
    label = asking.plan.endpoints[analysis.endpoint].label
    refused = rows.find(statistic="refused", group=ALL)
    if refused is not None:
        yield f"{label} {analysis.exposed_label} could not be compared: {refused.note} "
        return
    found, naive = (rows.select(group=group) for group in (TIME_DEPENDENT, NAIVE))
    ratio, p = found.one(statistic="ratio"), rows.one(statistic="p", group=TIME_DEPENDENT)
    yield f"For {formats.in_sentence(label)}, the hazard ratio ({analysis.exposed_label} against " \
          f"{analysis.unexposed_label}) was "
    how = "time-dependent Cox regression"
    if ratio.value is None:
        found, how = rows.select(group=firth(TIME_DEPENDENT)), f"{how}, Firth's penalty"
    yield live(ratio_with_interval(found, analysis.confidence), found.one(statistic="ratio"), *(
        found.one(statistic=name) for name in ("ratio_lower", "ratio_upper", "ratio_p")))
    yield f" ({how}"
    if p.value is not None:
        yield "; "
        yield live(formats.test_statement(
            p.method, p.number, significance=asking.plan.study.significance), p)
    yield ")"
    if ratio.value is None:
        yield f"; without the penalty it is {formats.in_sentence(ratio.note.rstrip('.'))}"
    other = naive.one(statistic="ratio")
    if other.value is not None:
        yield "; comparing ever with never naively would have given "
        yield live(formats.ratio(other.number), other, *(
            naive.one(statistic=name) for name in ("ratio_lower", "ratio_upper", "ratio_p")))
        yield ", which immortal time distorts"
    yield ". "


def methods_of_time_dependent(asking: Asking[TimeDependent]) -> Iterator[str]:
    """Yield how an exposure during follow-up was compared."""
    adjusted = " (also with other factors)" if asking.analysis.adjust else ""
    landmarks = ""
    if asking.analysis.landmarks:
        landmarks = f", and from landmarks at {', '.join(map(str, asking.analysis.landmark_times))}"
    yield (f"What came during follow-up ({asking.analysis.exposed_label}) is compared by "
           "Simon–Makuch curves, the Mantel–Byar test and time-dependent Cox regression"
           f"{adjusted} (Mantel & Byar 1974; Simon & Makuch 1984){landmarks}; the naive "
           "comparison of ever with never stands beside it only to show its bias.")


def say_events(number: Number, _: Cohort) -> Iterator[str]:
    """Yield how many events came during exposed time, of all."""
    some = number.results[0]
    yield f"{some.value} events while exposed, among {some.base} exposed."
    for row in number.results[1:]:
        yield f"{row.value} events in all."


def say_immortal(number: Number, _: Cohort) -> Iterator[str]:
    """Yield how much time was immortal."""
    first = number.results[0]
    yield f"{formats.rounded(first.number, 1)}% of the follow-up of {first.base}: {first.note}."
